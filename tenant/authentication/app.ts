/** @module The Authentication API: its paths. */
import { Hono } from "hono";
import type { TenantContext } from "../context.ts";
import { authorizeEndpoint } from "./authorize.ts";
import { changePasswordEndpoint } from "./change-password.ts";
import { logoutEndpoint, oidcLogoutEndpoint } from "./logout.ts";
import { answerRefusal, OAuthRefusal } from "./oauth-refusal.ts";
import { revokeEndpoint } from "./revoke.ts";
import { signupEndpoint } from "./signup.ts";
import { tokenEndpoint } from "./token.ts";
import { userInfoEndpoint } from "./userinfo.ts";
import { wellKnownApp } from "./well-known.ts";

export function authenticationApp(tenant: TenantContext): Hono {
  const app = new Hono();
  app.route("/", wellKnownApp(tenant));
  app.on(["GET", "POST"], "/authorize", authorizeEndpoint(tenant));
  app.post("/oauth/token", tokenEndpoint(tenant));
  app.post("/oauth/revoke", revokeEndpoint(tenant));
  app.on(["GET", "POST"], "/userinfo", userInfoEndpoint(tenant));
  app.get("/v2/logout", logoutEndpoint(tenant));
  app.on(["GET", "POST"], "/oidc/logout", oidcLogoutEndpoint(tenant));
  app.post("/dbconnections/signup", signupEndpoint(tenant));
  app.post("/dbconnections/change_password", changePasswordEndpoint(tenant));
  app.onError((error, context) => {
    if (error instanceof OAuthRefusal) return answerRefusal(context, error);
    throw error;
  });
  return app;
}
