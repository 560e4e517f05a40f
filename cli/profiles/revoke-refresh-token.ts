/** @module Makes a refresh token worthless at the tenant. */
import * as oauth from "oauth4webapi";
import { say } from "../output.ts";
import type { Session } from "./session.ts";

/**
 * Revokes the refresh token. A tenant that can't be reached does not keep the user from signing out: the
 * person is told.
 *
 * @see [RFC 7009 section 2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1)
 */
export async function revokeRefreshToken(
  { profile, timeoutMs }: Session,
  token: string,
): Promise<void> {
  const issuer = `https://${profile.domain}/`;
  try {
    const response = await oauth.revocationRequest(
      { issuer, revocation_endpoint: `${issuer}oauth/revoke` },
      { client_id: profile.clientId },
      oauth.ClientSecretPost(profile.clientSecret),
      token,
      { signal: AbortSignal.timeout(timeoutMs) },
    );
    await oauth.processRevocationResponse(response);
  } catch (error) {
    say(
      `The refresh token was not revoked at ${profile.domain}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
