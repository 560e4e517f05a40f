/** @module Sends an answer of /authorize to the app: in the query, the fragment, or a posted form. */
import type { Context } from "hono";
import type { TenantContext } from "../context.ts";
import { formPostPage } from "../login/pages/form-post-page.ts";
import { answerPage } from "../login/pages/layout.ts";
import type { AnswerTarget } from "./authorize-request.ts";
import type { OAuthRefusal } from "./oauth-refusal.ts";
import { requestOrigin } from "./request-origin.ts";

/** Where an answer goes; a request that was read, or as much of it as was good. */
export type AppTarget = Pick<AnswerTarget, "redirectUri" | "responseMode"> & {
  readonly clientId: string;
  readonly state?: string | undefined;
};

/** @see [OAuth 2.0 Multiple Response Types section 2.1](https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes) */
export function answerApp(
  context: Context,
  target: AppTarget,
  params: Readonly<Record<string, string>>,
): Response | Promise<Response> {
  const { redirectUri, responseMode, state } = target;
  const all = { ...params, ...(state === undefined ? {} : { state }) };
  if (responseMode === "form_post") {
    context.header("Cache-Control", "no-store");
    return answerPage(context, formPostPage(redirectUri, all), {
      formActions: [redirectUri],
      scripted: true,
    });
  }
  const url = new URL(redirectUri);
  const query = new URLSearchParams(all);
  if (responseMode === "fragment") url.hash = query.toString();
  else for (const [name, value] of query) url.searchParams.append(name, value);
  context.header("Cache-Control", "no-store");
  return context.redirect(url.href, 302);
}

/** Tells the app, and the log, why there is no code. */
export function refuseApp(
  tenant: TenantContext,
  context: Context,
  target: AppTarget,
  refusal: OAuthRefusal,
): Response | Promise<Response> {
  tenant.log({
    type: refusal.error === "login_required" || refusal.error === "consent_required" ? "fsa" : "f",
    description: refusal.detail ?? refusal.description,
    client_id: target.clientId,
    ...requestOrigin(context),
    details: { error: { type: refusal.error } },
  });
  return answerApp(context, target, {
    error: refusal.error,
    error_description: refusal.description,
  });
}
