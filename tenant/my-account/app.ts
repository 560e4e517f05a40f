/** @module The My Account API: its paths, and the browser's entry to a connect. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";
import { LoginEndedError } from "../login/login-transaction.ts";
import { errorPage } from "../login/pages/error-page.ts";
import { answerPage } from "../login/pages/layout.ts";
import { unavailableMyAccount as unavailable } from "../unavailable/my-account.ts";
import { unavailableOperation } from "../unavailable/operation.ts";
import { deleteAccount, listAccounts } from "./accounts.ts";
import { completeEndpoint } from "./complete.ts";
import { connectEndpoint, connectPage } from "./connect.ts";
import { listConnections } from "./connections.ts";
import { answerProblem, notFound, notImplemented, Problem } from "./problem.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";

const base = "/me/v1/connected-accounts";

export function myAccountApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.use("/me/v1/*", rateLimitHeaders(tenant));
  app.post(`${base}/connect`, connectEndpoint(tenant));
  app.post(`${base}/complete`, completeEndpoint(tenant));
  app.get(`${base}/accounts`, listAccounts(tenant));
  app.delete(`${base}/accounts/:id`, deleteAccount(tenant));
  app.get(`${base}/connections`, listConnections(tenant));
  app.all("/me/v1/*", (context) => {
    const { method, path } = context.req;
    const missing = unavailableOperation(unavailable, method, path.slice("/me/v1".length));
    if (missing !== undefined) {
      tenant.droppedFields.count(`my-account ${missing}`, "(operation)");
      return answerProblem(context, notImplemented(missing));
    }
    const detail = `The requested resource ${method} ${path} was not found.`;
    return answerProblem(context, notFound(detail));
  });
  app.get("/connected-accounts/connect", connectPage(tenant));
  app.onError((error, context) => {
    if (error instanceof Problem) return answerProblem(context, error);
    if (!(error instanceof LoginEndedError)) throw error;
    const headline = "Oops!, something went wrong";
    const page = errorPage({ headline, error: "invalid_request", message: error.message });
    return answerPage(context, page, { status: 400 });
  });
  return app;
}
