/** @module The end of a login: consent where it is due, then the code. */
import type { Context } from "hono";
import { answerApp, refuseApp } from "../authentication/authorize-answer.ts";
import { joinSession } from "../authentication/browser.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { SessionRow } from "../models/session.ts";
import type { AuthorizeRequest, LoginTransaction } from "../models/transaction.ts";
import { needsConsent } from "./consent.ts";
import { newLogin, saveLogin } from "./login-transaction.ts";

/** Who signed in, for which request. */
export interface FinishedLogin {
  readonly request: AuthorizeRequest;
  readonly session: SessionRow;
  /** Absent when a session answered without a page. */
  readonly login?: LoginTransaction;
}

/** Seconds that a code lives: RFC 6749 4.1.2's maximum. */
const codeSeconds = 600;

export async function finishLogin(
  tenant: TenantContext,
  context: Context,
  { request, session, login }: FinishedLogin,
): Promise<Response> {
  const client = tenant.store.clients.get(request.clientId);
  const user = tenant.store.users.get(session.user_id);
  const target = { ...request };
  if (client === undefined || user === undefined) {
    return refuseApp(
      tenant,
      context,
      target,
      new OAuthRefusal(400, "access_denied", "The account is gone"),
    );
  }
  if (user.blocked === true) {
    return refuseApp(
      tenant,
      context,
      target,
      new OAuthRefusal(400, "unauthorized", "user is blocked"),
    );
  }
  if (needsConsent(tenant, client, request, user.user_id)) {
    const asking = { ...(login ?? newLogin(tenant, context, request)), sessionId: session.id };
    saveLogin(tenant, asking);
    return context.redirect(`/u/consent?state=${asking.id}`, 302);
  }
  const code = issueCode(tenant, request, session);
  joinSession(tenant, session, client.client_id);
  if (login !== undefined) tenant.store.transactions.delete(login.id);
  tenant.log({
    type: login === undefined ? "ssa" : "s",
    description: login === undefined ? "Successful silent login" : "Successful login",
    client_id: client.client_id,
    user_id: user.user_id,
    connection: session.connection,
    scope: request.scope,
    ...(request.audience === undefined ? {} : { audience: request.audience }),
    ...requestOrigin(context),
  });
  return answerApp(context, target, { code });
}

function issueCode(tenant: TenantContext, request: AuthorizeRequest, session: SessionRow): string {
  const code = tenant.ids.newText(43);
  const row = {
    code_hash: sha256(code),
    client_id: request.clientId,
    user_id: session.user_id,
    redirect_uri: request.redirectUri,
    scope: request.scope,
    ...(request.audience === undefined ? {} : { audience: request.audience }),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.codeChallenge === undefined
      ? {}
      : {
          code_challenge: request.codeChallenge,
          code_challenge_method: request.codeChallengeMethod ?? "plain",
        }),
    auth_time: session.auth_time,
    session_id: session.id,
    ...(request.maxAge === undefined ? {} : { max_age: request.maxAge }),
    expires_at: tenant.now() + codeSeconds,
  };
  tenant.store.codes.put(row.code_hash, row, row.expires_at);
  return code;
}
