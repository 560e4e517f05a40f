/** @module /authorize: answers at once where it can, and sends the browser to the login pages where not. */
import type { Context, Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { beginLogin } from "../login/begin-login.ts";
import { errorPage } from "../login/pages/error-page.ts";
import { answerPage } from "../login/pages/layout.ts";
import { refuseApp } from "./authorize-answer.ts";
import {
  type AnswerTarget,
  AuthorizePageError,
  readAuthorizeRequest,
  readTarget,
} from "./authorize-request.ts";
import { formParams, type Params, postedForm } from "./body-params.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";
import { requestOrigin } from "./request-origin.ts";

/** GET and POST (OpenID Connect Core 3.1.2.1 asks for both). */
export function authorizeEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    let target: AnswerTarget | undefined;
    let params: Params = {};
    try {
      params = await readParams(context);
      target = readTarget(tenant, params);
      const request = readAuthorizeRequest(tenant, target, params);
      return await beginLogin(tenant, context, request);
    } catch (error) {
      if (error instanceof AuthorizePageError) return showError(tenant, context, error, params);
      if (!(error instanceof OAuthRefusal)) throw error;
      if (target === undefined) {
        const unreadable = new AuthorizePageError(
          error.error,
          "Oops!, something went wrong",
          error.description,
        );
        return showError(tenant, context, unreadable, params);
      }
      return refuseApp(tenant, context, { ...target, clientId: target.client.client_id }, error);
    }
  };
}

async function readParams(context: Context): Promise<Params> {
  if (context.req.method === "POST") return postedForm(context);
  return formParams(new URL(context.req.url).search.slice(1));
}

function showError(
  tenant: TenantContext,
  context: Context,
  error: AuthorizePageError,
  params: Params,
): Response | Promise<Response> {
  tenant.log({
    type: "f",
    description: error.message,
    ...(params["client_id"] === undefined ? {} : { client_id: params["client_id"] }),
    ...requestOrigin(context),
    details: { error: { type: error.error } },
  });
  const status = error.headline.startsWith("Callback") ? 403 : 400;
  return answerPage(context, errorPage(error), { status });
}
