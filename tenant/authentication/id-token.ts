/** @module ID tokens. */
import { SignJWT } from "jose";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { UserRow } from "../models/user.ts";
import { userClaims } from "./user-claims.ts";

export interface IdTokenRequest {
  readonly client: ClientRow;
  readonly user: UserRow;
  readonly scopes: readonly string[];
  readonly sessionId: string;
  readonly nonce?: string | undefined;
  /** Epoch seconds; given when the request had max_age. */
  readonly authTime?: number | undefined;
}

/** Seconds, where the client says nothing. */
const defaultSeconds = 36_000;

/**
 * RS256, or HS256 with the client's secret where its `jwt_configuration.alg` says so. (That a client
 * without `alg` gets RS256 is inferred.)
 *
 * @see [OpenID Connect Core section 2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
 */
export async function issueIdToken(
  tenant: TenantContext,
  request: IdTokenRequest,
): Promise<string> {
  const { client, user } = request;
  const now = tenant.now();
  const claims = {
    ...userClaims(user, request.scopes),
    iss: tenant.settings.issuer,
    aud: client.client_id,
    sub: user.user_id,
    iat: now,
    exp: now + (client.jwt_configuration.lifetime_in_seconds ?? defaultSeconds),
    sid: request.sessionId,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.authTime === undefined ? {} : { auth_time: request.authTime }),
  };
  if (client.jwt_configuration.alg !== "HS256") return tenant.keys.sign(claims);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(client.client_secret));
}
