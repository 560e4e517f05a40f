/** @module The routing table: which of the tenant's apps answers a path. */
import { type Context, Hono } from "hono";
import type { TenantContext } from "./context.ts";

/** Makes an app of the tenant; its paths are absolute. */
type MakeApp = (tenant: TenantContext) => Hono;

interface Part {
  paths: readonly string[];
  load(): Promise<MakeApp>;
}

/**
 * The first part that has the path answers. Each is loaded when it is first asked, or a moment
 * after the start: a tenant is ready before all of its code is.
 */
const parts: readonly Part[] = [
  {
    paths: ["/.well-known/*"],
    load: async () => (await import("./authentication/well-known.ts")).wellKnownApp,
  },
  {
    paths: ["/api/v2/*"],
    load: async () => (await import("./management/app.ts")).managementApp,
  },
  {
    paths: ["/me/*", "/connected-accounts/*"],
    load: async () => (await import("./my-account/app.ts")).myAccountApp,
  },
  {
    paths: ["/u/*", "/login/*"],
    load: async () => (await import("./login/app.ts")).loginApp,
  },
  {
    paths: ["/", "/dashboard/*"],
    load: async () => (await import("./dashboard/app.ts")).dashboardApp,
  },
  {
    paths: ["/owner/*"],
    load: async () => (await import("./owner/app.ts")).ownerApp,
  },
  {
    paths: ["*"],
    load: async () => (await import("./authentication/app.ts")).authenticationApp,
  },
];

/** Every path of the tenant. */
export function tenantApp(tenant: TenantContext): { app: Hono; loadAll(): Promise<void> } {
  const app = new Hono();
  const loaders = parts.map(({ paths, load }) => {
    let loaded: Promise<Hono> | undefined;
    const part = () => {
      loaded ??= load().then((makeApp) => whole(tenant, makeApp(tenant)));
      return loaded;
    };
    const answer = async (context: Context) => (await part()).fetch(context.req.raw, context.env);
    for (const path of paths) app.all(path, answer);
    return part;
  });
  return {
    app,
    async loadAll() {
      for (const part of loaders.toReversed()) await part();
    },
  };
}

/** What all parts have in common: an unknown path, and an error that nobody expected. */
function whole(tenant: TenantContext, part: Hono): Hono {
  const app = new Hono();
  app.route("/", part);
  app.notFound(async (context) => {
    const { unavailableOperation } = await import("./unavailable/operation.ts");
    const { unavailableAuthentication } = await import("./unavailable/authentication.ts");
    const { method, path } = context.req;
    const missing = unavailableOperation(unavailableAuthentication, method, path);
    if (missing === undefined) return context.text("Not found.", 404);
    tenant.droppedFields.count(missing, "(operation)");
    const text = `The operation ${missing} is not available on this local tenant.`;
    return context.json({ error: "not_implemented", error_description: text }, 501);
  });
  app.onError((error, context) => {
    // A client that went away is no error of ours, and nobody hears the answer.
    if ("code" in error && error.code === "ECONNRESET") return context.body(null, 400);
    process.stderr.write(`${context.req.method} ${context.req.path}: ${error.stack ?? error}\n`);
    return context.json({ error: "server_error", error_description: "Internal server error" }, 500);
  });
  return app;
}
