/** @module The door for programs that bring a fetchUserProfile script: `token-vault-kit/scripts`. */
export type {
  FetchUserProfile,
  SandboxRequest,
  SandboxRequestCallback,
  SandboxRequestOptions,
  UserProfile,
} from "./auth0-script.ts";
export {
  BundlerMissingError,
  type BundleScriptOptions,
  bundleScript,
  ScriptBundleError,
} from "./bundle-script.ts";
export { type ProfileScriptOptions, profileScript } from "./profile-script.ts";
