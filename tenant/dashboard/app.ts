/** @module The dashboard: its paths, who may use them, and what its forms do. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { formParams, type Params } from "../authentication/body-params.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import type { TenantContext } from "../context.ts";
import { managementCalls } from "../owner/management-calls.ts";
import { resetTenant } from "../reset-tenant.ts";
import { type ConnectionActions, connectionActions } from "./connection-actions.ts";
import { logViews } from "./log-views.ts";
import { enter, type OwnerSession, ownerSession, signOut } from "./owner-session.ts";
import { answerFrame, frame } from "./pages/frame.ts";
import { liveScript } from "./pages/live-script.ts";
import { enterPage, missingPage, resetPage } from "./pages/other-pages.ts";
import { style } from "./pages/style.ts";
import { userViews } from "./user-views.ts";
import type { OwnerHandler, Views } from "./views.ts";

/** Longest form: a script has 50 kB at most, and percent-encoding makes it three times that. */
const maxFormBytes = 300_000;

export function dashboardApp(tenant: TenantContext): Hono {
  const app = new Hono();
  const { domain } = tenant.settings;
  const views: Views = {
    tenant,
    page: (context, about, content, options) =>
      answerFrame(context, frame({ ...about, domain }, content), options),
    missing: (context, session) =>
      views.page(context, { title: "Nothing is here", session }, missingPage(), { status: 404 }),
  };
  const get = (path: string, handler: OwnerHandler) =>
    app.get(path, (context) => {
      const session = ownerSession(tenant, context);
      return session === undefined ? refuse(views, context) : handler(context, session, {});
    });
  const post = (path: string, handler: OwnerHandler) =>
    app.post(path, async (context) => {
      const session = ownerSession(tenant, context);
      if (session === undefined) return refuse(views, context);
      const form = readForm(await context.req.text());
      const isOurs = form?.["form_token"] === session.formToken && !isForeign(tenant, context);
      if (form === undefined || !isOurs) {
        return refuse(
          views,
          context,
          "That form is not one of this page's, or is out of date. Nothing was changed.",
        );
      }
      return handler(context, session, form);
    });
  app.use(
    "/dashboard/*",
    bodyLimit({
      maxSize: maxFormBytes,
      onError: (context) =>
        refuse(views, context, "That form is too long. Nothing was changed.", 413),
    }),
  );
  app.get("/", (context) => context.redirect("/dashboard", 302));
  app.get("/dashboard/style.css", (context) => file(context, style, "text/css"));
  app.get("/dashboard/live.js", (context) => file(context, liveScript, "text/javascript"));
  app.get("/dashboard/enter", (context) => enterByLink(views, context));
  get("/dashboard", (context) => context.redirect("/dashboard/connections", 302));
  routeConnections(connectionActions(views, managementCalls(tenant)), get, post);
  const users = userViews(views);
  get("/dashboard/users", users.list);
  get("/dashboard/users/:id", users.show);
  const logs = logViews(views);
  get("/dashboard/logs", logs.show);
  app.get("/dashboard/logs/live", (context) =>
    ownerSession(tenant, context) === undefined ? context.body(null, 401) : logs.live(context),
  );
  get("/dashboard/reset", (context, session) => showReset(views, context, session));
  post("/dashboard/reset", (context, session, form) => {
    if (form["confirm"] !== "reset") {
      return showReset(views, context, session, "Type the word reset. Nothing was removed.");
    }
    resetTenant(tenant);
    return context.redirect("/dashboard/connections?done=reset", 303);
  });
  post("/dashboard/sign-out", (context) => {
    signOut(tenant, context);
    return context.redirect("/dashboard", 303);
  });
  return app;
}

type Route = (path: string, handler: OwnerHandler) => void;

function routeConnections(actions: ConnectionActions, get: Route, post: Route): void {
  get("/dashboard/connections", actions.list);
  get("/dashboard/connections/new", actions.choose);
  get("/dashboard/connections/new/:strategy", actions.showCreate);
  post("/dashboard/connections/new/:strategy", actions.create);
  get("/dashboard/connections/:id", actions.show);
  post("/dashboard/connections/:id", actions.update);
  post("/dashboard/connections/:id/connected-accounts", actions.switchConnectedAccounts);
  post("/dashboard/connections/:id/authentication", actions.switchAuthentication);
  post("/dashboard/connections/:id/clients/:clientId", actions.switchClient);
}

/** Undefined where a field comes twice, which no form of ours has. */
function readForm(text: string): Params | undefined {
  try {
    return formParams(text);
  } catch (error) {
    if (error instanceof OAuthRefusal) return undefined;
    throw error;
  }
}

/** A look ahead by a browser or a messenger must not use the link up. */
function enterByLink(views: Views, context: Context): Response | Promise<Response> {
  const ahead = context.req.method === "HEAD" || context.req.header("sec-purpose") !== undefined;
  if (ahead) return context.body(null, 503);
  if (enter(views.tenant, context, context.req.query("link") ?? "")) {
    return context.redirect("/dashboard", 303);
  }
  return refuse(views, context, "This link was used before or has ended.");
}

function showReset(views: Views, context: Context, session: OwnerSession, problem?: string) {
  const about = { title: "Reset", section: "reset", session } as const;
  const status = problem === undefined ? 200 : 400;
  return views.page(context, about, resetPage(session, problem), { status });
}

function refuse(
  views: Views,
  context: Context,
  problem?: string,
  status: 403 | 413 = 403,
): Response | Promise<Response> {
  return views.page(context, { title: "Dashboard" }, enterPage(problem), { status });
}

/** Sent by a page of another origin: browsers say so (Fetch Metadata, and Origin before it). */
function isForeign(tenant: TenantContext, context: Context): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") return true;
  const origin = context.req.header("origin");
  return origin !== undefined && origin !== `https://${tenant.settings.domain}`;
}

function file(context: Context, content: string, type: string): Response {
  context.header("Cache-Control", "public, max-age=3600");
  context.header("X-Content-Type-Options", "nosniff");
  return context.body(content, 200, { "Content-Type": `${type}; charset=utf-8` });
}
