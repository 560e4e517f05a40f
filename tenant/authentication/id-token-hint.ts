/** @module ID tokens of this tenant that come back as a hint. */
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";

/** Who the token was about, and which client it was for. */
export interface IdTokenHint {
  readonly sub: string;
  readonly clientId: string;
}

const claims = z.looseObject({ sub: z.string(), aud: z.string() });

/**
 * Reads a hint whose time may be over: it says who was there, and opens nothing. It is signed as ID tokens are: with
 * the tenant's key, or with the client's secret.
 *
 * @returns Undefined when the tenant didn't sign it.
 * @see [OpenID Connect Core section 3.1.2.2](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation)
 */
export async function readIdTokenHint(
  tenant: TenantContext,
  hint: string,
): Promise<IdTokenHint | undefined> {
  const client = secretsClient(tenant, hint);
  const verified = client ? verifyBySecret(tenant, client, hint) : tenant.keys.verify(hint);
  const payload = await verified.catch(payloadOfEnded);
  const { data } = claims.safeParse(payload);
  return data === undefined ? undefined : { sub: data.sub, clientId: data.aud };
}

/**
 * The client whose secret the hint has to be signed with. What the hint says of itself is not believed: only a client
 * whose ID tokens are signed so has such hints.
 */
function secretsClient(tenant: TenantContext, hint: string): ClientRow | undefined {
  try {
    if (decodeProtectedHeader(hint).alg !== "HS256") return undefined;
    const { data } = claims.safeParse(decodeJwt(hint));
    const client = data && tenant.store.clients.get(data.aud);
    return client?.jwt_configuration.alg === "HS256" ? client : undefined;
  } catch {
    return undefined;
  }
}

async function verifyBySecret(
  tenant: TenantContext,
  client: ClientRow,
  hint: string,
): Promise<unknown> {
  const { payload } = await jwtVerify(hint, new TextEncoder().encode(client.client_secret), {
    algorithms: ["HS256"],
    issuer: tenant.settings.issuer,
    audience: client.client_id,
    currentDate: new Date(tenant.now() * 1000),
  });
  return payload;
}

/** The signature is checked before the times: what has only ended is ours all the same. */
function payloadOfEnded(error: unknown): unknown {
  const ended = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
  return ended && "payload" in error ? error.payload : undefined;
}
