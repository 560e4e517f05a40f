/** @module The Token Vault exchange: the user's Auth0 token for a token of their provider account. */
import type { VaultError } from "./errors.ts";
import { type Tenant, tokenRequest } from "./tenant.ts";
import type { HeldToken } from "./token-cache.ts";

/** The user's Auth0 token that stands for them. */
export interface Subject {
  type: "refresh_token" | "access_token";
  token: string;
}

/**
 * Exchanges the user's Auth0 token for an access token of their account at the provider. One POST;
 * `expires_in` is what is left of the life of the token in the vault.
 *
 * @param loginHint The account's id at the provider, where the user has several.
 *
 * @throws {VaultError} Every refusal; `NOT_CONNECTED` when the vault has nothing.
 * @see [RFC 8693 section 2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1), the request
 */
export async function exchange(
  tenant: Tenant,
  subject: Subject,
  connection: string,
  loginHint: string | undefined,
): Promise<HeldToken> {
  const began = tenant.now();
  const event = (error?: VaultError) =>
    tenant.onEvent({
      type: "exchange",
      connection,
      ms: tenant.now() - began,
      ...(error ? { code: error.code } : {}),
    });
  const kind = "federated-connection-access-token";
  const held = tokenRequest(tenant, {
    grant_type: `urn:auth0:params:oauth:grant-type:token-exchange:${kind}`,
    subject_token: subject.token,
    subject_token_type: `urn:ietf:params:oauth:token-type:${subject.type}`,
    requested_token_type: `http://auth0.com/oauth/token-type/${kind}`,
    connection,
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
  });
  held.then(() => event(), event);
  return held;
}
