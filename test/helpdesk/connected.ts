/** @module A helpdesk on a free port, and the tenant's side of its OAuth flow, for the tests. */
import { type Helpdesk, type HelpdeskHooks, startHelpdesk } from "../../helpdesk/helpdesk.ts";
import type { HelpdeskOptions } from "../../helpdesk/settings.ts";
import { Browser, type PageView } from "./browser.ts";

export const clientId = "auth0-custom-oauth2";
export const clientSecret = "a-client-secret-for-tests-only";
export const redirectUri = "https://acme.example/login/callback";
export const allScopes = "openid profile email read:tickets write:tickets";

export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** Starts a helpdesk with known secrets. */
export function start(
  options: Partial<HelpdeskOptions> = {},
  hooks: HelpdeskHooks = {},
): Promise<Helpdesk> {
  const settings = {
    port: 0,
    clientSecret,
    sessionSecret: "a-session-secret-for-tests",
    tokenSecret: "a-token-secret-for-tests-only",
    redirectUris: [redirectUri],
    ...options,
  };
  return startHelpdesk(settings, hooks);
}

/** Path and query of an authorization request; an undefined parameter is left out. */
export function authorizePath(parameters: Record<string, string | undefined> = {}): string {
  const all = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: allScopes,
    state: "state-1",
    ...parameters,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(all)) if (value !== undefined) query.set(name, value);
  return `/authorize?${query}`;
}

/** Signs in and presses Allow; returns the redirect to the tenant. */
export async function allow(
  helpdesk: { url: string },
  { user = "alice", ...parameters }: Record<string, string | undefined> = {},
  browser = new Browser(helpdesk.url),
): Promise<URL> {
  const login = await browser.open(authorizePath(parameters));
  const consent = await signIn(browser, login, user);
  const done = await browser.submit(consent, "/consent", { decision: "allow" });
  return new URL(done.url);
}

export function signIn(browser: Browser, login: PageView, user = "alice"): Promise<PageView> {
  return browser.submit(login, "/login", { email: `${user}@acme.test`, password: "demo1234" });
}

/** One request to the token endpoint, authenticated in the body as Auth0 does. */
export function tokenRequest(
  helpdesk: { url: string },
  form: Record<string, string>,
): Promise<Response> {
  return fetch(`${helpdesk.url}/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form }),
  });
}

/** The whole flow: sign-in, consent, code, tokens. */
export async function connect(
  helpdesk: { url: string },
  parameters: Record<string, string | undefined> = {},
): Promise<TokenAnswer> {
  const callback = await allow(helpdesk, parameters);
  const response = await tokenRequest(helpdesk, {
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
  });
  return tokensOf(response);
}

/** @throws {Error} The answer is a refusal; the message has its error code. */
export async function tokensOf(response: Response): Promise<TokenAnswer> {
  const body = (await response.json()) as TokenAnswer & { error?: string };
  if (!response.ok) throw new Error(`the token endpoint said ${response.status} ${body.error}`);
  return body;
}

export function bearer(accessToken: string): { authorization: string } {
  return { authorization: `Bearer ${accessToken}` };
}
