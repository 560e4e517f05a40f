/** @module Bundles oidc-profile.ts, and writes the text as the TypeScript file that is committed. */
import { fileURLToPath } from "node:url";
import { bundleScript } from "./bundle-script.ts";
import { userinfoUrlPlaceholder } from "./profile-script.ts";

/** The committed file. It is there since starting esbuild takes longer than the rest of a program's start. */
export const generatedFile = fileURLToPath(new URL("./oidc-profile.generated.ts", import.meta.url));

/** The content of {@link generatedFile}. */
export function generatedModule(): string {
  const literal = bundleOidcProfile().replace(/[\\`]|\$\{/g, "\\$&");
  return `/** @module oidc-profile.ts as Auth0 runs it; made by \`node scripts/main.ts\`, not by hand. */

export const oidcProfileText = \`${literal}\`;
`;
}

/** The script with {@link userinfoUrlPlaceholder} in the URL's place. */
function bundleOidcProfile(): string {
  return bundleScript({
    entry: fileURLToPath(new URL("./oidc-profile.ts", import.meta.url)),
    define: { USERINFO_URL: JSON.stringify(userinfoUrlPlaceholder) },
  });
}
