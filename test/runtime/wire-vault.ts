/** @module A vault whose tenant is a wire server, with the answers that nearly every test needs. */
import { onTestFinished } from "vitest";
import { ClientSecretPost } from "../../runtime/client-auth.ts";
import { VaultError } from "../../runtime/errors.ts";
import { TokenVault, type TokenVaultOptions } from "../../runtime/index.ts";
import { type Answers, type Reply, type Seen, type WireServer, wireServer } from "./wire-server.ts";

export const VAULT_GRANT =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
export const ALL_SCOPES =
  "create:me:connected_accounts read:me:connected_accounts delete:me:connected_accounts";

/** Starts a tenant for this test. */
export async function tenantServer(answers: Answers): Promise<WireServer> {
  const server = await wireServer(answers);
  onTestFinished(() => server.close());
  return server;
}

/** Starts an API for this test. */
export async function apiServer(
  answers: Answers,
  options?: { plain?: boolean; host?: string },
): Promise<WireServer> {
  const server = await wireServer(answers, options);
  onTestFinished(() => server.close());
  return server;
}

/** Makes a vault of a user with the refresh token "rt-alice". */
export function vaultAt(tenant: WireServer, options: Partial<TokenVaultOptions> = {}): TokenVault {
  return new TokenVault({
    domain: tenant.host,
    clientId: "client-1",
    clientAuth: ClientSecretPost("s3cret-of-the-client"),
    subjectToken: { type: "refresh_token", value: "rt-alice" },
    allowedDomains: ["localhost"],
    ...options,
  });
}

/** The documented answer of a vault exchange, with a new token each time. */
export function exchanges(count = { made: 0 }, fields: Record<string, unknown> = {}): Answers {
  return ({ path, form }) => {
    if (path !== "/oauth/token" || form.get("grant_type") !== VAULT_GRANT) return undefined;
    count.made++;
    return {
      json: {
        access_token: `at-${count.made}`,
        scope: "read:tickets write:tickets",
        expires_in: 1377,
        issued_token_type: "http://auth0.com/oauth/token-type/federated-connection-access-token",
        token_type: "Bearer",
        ...fields,
      },
    };
  };
}

/** Answers of `/oauth/token` for the My Account API, and `api` for its calls. */
export function myAccount(api: Answers, scope = ALL_SCOPES): Answers {
  return (seen) =>
    seen.path === "/oauth/token"
      ? { json: { access_token: "me-token", token_type: "Bearer", expires_in: 86_400, scope } }
      : api(seen);
}

/** The error that a promise ends with; fails when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<VaultError> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in result && result.error instanceof VaultError) return result.error;
  throw new Error(`expected a VaultError, got ${JSON.stringify(result)}`, { cause: result });
}

export type { Reply, Seen };
