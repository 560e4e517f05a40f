/** @module A real tenant on a port, a real provider behind it, and the clients that tests play. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import * as oidc from "openid-client";
import {
  type StartedTenant,
  type StartTenantOptions,
  startTenant,
} from "../../../tenant/start-tenant.ts";
import { specFetch } from "../spec/spec-fetch.ts";
import {
  startTestProvider,
  type TestProvider,
  type TestProviderOptions,
} from "../upstream/test-provider.ts";
import { appOrigin, ScriptedBrowser, type Visit } from "./scripted-browser.ts";

export const vaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
export const vaultTokenType = "http://auth0.com/oauth/token-type/federated-connection-access-token";
export const refreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token";
export const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
export const callback = `${appOrigin}/callback`;
export const meScopes = [
  "create:me:connected_accounts",
  "read:me:connected_accounts",
  "delete:me:connected_accounts",
];

/** A row of the Management API. */
export type Row = Record<string, unknown> & { id?: string };

export interface App {
  readonly id: string;
  readonly secret: string;
}

export interface SignedIn {
  readonly browser: ScriptedBrowser;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly claims: Record<string, unknown>;
}

/** The user, as the Management API addresses it. */
export function userPath({ claims }: Pick<SignedIn, "claims">): string {
  return `/users/${encodeURIComponent(String(claims["sub"]))}`;
}

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface TenantWorld {
  readonly tenant: StartedTenant;
  readonly provider: TestProvider;
  readonly app: App;
  readonly connectionId: string;
  /** `https://DOMAIN/me/`. */
  readonly me: string;
  /** Stops the tenant and starts it again on the same data. */
  restart(): Promise<void>;
  /** Moves the tenant's clock. */
  passSeconds(seconds: number): void;
  api<Body = Row>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
  token(form: Record<string, string>, app?: App | "no client"): Promise<Answer>;
  authorizeUrl(params?: Record<string, string>): string;
  /** Signs up a new user through the pages, with what a vault client asks for. */
  signUp(email: string, params?: Record<string, string>): Promise<SignedIn>;
  /** The same, up to where the pages lead: the app, or the consent page. */
  signUpPage(
    email: string,
    params?: Record<string, string>,
  ): Promise<Visit & { browser: ScriptedBrowser }>;
  /** Exchanges the code with which a visit ended. */
  redeem(done: Visit, browser: ScriptedBrowser): Promise<SignedIn>;
  meToken(refreshToken: string, scope?: string): Promise<string>;
  my<Body = Record<string, unknown>>(
    token: string | undefined,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>>;
  /** The whole Connected Accounts flow. */
  connect(
    user: SignedIn,
    as: string,
    body?: Record<string, unknown>,
  ): Promise<Answer<Record<string, unknown> & { id: string; scopes: string[] }>>;
  exchange(form: Record<string, string>, app?: App): Promise<Answer>;
  log(type: string): Promise<Row[]>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly provider?: TestProviderOptions;
  readonly client?: Record<string, unknown>;
  readonly connection?: Record<string, unknown>;
  /** Without it the tenant has no My Account API; default true. */
  readonly activated?: boolean;
  readonly tenant?: Partial<StartTenantOptions>;
}

export const password = "Correct-horse-9";
const connectionName = "acme-helpdesk";

export async function openWorld(options: WorldOptions = {}): Promise<TenantWorld> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-world-"));
  let ahead = 0;
  const now = () => Math.floor(Date.now() / 1000) + ahead;
  const tenant = await startTenant({ ...options.tenant, dir, port: 0, now });
  let running = tenant;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), tenant.caPem]);
  const send = specFetch(fetch);
  const provider = await startTestProvider(
    [`${tenant.url}/login/callback`, callback],
    options.provider,
  );
  const me = `${tenant.url}/me/`;

  const read = async <Body>(response: Response): Promise<Answer<Body>> => {
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true;
    const body = json ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body };
  };
  const token: TenantWorld["token"] = async (form, as) => {
    const client = as ?? app;
    const credentials: Record<string, string> =
      client === "no client" ? {} : { client_id: client.id, client_secret: client.secret };
    const body = new URLSearchParams({ ...credentials, ...form });
    return read(await send(`${tenant.url}/oauth/token`, { method: "POST", body }));
  };
  let managementToken: string | undefined;
  const api: TenantWorld["api"] = async (method, path, body) => {
    managementToken ??= String(
      (
        await token(
          { grant_type: "client_credentials", audience: `${tenant.url}/api/v2/` },
          { id: tenant.managementClient.clientId, secret: tenant.managementClient.clientSecret },
        )
      ).body["access_token"],
    );
    const response = await send(`${tenant.url}/api/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${managementToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return read(response);
  };

  let app: App = { id: "", secret: "" };
  const client = await expectStatus(
    201,
    api("POST", "/clients", {
      name: "Agent",
      app_type: "regular_web",
      is_first_party: true,
      oidc_conformant: true,
      callbacks: [callback],
      allowed_logout_urls: [appOrigin],
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["authorization_code", "refresh_token", vaultGrant],
      jwt_configuration: { alg: "RS256" },
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        policies: [{ audience: me, scope: meScopes }],
      },
      ...options.client,
    }),
  );
  app = { id: String(client.body["client_id"]), secret: String(client.body["client_secret"]) };
  if (options.activated !== false) {
    await expectStatus(
      201,
      api("POST", "/resource-servers", { identifier: me, name: "My Account" }),
    );
    await expectStatus(
      201,
      api("POST", "/client-grants", {
        client_id: app.id,
        audience: me,
        scope: meScopes,
        subject_type: "user",
      }),
    );
  }
  const connection = await expectStatus(
    201,
    api("POST", "/connections", {
      name: connectionName,
      strategy: "oauth2",
      connected_accounts: { active: true },
      options: provider.connectionOptions(),
      ...options.connection,
    }),
  );
  const connectionId = String(connection.body.id);
  const databases = await api<Row[]>("GET", "/connections?strategy=auth0");
  for (const id of [connectionId, String(databases.body[0]?.id)]) {
    await expectStatus(
      204,
      api("PATCH", `/connections/${id}/clients`, [{ client_id: app.id, status: true }]),
    );
  }

  const authorizeUrl: TenantWorld["authorizeUrl"] = (params = {}) => {
    const url = new URL(`${tenant.url}/authorize`);
    const all = {
      client_id: app.id,
      response_type: "code",
      redirect_uri: callback,
      scope: "openid profile email offline_access",
      state: "app-state",
      ...params,
    };
    for (const [name, value] of Object.entries(all))
      if (value !== "") url.searchParams.set(name, value);
    return url.href;
  };
  const signUpPage: TenantWorld["signUpPage"] = async (email, params) => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(authorizeUrl({ screen_hint: "signup", ...params }));
    return { ...(await browser.press(page, "Continue", { email, password })), browser };
  };
  const redeem: TenantWorld["redeem"] = async (done, browser) => {
    const code = done.url.searchParams.get("code");
    if (code === null) throw new Error(`no code: ${done.url.href} ${done.page.text}`);
    const { status, body } = await token({
      grant_type: "authorization_code",
      code,
      redirect_uri: callback,
    });
    if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
    return {
      browser,
      accessToken: String(body["access_token"]),
      refreshToken: String(body["refresh_token"]),
      idToken: String(body["id_token"]),
      claims: decodeJwt(String(body["id_token"])),
    };
  };
  const signUp: TenantWorld["signUp"] = async (email, params) => {
    const done = await signUpPage(email, params);
    return redeem(done, done.browser);
  };
  const meToken: TenantWorld["meToken"] = async (refreshToken, scope = meScopes.join(" ")) => {
    const form = { grant_type: "refresh_token", refresh_token: refreshToken, audience: me, scope };
    const { status, body } = await token(form);
    if (status !== 200) throw new Error(`no My Account token: ${JSON.stringify(body)}`);
    return String(body["access_token"]);
  };
  const my: TenantWorld["my"] = async (bearer, method, path, body) => {
    const response = await send(`${tenant.url}/me/v1/connected-accounts${path}`, {
      method,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return read(response);
  };
  return {
    tenant,
    provider,
    app,
    connectionId,
    me,
    async restart() {
      await running.close();
      running = await startTenant({ ...options.tenant, dir, port: 0, now });
      // fetch finds out one by one that its idle connections went with the old tenant.
      const answers = async () => {
        const response = await fetch(`${tenant.url}/.well-known/jwks.json`).catch(() => undefined);
        return response?.ok === true;
      };
      for (let attempt = 0; attempt < 20; attempt += 1) if (await answers()) return;
    },
    passSeconds(seconds) {
      ahead += seconds;
      managementToken = undefined;
    },
    api,
    token,
    authorizeUrl,
    signUpPage,
    redeem,
    signUp,
    meToken,
    my,
    async connect(user, as, body = {}) {
      const bearer = await meToken(user.refreshToken);
      const begun = await my<ConnectAnswer>(bearer, "POST", "/connect", {
        connection: connectionName,
        redirect_uri: callback,
        state: "connect-state",
        ...body,
      });
      if (begun.status !== 201) throw new Error(`no connect: ${JSON.stringify(begun.body)}`);
      const done = await consentAtProvider(user.browser, connectUrl(begun.body), as);
      const code = done.url.searchParams.get("connect_code") ?? "";
      return my(bearer, "POST", "/complete", {
        auth_session: begun.body.auth_session,
        connect_code: code,
        redirect_uri: callback,
      });
    },
    exchange: (form, as) =>
      token(
        {
          grant_type: vaultGrant,
          subject_token_type: refreshTokenType,
          requested_token_type: vaultTokenType,
          connection: connectionName,
          ...form,
        },
        as,
      ),
    async log(type) {
      const { body } = await api<Row[]>("GET", "/logs?per_page=100&sort=date:-1");
      return body.filter((entry) => entry["type"] === type);
    },
    async close() {
      await running.close();
      await provider.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface ConnectAnswer extends Record<string, unknown> {
  auth_session: string;
  connect_uri: string;
  connect_params: { ticket: string };
  expires_in: number;
}

export function connectUrl(begun: ConnectAnswer): string {
  return `${begun.connect_uri}?ticket=${begun.connect_params.ticket}`;
}

/** Signs in and consents at the provider, from a URL that leads there; ends at the app or on a page. */
export async function consentAtProvider(
  browser: ScriptedBrowser,
  url: string,
  as: string,
): Promise<Visit> {
  return passProvider(browser, await browser.goto(url), as);
}

export async function passProvider(
  browser: ScriptedBrowser,
  from: Visit,
  as: string,
): Promise<Visit> {
  let visit = from;
  for (let step = 0; step < 3 && visit.status === 200; step += 1) {
    if (visit.page.querySelector("input[name=login]") !== null) {
      visit = await browser.press(visit, "Sign-in", { login: as, password: "any" });
    } else if (visit.page.querySelector("input[name=prompt][value=consent]") !== null) {
      visit = await browser.press(visit, "Continue");
    } else break;
  }
  return visit;
}

export function decodeJwt(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
}

/** An independent, strict OpenID client; it checks issuer, signature, nonce and PKCE by itself. */
export function strictClient(
  world: TenantWorld,
  app: App = world.app,
): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(world.tenant.url), app.id, app.secret);
}

async function expectStatus<Body>(
  status: number,
  answer: Promise<Answer<Body>>,
): Promise<Answer<Body>> {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status}: ${JSON.stringify(got.body)}`);
  return got;
}
