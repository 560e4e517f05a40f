/** @module The Token Vault exchange: the user's Auth0 token for a token of their provider account. */
import { VaultError } from "./errors.ts";
import { type Tenant, tokenRequest } from "./tenant.ts";
import { type HeldToken, heldToken } from "./token-cache.ts";

/** The user's Auth0 token that stands for them. */
export interface Subject {
  type: "refresh_token" | "access_token";
  token: string;
}

/** The grant type that the client must have. */
const GRANT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
/** Life of a token of which the tenant does not say it, in seconds. */
const FALLBACK_TTL_SECONDS = 3600;

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
  const event = (code?: string) =>
    tenant.onEvent({
      type: "exchange",
      connection,
      ms: tenant.now() - began,
      ...(code ? { code } : {}),
    });
  try {
    const body = await tokenRequest(
      tenant,
      {
        grant_type: GRANT,
        subject_token: subject.token,
        subject_token_type: `urn:ietf:params:oauth:token-type:${subject.type}`,
        requested_token_type: "http://auth0.com/oauth/token-type/federated-connection-access-token",
        connection,
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
      },
      connection,
    );
    event();
    return heldToken(began, ttlMsOf(body), {
      accessToken: body.access_token,
      connection,
      ...scopesOf(body),
    });
  } catch (error) {
    event(error instanceof VaultError ? error.code : "NETWORK");
    throw error;
  }
}

/** `expires_in` in milliseconds; the fallback where it is absent or no number. */
export function ttlMsOf(body: Record<string, unknown>): number {
  const seconds = Number.parseFloat(`${body["expires_in"]}`);
  return (Number.isNaN(seconds) ? FALLBACK_TTL_SECONDS : Math.max(0, seconds)) * 1000;
}

/** The granted scopes. Some providers separate them by commas, which reach us as they are. */
export function scopesOf(body: Record<string, unknown>): { scopes?: string[] } {
  const { scope } = body;
  return typeof scope === "string" ? { scopes: scope.split(/[\s,]+/).filter(Boolean) } : {};
}
