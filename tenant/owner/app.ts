/** @module What only the tenant's owner may ask of it, below /owner. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { TenantContext } from "../context.ts";
import { controlsApp } from "../controls/app.ts";
import { linkSeconds, newDashboardLink } from "../dashboard/owner-session.ts";
import { ManagementError } from "../management/management-error.ts";
import { applySeed } from "../seed-file/apply-seed.ts";
import { exportSeed } from "../seed-file/export-seed.ts";
import { SeedError } from "../seed-file/seed-format.ts";
import { requireOwner } from "./require-owner.ts";

/** A seed with secrets of 50,000 users has half of it. */
const maxBodyBytes = 50_000_000;

/** Answers in the Management API's dialect, as its tokens are used. */
export function ownerApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.use("/owner/*", async (context, next) => {
    await requireOwner(tenant, context.req.header("authorization"));
    context.header("Cache-Control", "no-store");
    await next();
  });
  app.use(
    "/owner/*",
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new ManagementError(413, `Payload content length greater than ${maxBodyBytes}`);
      },
    }),
  );
  app.post("/owner/dashboard-links", (context) =>
    context.json({ url: newDashboardLink(tenant), expires_in: linkSeconds }, 201),
  );
  app.get("/owner/seed", (context) => {
    return context.json(exportSeed(tenant, context.req.query("secrets") === "true"));
  });
  app.put("/owner/seed", async (context) => {
    try {
      await applySeed(tenant, await context.req.json().catch(() => undefined));
    } catch (error) {
      if (!(error instanceof SeedError)) throw error;
      throw new ManagementError(400, error.problems.join("; "), "invalid_body");
    }
    return context.body(null, 204);
  });
  app.route("/", controlsApp(tenant));
  app.onError((error, context) => {
    if (!(error instanceof ManagementError)) throw error;
    return context.json(error.body(), error.statusCode as 400);
  });
  return app;
}
