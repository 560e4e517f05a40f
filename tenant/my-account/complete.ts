/** @module POST /me/v1/connected-accounts/complete. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Handler } from "hono";
import { z } from "zod";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { ConnectedAccountRow } from "../models/connected-account.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { ConnectSessionRow, PendingAccount } from "../models/transaction.ts";
import { authorizeCaller, type Caller } from "./authorization.ts";
import { badRequest, notFound, Problem } from "./problem.ts";
import { readBody } from "./request-body.ts";

const completeBody = z.strictObject({
  auth_session: z.string().max(64, "must NOT have more than 64 characters"),
  connect_code: z
    .string()
    .min(1, "must NOT have fewer than 1 characters")
    .max(46, "must NOT have more than 46 characters"),
  redirect_uri: z
    .url('must match format "uri"')
    .max(2048, "must NOT have more than 2048 characters"),
  code_verifier: z
    .string()
    .min(43, "must NOT have fewer than 43 characters")
    .max(128, "must NOT have more than 128 characters")
    .optional(),
});
type CompleteBody = z.output<typeof completeBody>;

/** Session and code are good once, for the user and the application that began. */
export function completeEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    const caller = await authorizeCaller(tenant, context, "create:me:connected_accounts");
    const body = await readBody(context, completeBody);
    const request = { method: "POST", path: context.req.path };
    try {
      const { session, pending } = checkSession(tenant, caller, body);
      const { account, connection } = tenant.store.transaction(() => {
        if (tenant.store.connectSessions.take(session.id) === undefined)
          throw ended("it was completed before");
        return saveAccount(tenant, session, pending);
      });
      tenant.log({
        type: "connected_accounts_connection_succeeded",
        description:
          pending.refreshToken === ""
            ? "Connected an account, but the provider gave no refresh token: Token Vault has nothing to exchange"
            : "Connected an account",
        client_id: caller.client.client_id,
        user_id: caller.userId,
        connection: connection.name,
        ...requestOrigin(context),
        details: {
          connected_account: { id: account.id, idp_user_id: account.idp_user_id },
          request,
        },
      });
      context.header("Cache-Control", "no-store");
      const { id, connection: name, access_type, scopes, created_at, expires_at } = account;
      const ends = expires_at === undefined ? {} : { expires_at };
      return context.json({ id, connection: name, access_type, scopes, created_at, ...ends }, 201);
    } catch (error) {
      if (error instanceof Problem) {
        const { code, title, status, detail } = error;
        tenant.log({
          type: "connected_accounts_connection_failed",
          description: error instanceof SessionProblem ? `${detail}: ${error.why}` : detail,
          client_id: caller.client.client_id,
          user_id: caller.userId,
          ...requestOrigin(context),
          details: { error: { type: code, title, status, detail }, request },
        });
      }
      throw error;
    }
  };
}

/** One text for the app; the reason is for the log. */
class SessionProblem extends Problem {
  readonly why: string;
  constructor(why: string) {
    super(404, "A0E-404-0001", "Not Found", "Invalid or expired session");
    this.why = why;
  }
}

function ended(why: string): Problem {
  return new SessionProblem(why);
}

function checkSession(
  tenant: TenantContext,
  caller: Caller,
  body: CompleteBody,
): { session: ConnectSessionRow; pending: PendingAccount } {
  const session = tenant.store.connectSessions.get(sha256(body.auth_session));
  if (session === undefined)
    throw ended("there is no such auth_session, or it has ended or was completed");
  if (session.user_id !== caller.userId) throw ended("the auth_session is another user's");
  if (session.clientId !== caller.client.client_id)
    throw ended("the auth_session is another application's");
  if (session.pending === undefined)
    throw ended("the browser has not come back from the provider yet");
  if (session.connectCodeHash !== sha256(body.connect_code))
    throw ended("the connect_code is not the session's");
  if (session.redirectUri !== body.redirect_uri) {
    throw badRequest("redirect_uri differs from the one of the connect request");
  }
  checkVerifier(session, body.code_verifier);
  return { session, pending: session.pending };
}

/** @see [RFC 7636 section 4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6) */
function checkVerifier(session: ConnectSessionRow, verifier: string | undefined): void {
  if (session.codeChallenge === undefined) {
    if (verifier === undefined) return;
    throw badRequest("code_verifier was sent, but the connect request had no code_challenge");
  }
  if (verifier === undefined) {
    throw badRequest("code_verifier is required, because the connect request had a code_challenge");
  }
  const expected = Buffer.from(session.codeChallenge);
  const actual = Buffer.from(createHash("sha256").update(verifier).digest("base64url"));
  if (expected.length === actual.length && timingSafeEqual(expected, actual)) return;
  throw badRequest("code_verifier does not belong to the code_challenge");
}

/**
 * The same account at the same connection keeps its id and gets the new tokens and scopes; another
 * account there is a new entry (inferred).
 */
function saveAccount(
  tenant: TenantContext,
  session: ConnectSessionRow,
  pending: PendingAccount,
): { account: ConnectedAccountRow; connection: ConnectionRow } {
  const connection = tenant.store.connections.get(session.connectionId);
  if (connection === undefined) throw notFound("The connection was deleted.");
  const known = tenant.store.connectedAccounts
    .find("user_id", session.user_id)
    .find((one) => one.connection_id === connection.id && one.idp_user_id === pending.idpUserId);
  const ends = pending.refreshTokenExpiresAt;
  const account: ConnectedAccountRow = {
    id: known?.id ?? tenant.ids.newId("cac_"),
    user_id: session.user_id,
    connection: connection.name,
    connection_id: connection.id,
    strategy: connection.strategy,
    idp_user_id: pending.idpUserId,
    access_type: "offline",
    scopes: [...pending.scopes],
    created_at: known?.created_at ?? new Date(tenant.now() * 1000).toISOString(),
    ...(ends === undefined ? {} : { expires_at: new Date(ends * 1000).toISOString() }),
    access_token: pending.accessToken,
    access_token_expires_at: pending.accessTokenExpiresAt,
    // A provider that gives a refresh token at the first consent only: the old one is still good.
    refresh_token: pending.refreshToken || (known?.refresh_token ?? ""),
    token_scope: pending.scopes.join(" "),
  };
  tenant.store.connectedAccounts.put(account.id, account);
  return { account, connection };
}
