/** @module private_key_jwt: a client proves itself with a JWT that only its key can have signed. */
import { decodeJwt, importSPKI, type JWTPayload, jwtVerify } from "jose";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { ClientCredential, ClientRow } from "../models/client.ts";
import type { Params } from "./body-params.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export const assertionAlgorithms = ["RS256", "RS384", "PS256", "PS384"];

/** Seconds that an assertion may still have to live; longer ones are refused (inferred). */
const maxSeconds = 3_600;

/** Whose assertion a request brings, before anything of it is checked. */
export function assertionClientId(params: Params): string | undefined {
  const assertion = params["client_assertion"];
  if (assertion === undefined) return undefined;
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}

/**
 * Checks an assertion: signature by one of the client's attached keys, issuer and subject, audience, age; each
 * `jti` is taken once.
 *
 * @throws {OAuthRefusal} 401 invalid_client; the reason is in the detail.
 * @see [RFC 7523 section 3](https://www.rfc-editor.org/rfc/rfc7523#section-3)
 */
export async function checkAssertion(
  tenant: TenantContext,
  client: ClientRow,
  params: Params,
): Promise<void> {
  if (params["client_assertion_type"] !== assertionType) {
    throw refusal(`client_assertion_type must be ${assertionType}`);
  }
  const claims = await verifiedClaims(tenant, client, params["client_assertion"] ?? "");
  const now = tenant.now();
  if (claims.exp === undefined || claims.exp > now + maxSeconds) {
    throw refusal(`the assertion has no exp, or one that is more than ${maxSeconds} seconds away`);
  }
  if (typeof claims.jti !== "string" || claims.jti === "")
    throw refusal("the assertion has no jti");
  const id = `assertion:${sha256(JSON.stringify([client.client_id, claims.jti]))}`;
  if (tenant.store.transactions.get(id) !== undefined) throw refusal("the jti was used before");
  tenant.store.transactions.put(id, { id, kind: "assertion" }, claims.exp);
}

async function verifiedClaims(
  tenant: TenantContext,
  client: ClientRow,
  assertion: string,
): Promise<JWTPayload> {
  const { issuer } = tenant.settings;
  let reason = "the client has no key attached";
  for (const credential of attachedCredentials(tenant, client)) {
    try {
      const key = await importSPKI(credential.pem ?? "", credential.alg);
      const { payload } = await jwtVerify(assertion, key, {
        algorithms: assertionAlgorithms,
        issuer: client.client_id,
        subject: client.client_id,
        audience: [issuer, issuer.slice(0, -1), `${issuer}oauth/token`],
        currentDate: new Date(tenant.now() * 1000),
      });
      return payload;
    } catch (error) {
      reason = error instanceof Error ? error.message : "it can't be read";
    }
  }
  throw refusal(`the assertion was not accepted: ${reason}`);
}

function attachedCredentials(tenant: TenantContext, client: ClientRow): ClientCredential[] {
  const attached = client.client_authentication_methods?.private_key_jwt?.credentials ?? [];
  return (client.credentials ?? []).filter(({ id, expires_at: end }) => {
    const ended = end !== undefined && Date.parse(end) <= tenant.now() * 1000;
    return !ended && attached.some((each) => each.id === id);
  });
}

function refusal(detail: string): OAuthRefusal {
  return new OAuthRefusal(401, "invalid_client", "Client authentication failed", { detail });
}
