/** @module What a person does on the way through /authorize: sign in, allow or deny, change account. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type Provider from "oidc-provider";
import type { Accounts } from "./accounts.ts";
import { normalEmail } from "./accounts.ts";
import type { LoginAttempts } from "./login-attempts.ts";
import { consentPage, errorPage, loginPage, type Page, pageHeaders } from "./pages.ts";
import { knownScopes, scopes } from "./scopes.ts";

export interface SignInOptions {
  /** The OAuth server that the request was sent to. */
  readonly serverOf: (context: PageContext) => Provider;
  readonly accounts: Accounts;
  readonly attempts: LoginAttempts;
  readonly sessionSecret: string;
}

type PageContext = Context<{ Bindings: HttpBindings }>;

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

interface Step {
  readonly context: PageContext;
  readonly provider: Provider;
  readonly interaction: Interaction;
  readonly csrf: string;
  readonly accounts: Accounts;
}

const maxFormBytes = 16 * 1024;

/** The routes below /interaction, as oidc-provider sends the browser there. */
export function signIn(options: SignInOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const form = bodyLimit({
    maxSize: maxFormBytes,
    onError: (context) => page(context, 413, errorPage("That form is too large", "Go back.")),
  });
  app.get("/:uid", (context) => onStep(options, context, show));
  app.post("/:uid/login", form, (context) =>
    onForm(options, context, (step, fields) => login(options, step, fields)),
  );
  app.post("/:uid/consent", form, (context) => onForm(options, context, consent));
  app.post("/:uid/switch", form, (context) => onForm(options, context, switchAccount));
  return app;
}

async function onStep(
  options: SignInOptions,
  context: PageContext,
  act: (step: Step) => Response | Promise<Response>,
): Promise<Response> {
  const provider = options.serverOf(context);
  const { incoming, outgoing } = context.env;
  const interaction = await provider.interactionDetails(incoming, outgoing).catch(() => undefined);
  const uid = context.req.param("uid");
  if (interaction === undefined || interaction.uid !== uid) {
    const detail = "Go back to the application that sent you here and start again.";
    return page(context, 400, errorPage("This sign-in has expired", detail));
  }
  const csrf = createHmac("sha256", options.sessionSecret)
    .update(`form ${uid}`)
    .digest("base64url");
  return act({ context, provider, interaction, csrf, accounts: options.accounts });
}

/**
 * A form counts only with the browser's own interaction cookie (SameSite=Lax, path of this
 * interaction) and the value that was in the page; a browser that says "cross-site" is refused too.
 */
function onForm(
  options: SignInOptions,
  context: PageContext,
  act: (step: Step, fields: (name: string) => string) => Response | Promise<Response>,
): Promise<Response> {
  return onStep(options, context, async (step) => {
    const body = await context.req.parseBody().catch(() => ({}) as Record<string, unknown>);
    const fields = (name: string) => {
      const value = body[name];
      return typeof value === "string" ? value : "";
    };
    const site = context.req.header("sec-fetch-site") ?? "same-origin";
    if (!same(fields("csrf"), step.csrf) || !["same-origin", "none"].includes(site)) {
      const detail = "Go back, load the page again and send the form once more.";
      return page(context, 403, errorPage("That form did not come from this page", detail));
    }
    return act(step, fields);
  });
}

async function show(step: Step): Promise<Response> {
  const { context, provider, interaction, csrf } = step;
  const clientName = await nameOf(provider, interaction);
  if (interaction.prompt.name === "login") {
    const hint = interaction.params["login_hint"];
    const email = typeof hint === "string" ? { email: hint } : {};
    return page(context, 200, loginPage({ uid: interaction.uid, csrf, clientName, ...email }));
  }
  return page(
    context,
    200,
    consentPage({
      uid: interaction.uid,
      csrf,
      clientName,
      clientHost: new URL(String(interaction.params["redirect_uri"])).host,
      email: step.accounts.find(interaction.session?.accountId ?? "")?.email ?? "nobody",
      permissions: askedScopes(interaction).map((name) => scopes[name]),
    }),
  );
}

async function login(
  { accounts, attempts }: SignInOptions,
  step: Step,
  fields: (name: string) => string,
): Promise<Response> {
  if (step.interaction.prompt.name !== "login") return show(step);
  const email = fields("email");
  const key = normalEmail(email).slice(0, 254);
  const waitSeconds = attempts.take(key);
  if (waitSeconds > 0) {
    step.context.header("Retry-After", String(waitSeconds));
    const problem = `Too many tries. Wait ${waitSeconds} seconds, then try again.`;
    return loginAgain(step, 429, email, problem);
  }
  const user = await accounts.authenticate(email, fields("password"));
  if (user === undefined) {
    return loginAgain(step, 403, email, "The e-mail or the password is wrong.");
  }
  attempts.clear(key);
  const response = await finish(step, { login: { accountId: user.id } });
  const before = step.interaction.session?.accountId ?? user.id;
  if (before !== user.id) await forgetAccount(step);
  return response;
}

/**
 * Empties the browser's session of whoever was signed in before: left alone, oidc-provider would
 * first send the browser through its sign-out, which the helpdesk has not.
 */
async function forgetAccount({ context, provider }: Step): Promise<void> {
  const { incoming, outgoing } = context.env;
  const session = await provider.Session.get(provider.createContext(incoming, outgoing));
  delete session.accountId;
  delete session.authorizations;
  await session.persist();
}

async function loginAgain(
  { context, provider, interaction, csrf }: Step,
  status: 403 | 429,
  email: string,
  problem: string,
): Promise<Response> {
  const clientName = await nameOf(provider, interaction);
  return page(
    context,
    status,
    loginPage({ uid: interaction.uid, csrf, clientName, email, problem }),
  );
}

async function consent(step: Step, fields: (name: string) => string): Promise<Response> {
  const { provider, interaction } = step;
  if (interaction.prompt.name !== "consent" || interaction.session === undefined) {
    return show(step);
  }
  if (fields("decision") !== "allow") {
    return finish(step, {
      error: "access_denied",
      error_description: "the person denied the request",
    });
  }
  // A grant of its own for each connection: revoking one leaves the others alone.
  const grant = new provider.Grant({
    accountId: interaction.session.accountId,
    clientId: String(interaction.params["client_id"]),
  });
  grant.addOIDCScope(askedScopes(interaction).join(" "));
  return finish(step, { consent: { grantId: await grant.save() } });
}

/** Ends the browser's session (no token hangs on it) and starts the same request again. */
async function switchAccount({ context, provider, interaction }: Step): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const session = await provider.Session.get(provider.createContext(incoming, outgoing));
  await session.destroy();
  await interaction.destroy();
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(interaction.params)) {
    if (typeof value === "string") query.set(name, value);
  }
  return redirect(context, `/authorize?${query}`);
}

async function finish(
  { context, provider }: Step,
  result: Parameters<Provider["interactionResult"]>[2],
): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const next = new URL(await provider.interactionResult(incoming, outgoing, result));
  // Without the origin, so that the browser stays at the address it came to.
  return redirect(context, next.pathname + next.search);
}

function askedScopes(interaction: Interaction) {
  return knownScopes(String(interaction.params["scope"]));
}

async function nameOf(provider: Provider, interaction: Interaction): Promise<string> {
  const client = await provider.Client.find(String(interaction.params["client_id"]));
  return client?.clientName ?? "an application";
}

function page(context: Context, status: 200 | 400 | 403 | 413 | 429, body: Page) {
  for (const [name, value] of Object.entries(pageHeaders)) context.header(name, value);
  return context.html(body, status);
}

function redirect(context: Context, location: string): Response {
  context.header("Cache-Control", "no-store");
  return context.redirect(location, 303);
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
