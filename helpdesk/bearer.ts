/** @module The access token of an API request: who sent it, with which scope. */
import type { Context, MiddlewareHandler } from "hono";
import type Provider from "oidc-provider";
import type { Accounts, User } from "./accounts.ts";
import type { Scope } from "./scopes.ts";

export interface BearerOptions {
  /** Any of the servers that share the token store. */
  readonly server: () => Promise<Provider> | Provider;
  readonly accounts: Accounts;
}

/** What a checked request carries on. */
export interface BearerVariables {
  readonly user: User;
}

const realm = 'Bearer realm="acme-helpdesk"';

/**
 * Lets a request pass whose access token is alive and has the scope; the token is taken from the
 * Authorization header only.
 *
 * @see [RFC 6750 section 3](https://www.rfc-editor.org/rfc/rfc6750#section-3), the refusals
 */
export function requireScope(
  scope: Scope,
  options: BearerOptions,
): MiddlewareHandler<{ Variables: BearerVariables }> {
  return async (context, next) => {
    const header = context.req.header("authorization");
    if (header === undefined) {
      // RFC 6750 3.1: no error code to a request that shows no sign of knowing about tokens.
      return refusal(context, 401, "invalid_token", `${realm}, scope="${scope}"`, noToken);
    }
    const value = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header)?.[1];
    const found = value === undefined ? undefined : await liveToken(options, value);
    if (found === undefined) {
      const challenge = `${realm}, error="invalid_token", error_description="${badToken}"`;
      return refusal(context, 401, "invalid_token", challenge, badToken);
    }
    if (!found.scopes.has(scope)) {
      const description = `this request needs the scope ${scope}`;
      const challenge = `${realm}, error="insufficient_scope", scope="${scope}", error_description="${description}"`;
      return refusal(context, 403, "insufficient_scope", challenge, description, { scope });
    }
    context.set("user", found.user);
    return next();
  };
}

const noToken = "send an access token in the Authorization header, as Bearer";
const badToken = "the access token is unknown, expired or revoked";

async function liveToken(
  { server, accounts }: BearerOptions,
  value: string,
): Promise<{ user: User; scopes: Set<string> } | undefined> {
  const { AccessToken, Grant } = await server();
  const token = await AccessToken.find(value);
  if (token === undefined) return undefined;
  // Without its grant a token is dead, whatever its own row says.
  const grant = token.grantId === undefined ? undefined : await Grant.find(token.grantId);
  const user = accounts.find(token.accountId);
  if (grant === undefined || user === undefined) return undefined;
  return { user, scopes: token.scopes };
}

function refusal(
  context: Context,
  status: 401 | 403,
  error: string,
  challenge: string,
  message: string,
  more: { scope?: Scope } = {},
): Response {
  context.header("WWW-Authenticate", challenge);
  return context.json({ error, message, ...more }, status);
}
