/** @module grant_type=refresh_token, with multi-resource refresh tokens (MRRT). */
import type { TenantContext } from "../../context.ts";
import type { RefreshTokenRow } from "../../models/refresh-token.ts";
import type { UserRow } from "../../models/user.ts";
import { missing, OAuthRefusal } from "../oauth-refusal.ts";
import { findRefreshToken, rotateRefreshToken, touchRefreshToken } from "../refresh-tokens.ts";
import { scopesOf } from "../scopes.ts";
import type { Grant, GrantAnswer, GrantRequest } from "./grant.ts";
import { multiResourceScopes } from "./multi-resource.ts";
import { type Granted, tokenAnswer } from "./token-answer.ts";

export const refreshTokenGrant: Grant = {
  run,
  success: "sertft",
  failure: "fertft",
  name: "Refresh Token for Access Token",
};

async function run({ tenant, client, params }: GrantRequest): Promise<GrantAnswer> {
  const text = params["refresh_token"];
  if (text === undefined) throw missing("refresh_token");
  const row = findRefreshToken(tenant, client, text);
  const user = refreshTokenUser(tenant, row);
  const { audience, scopes: allowed } = multiResourceScopes(
    tenant,
    client,
    row,
    params["audience"],
  );
  const asked = params["scope"] === undefined ? undefined : scopesOf(params["scope"]);
  const scopes = asked === undefined ? allowed : allowed.filter((scope) => asked.includes(scope));
  // Before the first await: of two uses at once the second one has to see that the token is used up.
  const rotated = client.refresh_token.rotation_type === "rotating";
  const refreshToken = rotated ? rotateRefreshToken(tenant, client, row) : undefined;
  if (!rotated) touchRefreshToken(tenant, client, row);
  return tokenAnswer(tenant, {
    ...{ client, user, sessionId: row.session_id, audience, scopes, grantType: "refresh_token" },
    ...idTokenScopes(row, scopes),
    refreshToken: () => refreshToken,
  });
}

/** @throws {OAuthRefusal} The user is gone or blocked. */
export function refreshTokenUser(tenant: TenantContext, row: RefreshTokenRow): UserRow {
  const user = tenant.store.users.get(row.user_id);
  if (user === undefined) {
    const detail = "the user of the refresh token was deleted";
    throw new OAuthRefusal(403, "invalid_grant", "Unknown or invalid refresh token.", { detail });
  }
  if (user.blocked === true) throw new OAuthRefusal(403, "unauthorized", "user is blocked");
  return user;
}

/** An ID token comes with `openid`, which the login must have had. */
function idTokenScopes(row: RefreshTokenRow, scopes: string[]): Pick<Granted, "idToken"> {
  const original = scopesOf(row.scope);
  if (!original.includes("openid")) return {};
  // Claims follow the login's scopes: the access token may be for an API that knows none of them.
  return { idToken: { scopes: scopes.includes("openid") ? scopes : original } };
}
