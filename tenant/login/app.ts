/** @module The login pages, and the callback of the providers. */
import { type Context, Hono } from "hono";
import { type Params, postedForm } from "../authentication/body-params.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import type { TenantContext } from "../context.ts";
import { consentForm, showConsent } from "./consent-form.ts";
import { loginForm, showLogin, socialButton } from "./login-form.ts";
import { LoginEndedError } from "./login-transaction.ts";
import { errorPage } from "./pages/error-page.ts";
import { submitScript } from "./pages/form-post-page.ts";
import { answerPage } from "./pages/layout.ts";
import { style } from "./pages/style.ts";
import { providerCallback } from "./provider-callback.ts";
import { showSignup, signupForm } from "./signup-form.ts";

/** A posted form of one of the pages. */
type FormHandler = (context: Context, form: Params) => Promise<Response>;

export function loginApp(tenant: TenantContext): Hono {
  const app = new Hono();
  const post = (path: string, handler: FormHandler) =>
    app.post(path, async (context) => handler(context, await postedForm(context)));
  app.get("/u/style.css", (context) => {
    context.header("Cache-Control", "public, max-age=3600");
    return context.body(style, 200, { "Content-Type": "text/css; charset=utf-8" });
  });
  app.get("/u/submit.js", (context) =>
    context.body(submitScript, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  app.get("/u/login", (context) => showLogin(tenant, context));
  post("/u/login", (context, form) => loginForm(tenant, context, form));
  post("/u/social", (context, form) => socialButton(tenant, context, form));
  app.get("/u/signup", (context) => showSignup(tenant, context));
  post("/u/signup", (context, form) => signupForm(tenant, context, form));
  app.get("/u/consent", (context) => showConsent(tenant, context));
  post("/u/consent", (context, form) => consentForm(tenant, context, form));
  app.get("/login/callback", providerCallback(tenant));
  app.onError((error, context) => {
    if (error instanceof LoginEndedError)
      return showError(context, "invalid_request", error.message);
    if (error instanceof OAuthRefusal) return showError(context, error.error, error.description);
    throw error;
  });
  return app;
}

function showError(context: Context, error: string, message: string): Promise<Response> {
  const page = errorPage({ headline: "Oops!, something went wrong", error, message });
  return answerPage(context, page, { status: 400 });
}
