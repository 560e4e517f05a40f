/** @module The Authentication API: its paths. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";
import { authorizeEndpoint } from "./authorize.ts";
import { changePasswordEndpoint } from "./change-password.ts";
import { discovery } from "./discovery.ts";
import { logoutEndpoint, oidcLogoutEndpoint } from "./logout.ts";
import { revokeEndpoint } from "./revoke.ts";
import { signupEndpoint } from "./signup.ts";
import { tokenEndpoint } from "./token.ts";
import { userInfoEndpoint } from "./userinfo.ts";

export function authenticationApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.get("/.well-known/openid-configuration", (context) => context.json(discovery(tenant)));
  app.get("/.well-known/jwks.json", (context) => {
    context.header("Cache-Control", "public, max-age=15, must-revalidate");
    return context.json(tenant.keys.jwks());
  });
  app.on(["GET", "POST"], "/authorize", authorizeEndpoint(tenant));
  app.post("/oauth/token", tokenEndpoint(tenant));
  app.post("/oauth/revoke", revokeEndpoint(tenant));
  app.on(["GET", "POST"], "/userinfo", userInfoEndpoint(tenant));
  app.get("/v2/logout", logoutEndpoint(tenant));
  app.on(["GET", "POST"], "/oidc/logout", oidcLogoutEndpoint(tenant));
  app.post("/dbconnections/signup", signupEndpoint(tenant));
  app.post("/dbconnections/change_password", changePasswordEndpoint(tenant));
  return app;
}
