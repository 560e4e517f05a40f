/** @module The runtime's door: what an app imports as `token-vault-kit/runtime`. */
export { type ClientAuth, ClientSecretBasic, ClientSecretPost } from "./client-auth.ts";
export type { ConnectOptions, ConnectStart } from "./connect.ts";
export {
  NotConnectedError,
  ScopesNeededError,
  VaultError,
  type VaultErrorCode,
  type VaultErrorDetail,
} from "./errors.ts";
export type { FetchInput } from "./guarded-fetch.ts";
export type { Account } from "./my-account.ts";
export type { RetryOptions, VaultEvent } from "./send.ts";
export { memoryStore, type TokenStore } from "./token-cache.ts";
export { TokenVault } from "./token-vault.ts";
export type {
  ProviderToken,
  SubjectToken,
  TokenOptions,
  TokenVaultOptions,
} from "./vault-options.ts";
