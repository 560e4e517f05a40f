/** @module What a good authorize request leads to: a code at once, a page, or the provider. */
import type { Context } from "hono";
import { AuthorizePageError } from "../authentication/authorize-request.ts";
import { currentSession } from "../authentication/browser.ts";
import { readIdTokenHint } from "../authentication/id-token-hint.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { SessionRow } from "../models/session.ts";
import type { AuthorizeRequest } from "../models/transaction.ts";
import { needsConsent } from "./consent.ts";
import { finishLogin } from "./finish-login.ts";
import { isEnabled, loginConnections, social } from "./login-connections.ts";
import { newLogin } from "./login-transaction.ts";
import { sendToProvider } from "./send-to-provider.ts";

/**
 * A session that is fresh enough answers without a page; `prompt=none` never shows one.
 *
 * @throws {AuthorizePageError} The client has no connection, or not the one that was asked for.
 * @throws {OAuthRefusal} `login_required` or `consent_required`.
 */
export async function beginLogin(
  tenant: TenantContext,
  context: Context,
  request: AuthorizeRequest,
): Promise<Response> {
  const client = tenant.store.clients.get(request.clientId);
  if (client === undefined) throw new OAuthRefusal(400, "invalid_request", "Unknown client");
  const connection = requestedConnection(tenant, client, request);
  const session = await usableSession(tenant, context, request);
  if (request.prompt.includes("none")) {
    if (session === undefined) throw new OAuthRefusal(400, "login_required", "Login required");
    if (needsConsent(tenant, client, request, session.user_id)) {
      throw new OAuthRefusal(400, "consent_required", "Consent required");
    }
    return finishLogin(tenant, context, { request, session });
  }
  if (session !== undefined) return finishLogin(tenant, context, { request, session });
  const login = newLogin(tenant, context, request);
  if (connection !== undefined && social.has(connection.strategy)) {
    return sendToProvider(tenant, context, login, connection);
  }
  const page = request.screenHint === "signup" ? "signup" : "login";
  return context.redirect(`/u/${page}?state=${login.id}`, 302);
}

function requestedConnection(
  tenant: TenantContext,
  client: ClientRow,
  request: AuthorizeRequest,
): ConnectionRow | undefined {
  const offered = loginConnections(tenant, client);
  if (request.connection === undefined) {
    if (offered.database === undefined && offered.social.length === 0)
      throw refused("no connections enabled for the client");
    return undefined;
  }
  const [connection] = tenant.store.connections.find("name", request.connection);
  if (connection === undefined) throw refused("the connection was not found");
  if (!isEnabled(connection, client)) throw refused("the connection is not enabled");
  if (!connection.authentication.active) throw refused("the connection was disabled");
  if (connection.strategy !== "auth0" && !social.has(connection.strategy)) {
    throw refused(`this local tenant can't sign in with the strategy ${connection.strategy}`);
  }
  return connection;
}

function refused(text: string): AuthorizePageError {
  return new AuthorizePageError("invalid_request", "Oops!, something went wrong", text);
}

/** @see [OpenID Connect Core section 3.1.2.3](https://openid.net/specs/openid-connect-core-1_0.html#Authenticates) */
async function usableSession(
  tenant: TenantContext,
  context: Context,
  request: AuthorizeRequest,
): Promise<SessionRow | undefined> {
  const session = currentSession(tenant, context);
  if (session === undefined) return undefined;
  if (request.prompt.includes("login") || request.prompt.includes("select_account"))
    return undefined;
  if (isTooOld(tenant, session, request.maxAge)) return undefined;
  if (request.connection !== undefined && request.connection !== session.connection)
    return undefined;
  if (request.idTokenHint !== undefined) {
    const hint = await readIdTokenHint(tenant, request.idTokenHint);
    if (hint?.sub !== session.user_id) return undefined;
  }
  return tenant.store.users.get(session.user_id) === undefined ? undefined : session;
}

/** `max_age=0` asks for a new sign-in, as `prompt=login` does. */
function isTooOld(tenant: TenantContext, session: SessionRow, maxAge: number | undefined): boolean {
  if (maxAge === undefined) return false;
  return maxAge === 0 || tenant.now() - session.auth_time > maxAge;
}
