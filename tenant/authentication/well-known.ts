/** @module Discovery and keys: what every client asks first, apart from the rest to load fast. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";
import { discovery } from "./discovery.ts";

export function wellKnownApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.get("/.well-known/openid-configuration", (context) => context.json(discovery(tenant)));
  app.get("/.well-known/jwks.json", (context) => {
    context.header("Cache-Control", "public, max-age=15, must-revalidate");
    return context.json(tenant.keys.jwks());
  });
  return app;
}
