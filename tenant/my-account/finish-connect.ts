/** @module The browser is back from the provider: its tokens wait for the app to complete. */
import type { Context } from "hono";
import { answerApp } from "../authentication/authorize-answer.ts";
import { assumedTokenSeconds } from "../authentication/grants/provider-token-source.ts";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import { LoginEndedError } from "../login/login-transaction.ts";
import { ProviderLoginError, providerLogin } from "../login/provider-login.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type {
  ConnectSessionRow,
  PendingAccount,
  ProviderTransaction,
} from "../models/transaction.ts";
import type { ProviderTokens } from "../upstream/token-request.ts";

/**
 * Redirects to the app with a `connect_code` in the query (a loopback server can't see a fragment), or with
 * the provider's error.
 *
 * @throws {LoginEndedError} The session has ended meanwhile.
 */
export async function finishConnect(
  tenant: TenantContext,
  context: Context,
  away: ProviderTransaction,
): Promise<Response> {
  const session = tenant.store.connectSessions.get(away.parentId);
  if (session === undefined) {
    throw new LoginEndedError(
      "This connect took too long. Go back to the application and connect again.",
    );
  }
  try {
    const connection = vaultConnection(tenant, away);
    const { profile, tokens } = await providerLogin(tenant, connection, away, context.req.query());
    // It may have been deleted or closed while its provider was asked.
    vaultConnection(tenant, away);
    const code = tenant.ids.newText(43);
    const pending = pendingAccount(tenant, profile.userId, tokens, away.scopes);
    const waiting = { ...session, connectCodeHash: sha256(code), pending };
    tenant.store.connectSessions.put(session.id, waiting, session.expiresAt);
    return answerApp(context, targetOf(session), { connect_code: code });
  } catch (error) {
    if (!(error instanceof ProviderLoginError)) throw error;
    tenant.store.connectSessions.delete(session.id);
    return answerConnectError(tenant, context, session, {
      error: error.error,
      description: error.message,
    });
  }
}

function vaultConnection(tenant: TenantContext, away: ProviderTransaction): ConnectionRow {
  const connection = tenant.store.connections.get(away.connectionId);
  if (connection?.connected_accounts.active) return connection;
  const text = "Token Vault is not enabled for the provided connection";
  throw new ProviderLoginError("access_denied", text);
}

export function answerConnectError(
  tenant: TenantContext,
  context: Context,
  session: ConnectSessionRow,
  failure: { error: string; description: string },
): Response | Promise<Response> {
  tenant.log({
    type: "connected_accounts_connection_failed",
    description: failure.description,
    client_id: session.clientId,
    user_id: session.user_id,
    ...requestOrigin(context),
    details: {
      error: {
        type: failure.error,
        title: failure.error,
        status: 400,
        detail: failure.description,
      },
    },
  });
  return answerApp(context, targetOf(session), {
    error: failure.error,
    error_description: failure.description,
  });
}

function targetOf(session: ConnectSessionRow) {
  return {
    clientId: session.clientId,
    redirectUri: session.redirectUri,
    responseMode: "query",
    state: session.state,
  } as const;
}

function pendingAccount(
  tenant: TenantContext,
  idpUserId: string,
  tokens: ProviderTokens,
  asked: readonly string[],
): PendingAccount {
  const now = tenant.now();
  return {
    idpUserId,
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: now + (tokens.expiresIn ?? assumedTokenSeconds),
    refreshToken: tokens.refreshToken ?? "",
    ...(tokens.refreshExpiresIn === undefined
      ? {}
      : { refreshTokenExpiresAt: now + tokens.refreshExpiresIn }),
    // RFC 6749 5.1: a provider that doesn't say granted what was asked for.
    scopes: tokens.scopes ?? asked,
  };
}
