/** @module POST /me/v1/connected-accounts/connect, and the browser's way to the provider. */
import type { Context, Handler } from "hono";
import { z } from "zod";
import { bindBrowser } from "../authentication/browser.ts";
import { isCallback } from "../authentication/callback-urls.ts";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import { isEnabled } from "../login/login-connections.ts";
import { LoginEndedError } from "../login/login-transaction.ts";
import { callbackUri, newProviderTransaction } from "../login/send-to-provider.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { ConnectSessionRow } from "../models/transaction.ts";
import { authorizationUrl, connectScopes } from "../upstream/authorization-url.ts";
import { ProviderError, readProvider } from "../upstream/provider.ts";
import { authorizeCaller, type Caller } from "./authorization.ts";
import { answerConnectError } from "./finish-connect.ts";
import { badRequest, notFound, validationProblem } from "./problem.ts";
import { readBody } from "./request-body.ts";

/** Seconds from POST connect to POST complete. */
const sessionSeconds = 300;

const param = z.string().min(1).max(2048);
const uniqueScopes = z
  .array(
    z
      .string()
      .min(1, "must NOT have fewer than 1 characters")
      .max(255, "must NOT have more than 255 characters"),
  )
  .min(1, "must NOT have fewer than 1 items")
  .max(100, "must NOT have more than 100 items")
  .refine((scopes) => new Set(scopes).size === scopes.length, "must NOT have duplicate items");
const connectBody = z.strictObject({
  connection: z
    .string()
    .min(1, "must NOT have fewer than 1 characters")
    .max(128, "must NOT have more than 128 characters"),
  redirect_uri: z
    .url('must match format "uri"')
    .max(2048, "must NOT have more than 2048 characters"),
  state: z.string().min(1).max(4096, "must NOT have more than 4096 characters").optional(),
  code_challenge: z.string().min(43, "must NOT have fewer than 43 characters").max(128).optional(),
  code_challenge_method: z.literal("S256", "must be equal to constant").optional(),
  scopes: uniqueScopes.optional(),
  authorization_params: z
    .strictObject({
      acr_values: param,
      audience: param,
      resource: param,
      display: z.enum(["page", "popup", "touch", "wap"]),
      id_token_hint: param,
      login_hint: z.string().min(1).max(255),
      max_age: z.union([z.number().int().nonnegative(), z.string().regex(/^\d+$/)]),
      prompt: z.enum(["none", "login", "consent", "select_account"]),
      ui_locales: param,
    })
    .partial()
    .optional(),
});
type ConnectBody = z.output<typeof connectBody>;

export function connectEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    const caller = await authorizeCaller(tenant, context, "create:me:connected_accounts");
    const body = await readBody(context, connectBody);
    if (body.code_challenge !== undefined && body.code_challenge_method === undefined) {
      const detail =
        "data must have property code_challenge_method when property code_challenge is present";
      throw validationProblem([
        { detail, pointer: "", field: "code_challenge_method", source: "body" },
      ]);
    }
    const connection = findConnection(tenant, caller, body.connection);
    if (!isCallback(body.redirect_uri, caller.client.callbacks ?? [])) {
      const detail = "redirect_uri is not in the application's Allowed Callback URLs";
      throw validationProblem([
        { detail, pointer: "/redirect_uri", field: "redirect_uri", source: "body" },
      ]);
    }
    const authSession = tenant.ids.newText(64);
    const ticket = crypto.randomUUID();
    const session = newSession(tenant, caller, { body, connection, authSession });
    tenant.store.transaction(() => {
      tenant.store.connectSessions.put(session.id, session, session.expiresAt);
      const id = ticketId(ticket);
      const row = { id, kind: "ticket", connectSessionId: session.id } as const;
      tenant.store.transactions.put(id, row, session.expiresAt);
    });
    context.header("Cache-Control", "no-store");
    return context.json(
      {
        auth_session: authSession,
        connect_uri: `${tenant.settings.issuer}connected-accounts/connect`,
        connect_params: { ticket },
        expires_in: sessionSeconds,
      },
      201,
    );
  };
}

/**
 * GET /connected-accounts/connect?ticket=…: the browser's entry. A ticket is good once, and from here on the
 * session belongs to this browser.
 *
 * @throws {LoginEndedError} Shown on a page.
 */
export function connectPage(tenant: TenantContext): Handler {
  return async (context) => {
    const row = tenant.store.transactions.take(ticketId(context.req.query("ticket") ?? ""));
    const session =
      row?.kind === "ticket" ? tenant.store.connectSessions.get(row.connectSessionId) : undefined;
    if (session === undefined) {
      throw new LoginEndedError(
        "This link was used before or has ended. Go back to the application and connect again.",
      );
    }
    return sendConnect(tenant, context, session);
  };
}

async function sendConnect(
  tenant: TenantContext,
  context: Context,
  session: ConnectSessionRow,
): Promise<Response> {
  const connection = tenant.store.connections.get(session.connectionId);
  try {
    if (connection === undefined) throw new ProviderError("the connection was deleted");
    const provider = readProvider(connection, tenant.settings.providerOrigins);
    const scopes = connectScopes(provider, session.scopes);
    const away = newProviderTransaction(tenant, provider, {
      purpose: "connect",
      parentId: session.id,
      connectionId: connection.id,
      browserHash: bindBrowser(tenant, context),
      scopes,
    });
    const url = await authorizationUrl({
      provider,
      redirectUri: callbackUri(tenant),
      state: away.id,
      scope: session.scopes === undefined ? provider.scopeText : scopes.join(" "),
      codeVerifier: away.codeVerifier,
      ownParams: session.authorizationParams,
      extraParams: session.authorizationParams,
    });
    return context.redirect(url, 302);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return answerConnectError(tenant, context, session, {
      error: "invalid_request",
      description: error.message,
    });
  }
}

/** One answer for an unknown connection and for one that is not open to the application (inferred). */
function findConnection(tenant: TenantContext, caller: Caller, name: string): ConnectionRow {
  const [connection] = tenant.store.connections.find("name", name);
  if (connection === undefined) throw notFound(`The connection "${name}" was not found.`);
  if (!isEnabled(connection, caller.client)) {
    throw notFound(`The connection "${name}" is not enabled for the application.`);
  }
  if (!connection.connected_accounts.active) {
    throw badRequest(
      `Connected Accounts for Token Vault is not enabled for the connection "${name}".`,
    );
  }
  return connection;
}

function newSession(
  tenant: TenantContext,
  caller: Caller,
  about: { body: ConnectBody; connection: ConnectionRow; authSession: string },
): ConnectSessionRow {
  const { body } = about;
  const params = Object.entries(body.authorization_params ?? {}).map(([name, value]) => [
    name,
    String(value),
  ]);
  return {
    id: sha256(about.authSession),
    user_id: caller.userId,
    clientId: caller.client.client_id,
    connectionId: about.connection.id,
    redirectUri: body.redirect_uri,
    ...(body.state === undefined ? {} : { state: body.state }),
    ...(body.code_challenge === undefined ? {} : { codeChallenge: body.code_challenge }),
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
    authorizationParams: Object.fromEntries(params),
    expiresAt: tenant.now() + sessionSeconds,
  };
}

function ticketId(ticket: string): string {
  return `ticket:${sha256(ticket)}`;
}
