/** @module /v2/logout and /oidc/logout. */
import type { Context, Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { errorPage } from "../login/pages/error-page.ts";
import { answerPage } from "../login/pages/layout.ts";
import { signedOutPage } from "../login/pages/signed-out-page.ts";
import { postedForm } from "./body-params.ts";
import { endSession } from "./browser.ts";
import { firstAddress, isCallback } from "./callback-urls.ts";
import { readIdTokenHint } from "./id-token-hint.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";
import { requestOrigin } from "./request-origin.ts";
import { tenantSettings } from "./tenant-settings.ts";

/**
 * GET /v2/logout. With `client_id` the client's Allowed Logout URLs count, without it the tenant's; without
 * `returnTo` the first of them is taken.
 *
 * @see Auth0's "Redirect Users after Logout": query and hash of `returnTo` are not taken into account.
 */
export function logoutEndpoint(tenant: TenantContext): Handler {
  return (context) => {
    const { client_id: clientId, returnTo } = context.req.query();
    const allowed = allowedUrls(tenant, clientId);
    if (allowed === undefined) return refused(context, `Unknown client: ${clientId}`);
    const target = returnTo ?? (clientId === undefined ? undefined : firstAddress(allowed));
    if (target === undefined || isCallback(target, allowed)) {
      return leave(tenant, context, target, clientId);
    }
    const [address = ""] = target.split(/[?#]/, 1);
    if (!isCallback(address, allowed)) return refused(context, notAllowed("returnTo", target));
    // The address to the letter; what follows as a browser would write it, since a header takes no line ends.
    const { search, hash } = new URL(target);
    return leave(tenant, context, `${address}${search}${hash}`, clientId);
  };
}

/**
 * /oidc/logout. An ID token as hint names client and session; its age doesn't matter.
 *
 * @see [OpenID Connect RP-Initiated Logout 1.0](https://openid.net/specs/openid-connect-rpinitiated-1_0.html)
 */
export function oidcLogoutEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    const params = context.req.method === "POST" ? await postedForm(context) : context.req.query();
    const hint = params["id_token_hint"];
    const hinted = hint === undefined ? undefined : (await readIdTokenHint(tenant, hint))?.clientId;
    if (hint !== undefined && hinted === undefined)
      return refused(context, "Invalid id_token_hint");
    const clientId = params["client_id"] ?? hinted;
    if (hinted !== undefined && clientId !== hinted) {
      return refused(context, "client_id and the id_token_hint's audience differ");
    }
    const allowed = allowedUrls(tenant, clientId);
    if (allowed === undefined) return refused(context, `Unknown client: ${clientId}`);
    const target = params["post_logout_redirect_uri"];
    if (target === undefined) return leave(tenant, context, undefined, clientId);
    if (!isCallback(target, allowed)) {
      return refused(context, notAllowed("post_logout_redirect_uri", target));
    }
    const url = new URL(target);
    if (params["state"] !== undefined) url.searchParams.set("state", params["state"]);
    return leave(tenant, context, params["state"] === undefined ? target : url.href, clientId);
  };
}

function allowedUrls(tenant: TenantContext, clientId: string | undefined): string[] | undefined {
  if (clientId === undefined) return [...tenantSettings(tenant).allowedLogoutUrls];
  const client = tenant.store.clients.get(clientId);
  return client === undefined ? undefined : (client.allowed_logout_urls ?? []);
}

function leave(
  tenant: TenantContext,
  context: Context,
  target: string | undefined,
  clientId: string | undefined,
): Response | Promise<Response> {
  const session = endSession(tenant, context);
  if (session !== undefined) {
    tenant.log({
      type: "slo",
      description: "User successfully logged out",
      user_id: session.user_id,
      ...(clientId === undefined ? {} : { client_id: clientId }),
      ...requestOrigin(context),
    });
  }
  context.header("Cache-Control", "no-store");
  return target === undefined
    ? answerPage(context, signedOutPage())
    : context.redirect(target, 302);
}

function notAllowed(parameter: string, target: string): string {
  return `The "${parameter}" querystring parameter "${target}" is not defined as a valid URL in "Allowed Logout URLs".`;
}

function refused(context: Context, message: string): Promise<Response> {
  const refusal = new OAuthRefusal(400, "invalid_request", message);
  const page = errorPage({
    headline: "Oops!, something went wrong",
    error: refusal.error,
    message,
  });
  return answerPage(context, page, { status: 400 });
}
