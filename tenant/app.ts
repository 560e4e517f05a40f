/** @module The routing table: which of the tenant's apps answers a path. */
import { Hono } from "hono";
import { authenticationApp } from "./authentication/app.ts";
import type { TenantContext } from "./context.ts";
import { loginApp } from "./login/app.ts";
import { managementApp } from "./management/app.ts";
import { myAccountApp } from "./my-account/app.ts";

/** Every path of the tenant. The apps have absolute paths; the first that knows one answers. */
export function tenantApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.route("/", managementApp(tenant));
  app.route("/", myAccountApp(tenant));
  app.route("/", authenticationApp(tenant));
  app.route("/", loginApp(tenant));
  app.notFound((context) => context.text("Not found.", 404));
  app.onError((error, context) => {
    process.stderr.write(`${context.req.method} ${context.req.path}: ${error.stack ?? error}\n`);
    return context.json({ error: "server_error", error_description: "Internal server error" }, 500);
  });
  return app;
}
