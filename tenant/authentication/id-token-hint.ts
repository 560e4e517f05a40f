/** @module ID tokens of this tenant that come back as a hint. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";

/** Who the token was about, and which client it was for. */
export interface IdTokenHint {
  readonly sub: string;
  readonly clientId: string;
}

const claims = z.looseObject({ sub: z.string(), aud: z.string() });

/**
 * Reads a hint whose time may be over: it says who was there, and opens nothing.
 *
 * @returns Undefined when the tenant didn't sign it.
 * @see [OpenID Connect Core section 3.1.2.2](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation)
 */
export async function readIdTokenHint(
  tenant: TenantContext,
  hint: string,
): Promise<IdTokenHint | undefined> {
  const payload = await tenant.keys.verify(hint).catch(payloadOfEnded);
  const { data } = claims.safeParse(payload);
  return data === undefined ? undefined : { sub: data.sub, clientId: data.aud };
}

/** The signature is checked before the times: what has only ended is ours all the same. */
function payloadOfEnded(error: unknown): unknown {
  const ended = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
  return ended && "payload" in error ? error.payload : undefined;
}
