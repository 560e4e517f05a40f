/** @module Who calls the My Account API, and whether the token's scope is enough. */
import type { Context } from "hono";
import { readClaims } from "../authentication/access-token.ts";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import { notFound, Problem } from "./problem.ts";

/** The user, and the application that acts for them. */
export interface Caller {
  readonly userId: string;
  readonly client: ClientRow;
}

/** `https://DOMAIN/me/`, with the slash. */
function myAccountAudience(tenant: TenantContext): string {
  return `${tenant.settings.issuer}me/`;
}

/**
 * @throws {Problem} 404 while the tenant's owner has not activated the API; 401 without a good token
 * for it; 403 without the scope.
 */
export async function authorizeCaller(
  tenant: TenantContext,
  context: Context,
  scope: string,
): Promise<Caller> {
  const audience = myAccountAudience(tenant);
  if (tenant.store.resourceServers.find("identifier", audience).length === 0) {
    throw notFound(
      `The requested resource ${context.req.method} ${context.req.path} was not found. ` +
        "The My Account API is not activated in this tenant.",
    );
  }
  const claims = await readToken(tenant, context, audience);
  const user = tenant.store.users.get(claims.sub);
  const client = tenant.store.clients.get(claims.clientId);
  if (user === undefined || user.blocked === true || client === undefined) {
    throw invalidToken("The token's user or application is gone or blocked.");
  }
  if (claims.scopes.includes(scope)) return { userId: user.user_id, client };
  context.header("WWW-Authenticate", `Bearer error="insufficient_scope", scope="${scope}"`);
  throw new Problem(
    403,
    "A0E-403-0002",
    "Insufficient Scope",
    `Insufficient scope, expected: ${scope}`,
  );
}

async function readToken(tenant: TenantContext, context: Context, audience: string) {
  const header = context.req.header("authorization");
  if (header === undefined) {
    context.header("WWW-Authenticate", "Bearer");
    throw new Problem(401, "A0E-401-0002", "Missing Token", "No auth token provided.");
  }
  context.header("WWW-Authenticate", 'Bearer error="invalid_token"');
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) throw invalidToken("The Authorization header is no Bearer token.");
  const verified = await tenant.keys.verify(token, { audience }).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    throw invalidToken(
      code === "ERR_JWT_EXPIRED"
        ? "The token has expired."
        : `The token is not valid for ${audience}.`,
    );
  });
  const claims = readClaims(verified);
  if (claims === undefined) throw invalidToken("The token lacks claims of an access token.");
  context.header("WWW-Authenticate", undefined);
  return claims;
}

function invalidToken(detail: string): Problem {
  return new Problem(401, "A0E-401-0003", "Invalid Token", detail);
}
