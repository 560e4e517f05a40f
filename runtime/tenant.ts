/** @module The tenant as this client sees it: its answers, its tokens, and its refusals. */
import type { ClientAuth } from "./client-auth.ts";
import { VaultError } from "./errors.ts";
import type { Answer } from "./refusals.ts";
import { askedDelayMs, type Http, send } from "./send.ts";
import { type HeldToken, heldToken } from "./token-cache.ts";

/** A tenant, and the client in it that may use Token Vault. */
export interface Tenant extends Http {
  /** `https://DOMAIN/`, which is also the issuer. */
  issuer: string;
  clientId: string;
  clientAuth: ClientAuth;
}

/** Life of a token of which the tenant does not say it, in seconds. */
const FALLBACK_TTL_SECONDS = 3600;

/**
 * Gets a token from the token endpoint. Never follows a redirect: it would carry the client's secret.
 *
 * @param onBody Told what else the answer has.
 *
 * @throws {VaultError} Every refusal, as the code that names the missing piece.
 */
export async function tokenRequest(
  tenant: Tenant,
  parameters: Record<string, string>,
  onBody?: (body: Answer["body"]) => unknown,
): Promise<HeldToken> {
  const began = tenant.now();
  const { connection } = parameters;
  const form = new URLSearchParams(parameters);
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
  await tenant.clientAuth({ clientId: tenant.clientId, form, headers, audience: tenant.issuer });
  const answer = await ask(tenant, "oauth/token", { method: "POST", headers, body: `${form}` });
  const { status, body } = answer;
  const { access_token: accessToken, expires_in, scope } = body;
  if (status !== 200 || typeof accessToken !== "string") {
    // Loaded when there is a refusal: most requests meet none.
    const { tokenRefusal } = await import("./refusals.ts");
    throw new VaultError(...tokenRefusal(tenant.issuer, answer, connection));
  }
  await onBody?.(body);
  const seconds = Number.parseFloat(`${expires_in}`);
  return heldToken(
    began,
    (seconds >= 0 ? seconds : seconds < 0 ? 0 : FALLBACK_TTL_SECONDS) * 1000,
    {
      accessToken,
      connection,
      // Some providers separate scopes by commas, which reach us as they are.
      scopes: typeof scope === "string" ? scope.split(/[\s,]+/).filter(Boolean) : undefined,
    },
  );
}

/** Sends a request to the tenant and reads its JSON. */
export function ask(tenant: Tenant, path: string, init: RequestInit): Promise<Answer> {
  return send(tenant, new URL(path, tenant.issuer), init, true, async (response) => {
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      // An error page of a proxy, or no body at all: the status says enough.
    }
    return {
      status: response.status,
      retryAfterMs: askedDelayMs(tenant, response),
      // Text and numbers have no member of ours, as nothing has none.
      body: Object(body),
    };
  });
}
