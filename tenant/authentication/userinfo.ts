/** @module GET and POST /userinfo. */
import type { Context, Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { readUserInfoToken } from "./access-token.ts";
import { postedForm } from "./body-params.ts";
import { noStore } from "./oauth-refusal.ts";
import { userClaims } from "./user-claims.ts";

/** @see [OpenID Connect Core section 5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo) */
export function userInfoEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    noStore(context);
    const token = await bearerToken(context);
    if (token === undefined) return unauthorized(context, "Bearer", "No access token was sent");
    const claims = await readUserInfoToken(tenant, token);
    const user = claims === undefined ? undefined : tenant.store.users.get(claims.sub);
    if (claims === undefined || user === undefined || !claims.scopes.includes("openid")) {
      const challenge =
        'Bearer error="invalid_token", error_description="The access token is invalid or has expired"';
      return unauthorized(context, challenge, "The access token is invalid or has expired");
    }
    return context.json({ ...userClaims(user, claims.scopes), sub: user.user_id });
  };
}

/** RFC 6750: in the header, or in the form of a POST. */
async function bearerToken(context: Context): Promise<string | undefined> {
  const header = /^Bearer +(\S+)$/i.exec(context.req.header("authorization") ?? "");
  if (header !== null) return header[1];
  if (context.req.method !== "POST") return undefined;
  return (await postedForm(context))["access_token"];
}

function unauthorized(context: Context, challenge: string, description: string): Response {
  context.header("WWW-Authenticate", challenge);
  return context.json({ error: "invalid_token", error_description: description }, 401);
}
