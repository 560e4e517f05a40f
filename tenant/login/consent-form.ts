/** @module Asking for consent, and obeying the answer. */
import type { Context } from "hono";
import { refuseApp } from "../authentication/authorize-answer.ts";
import type { Params } from "../authentication/body-params.ts";
import { currentSession } from "../authentication/browser.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import { scopesOf } from "../authentication/scopes.ts";
import type { TenantContext } from "../context.ts";
import type { SessionRow } from "../models/session.ts";
import type { AuthorizeRequest, LoginTransaction } from "../models/transaction.ts";
import { saveConsent } from "./consent.ts";
import { finishLogin } from "./finish-login.ts";
import { formOptions, pageOf } from "./login-form.ts";
import { findLogin, LoginEndedError, postedLogin } from "./login-transaction.ts";
import { consentPage } from "./pages/consent-page.ts";
import { answerPage } from "./pages/layout.ts";

/** Words for scopes that no API describes. */
const words: Readonly<Record<string, string>> = {
  openid: "Know who you are",
  profile: "Profile: access to your profile (name, nickname, picture)",
  email: "Email: access to your email address",
  phone: "Phone: access to your phone number",
  address: "Address: access to your address",
  offline_access: "Allow offline access: act for you while you are away",
};

export function showConsent(tenant: TenantContext, context: Context): Promise<Response> {
  const login = findLogin(tenant, context, context.req.query("state") ?? "");
  const session = sessionOf(tenant, context, login);
  const user = tenant.store.users.get(session.user_id);
  const [api] = tenant.store.resourceServers.find("identifier", login.request.audience ?? "");
  const page = consentPage({
    login,
    application: pageOf(tenant, login).application,
    api: api?.name ?? api?.identifier,
    permissions: permissions(tenant, login.request),
    user: user?.name ?? user?.email ?? "",
  });
  return answerPage(context, page, formOptions(login));
}

export async function consentForm(
  tenant: TenantContext,
  context: Context,
  form: Params,
): Promise<Response> {
  const login = postedLogin(tenant, context, form);
  const session = sessionOf(tenant, context, login);
  if (form["action"] !== "accept") {
    tenant.store.transactions.delete(login.id);
    const text = "User did not authorize the request";
    return refuseApp(tenant, context, login.request, new OAuthRefusal(400, "access_denied", text));
  }
  saveConsent(tenant, login.request, session.user_id);
  // Asked and answered: the same request must not ask again.
  const prompt = login.request.prompt.filter((value) => value !== "consent");
  return finishLogin(tenant, context, { request: { ...login.request, prompt }, session, login });
}

/** The session of the login that is asking, and no other that the browser may have begun since. */
function sessionOf(tenant: TenantContext, context: Context, login: LoginTransaction): SessionRow {
  const session = currentSession(tenant, context);
  if (session !== undefined && session.id === login.sessionId) return session;
  throw new LoginEndedError(
    "You are signed in differently by now. Go back to the application and try again.",
  );
}

function permissions(tenant: TenantContext, request: AuthorizeRequest): string[] {
  const [api] = tenant.store.resourceServers.find("identifier", request.audience ?? "");
  return scopesOf(request.scope).map((scope) => {
    const described = api?.scopes?.find(({ value }) => value === scope)?.description;
    return (
      words[scope] ??
      (described === undefined || described === "" ? scope : `${scope}: ${described}`)
    );
  });
}
