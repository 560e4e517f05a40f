/** @module GET /login/callback: where providers send the browser back to, after a login or a connect. */
import type { Context, Handler } from "hono";
import { refuseApp } from "../authentication/authorize-answer.ts";
import { browserHash, startSession } from "../authentication/browser.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { ProviderTransaction } from "../models/transaction.ts";
import { finishConnect } from "../my-account/finish-connect.ts";
import { finishLogin } from "./finish-login.ts";
import { findLogin, LoginEndedError } from "./login-transaction.ts";
import { ProviderLoginError, providerLogin } from "./provider-login.ts";
import { saveSocialUser } from "./social-user.ts";

/**
 * The `state` is looked up and used up in one step, and only the browser that was sent away may
 * bring it back. An error of the provider is relayed to the app.
 *
 * @throws {LoginEndedError} Shown on a page: there is no app to tell.
 */
export function providerCallback(tenant: TenantContext): Handler {
  return async (context) => {
    const away = takeTransaction(tenant, context);
    if (away.purpose === "connect") return finishConnect(tenant, context, away);
    return finishProviderLogin(tenant, context, away);
  };
}

function takeTransaction(tenant: TenantContext, context: Context): ProviderTransaction {
  const state = context.req.query("state") ?? "";
  const away = tenant.store.transactions.get(state);
  if (away?.kind !== "provider" || away.browserHash !== browserHash(tenant, context)) {
    throw new LoginEndedError(
      "Invalid state: the provider's answer belongs to no sign-in of this browser, or was used before. " +
        "Go back to the application and try again.",
    );
  }
  tenant.store.transactions.delete(state);
  return away;
}

async function finishProviderLogin(
  tenant: TenantContext,
  context: Context,
  away: ProviderTransaction,
): Promise<Response> {
  const login = findLogin(tenant, context, away.parentId);
  try {
    const asked = loginConnection(tenant, away);
    const { profile, tokens } = await providerLogin(tenant, asked, away, context.req.query());
    // Read again: a connection that went while its provider was asked has no users.
    const connection = loginConnection(tenant, away);
    const user = saveSocialUser(tenant, connection, profile, tokens);
    const session = startSession(tenant, context, {
      userId: user.user_id,
      connection: connection.name,
    });
    return await finishLogin(tenant, context, { request: login.request, session, login });
  } catch (error) {
    if (!(error instanceof ProviderLoginError)) throw error;
    tenant.store.transactions.delete(login.id);
    const refusal = new OAuthRefusal(400, error.error, error.message);
    return refuseApp(tenant, context, login.request, refusal);
  }
}

function loginConnection(tenant: TenantContext, away: ProviderTransaction): ConnectionRow {
  const connection = tenant.store.connections.get(away.connectionId);
  if (connection?.authentication.active) return connection;
  throw new ProviderLoginError("invalid_request", "the connection was disabled");
}
