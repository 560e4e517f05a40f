/** @module @auth0/auth0-server-js and the @auth0/auth0-auth-js beneath it: a web app's session. */
import { AuthClient } from "@auth0/auth0-auth-js";
import { type AbstractDataStore, ServerClient, type StateStore } from "@auth0/auth0-server-js";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { appOrigin, ScriptedBrowser } from "../tenant/authentication/scripted-browser.ts";
import {
  callback,
  decodeJwt,
  openWorld,
  passProvider,
  password,
  refreshTokenType,
  type TenantWorld,
} from "../tenant/authentication/tenant-world.ts";

const tickets = "https://tickets.example/api";

let world: TenantWorld;

beforeAll(async () => {
  world = await openWorld();
  await world.api("POST", "/resource-servers", {
    identifier: tickets,
    name: "Tickets",
    scopes: [{ value: "read:tickets" }],
    skip_consent_for_verifiable_first_party_clients: true,
  });
  const { me } = world;
  const { body } = await world.api("GET", `/clients/${world.app.id}`);
  const kept = body["refresh_token"] as { policies: unknown[] };
  await world.api("PATCH", `/clients/${world.app.id}`, {
    refresh_token: {
      ...kept,
      policies: [...kept.policies, { audience: tickets, scope: ["read:tickets"] }],
    },
  });
  expect(me).toMatch(/\/me\/$/);
});
afterAll(() => world.close());

/** What a framework's cookies are to the client: one session, in memory. */
function store<T>(): AbstractDataStore<T> {
  const kept = new Map<string, T>();
  return {
    set: async (id, value) => void kept.set(id, value),
    get: async (id) => kept.get(id),
    delete: async (id) => void kept.delete(id),
  };
}

function webApp(): ServerClient {
  return new ServerClient({
    ...{ domain: world.tenant.domain, clientId: world.app.id, clientSecret: world.app.secret },
    authorizationParams: {
      redirect_uri: callback,
      scope: "openid profile email offline_access",
    },
    transactionStore: store(),
    stateStore: { ...store(), deleteByLogoutToken: async () => {} } as StateStore,
  });
}

async function signIn(app: ServerClient, email: string) {
  const browser = new ScriptedBrowser();
  const url = await app.startInteractiveLogin({
    appState: { returnTo: "/inbox" },
    authorizationParams: { screen_hint: "signup" },
  });
  const done = await browser.press(await browser.goto(url), "Continue", { email, password });
  return { browser, ...(await app.completeInteractiveLogin(done.url)) };
}

suite("@auth0/auth0-server-js", () => {
  test("logs a user in, keeps the session, and logs out by the tenant", async () => {
    const app = webApp();
    const { appState, browser } = await signIn(app, "anna@acme.test");
    expect(appState).toEqual({ returnTo: "/inbox" });
    expect(await app.getUser()).toMatchObject({ email: "anna@acme.test", sid: expect.any(String) });
    const out = await browser.goto(await app.logout({ returnTo: appOrigin }));
    expect(out.url.href).toBe(`${appOrigin}/`);
    expect(await app.getSession()).toBeUndefined();
    const again = await browser.goto(world.authorizeUrl({ prompt: "none" }));
    expect(again.url.searchParams.get("error")).toBe("login_required");
  });

  test("gets a token for another API by the same refresh token", async () => {
    const app = webApp();
    await signIn(app, "ben@acme.test");
    const set = await app.getAccessToken({ audience: tickets, scope: "read:tickets" });
    expect(set).toMatchObject({
      audience: tickets,
      scope: expect.stringContaining("read:tickets"),
    });
    expect(decodeJwt(set.accessToken)).toMatchObject({ aud: expect.stringContaining(tickets) });
    const own = await app.getAccessToken();
    expect(own.accessToken).not.toBe(set.accessToken);
  });

  test("gets the provider's token for a connected user", async () => {
    const app = webApp();
    const { browser } = await signIn(app, "cleo@acme.test");
    const connection = "acme-helpdesk";
    await expect(app.getAccessTokenForConnection({ connection })).rejects.toMatchObject({
      code: "token_for_connection_error",
    });
    // It has no call for the Connected Accounts flow: an app makes these two requests by itself.
    const { accessToken } = await app.getAccessToken({
      audience: world.me,
      scope: "create:me:connected_accounts",
    });
    const begun = await world.my<Begun>(accessToken, "POST", "/connect", {
      ...{ connection, redirect_uri: callback, state: "s" },
    });
    const { connect_uri, connect_params, auth_session } = begun.body;
    const start = await browser.goto(`${connect_uri}?ticket=${connect_params.ticket}`);
    const done = await passProvider(browser, start, "cleo");
    const connect_code = done.url.searchParams.get("connect_code");
    const completed = await world.my(accessToken, "POST", "/complete", {
      ...{ auth_session, connect_code, redirect_uri: callback },
    });
    expect(completed.status).toBe(201);
    const set = await app.getAccessTokenForConnection({ connection });
    expect(set.expiresAt).toBeGreaterThan(Date.now() / 1000 + 3000);
    const profile = await fetch(`${world.provider.url}/me`, {
      headers: { authorization: `Bearer ${set.accessToken}` },
    });
    expect(await profile.json()).toMatchObject({ user_id: "desk-cleo" });
  });

  test("signs a user up and asks for a new password", async () => {
    const app = webApp();
    const connection = "Username-Password-Authentication";
    const signed = await app.database.signUp({ email: "dora@acme.test", password, connection });
    expect(signed.email).toBe("dora@acme.test");
    const text = await app.database.changePassword({ email: "dora@acme.test", connection });
    expect(text).toMatch(/email/);
  });

  test("revokes its refresh token", async () => {
    const app = webApp();
    await signIn(app, "emil@acme.test");
    const refreshToken = (await app.getSession())?.refreshToken ?? "";
    await app.revokeRefreshToken();
    const late = await world.token({ grant_type: "refresh_token", refresh_token: refreshToken });
    expect(late.status).toBe(403);
  });
});

suite("@auth0/auth0-auth-js", () => {
  const client = () =>
    new AuthClient({
      ...{ domain: world.tenant.domain, clientId: world.app.id, clientSecret: world.app.secret },
    });

  test("exchanges a refresh token at the vault, by account where the user has two", async () => {
    const user = await world.signUp("fay@acme.test");
    await world.connect(user, "fay");
    // A second browser, for the first one is signed in at the provider.
    await world.connect({ ...user, browser: new ScriptedBrowser() }, "fay-at-work");
    const exchange = (loginHint: string) =>
      client().exchangeToken({
        ...{ connection: "acme-helpdesk", subjectToken: user.refreshToken, loginHint },
        subjectTokenType: refreshTokenType,
      });
    for (const name of ["fay", "fay-at-work"]) {
      const { accessToken } = await exchange(`desk-${name}`);
      const profile = await fetch(`${world.provider.url}/me`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(await profile.json()).toMatchObject({ user_id: `desk-${name}` });
    }
    await expect(exchange("desk-nobody")).rejects.toMatchObject({
      cause: { error: "federated_connection_refresh_token_not_found" },
    });
  });

  test("gets a machine's token and a user's claims", async () => {
    const { domain, url, managementClient } = world.tenant;
    const machine = new AuthClient({ domain, ...managementClient });
    const { expiresAt } = await machine.getTokenByClientCredentials({ audience: `${url}/api/v2/` });
    expect(expiresAt).toBeGreaterThan(Date.now() / 1000 + 86_000);
    const user = await world.signUp("gil@acme.test");
    const info = await client().getUserInfo({ accessToken: user.accessToken });
    expect(info).toMatchObject({ email: "gil@acme.test" });
  });

  test("discovers the logout of the tenant", async () => {
    const logout = await client().buildLogoutUrl({ returnTo: appOrigin });
    expect(logout.href).toMatch(`${world.tenant.url}/`);
  });
});

interface Begun extends Record<string, unknown> {
  readonly connect_uri: string;
  readonly connect_params: { readonly ticket: string };
  readonly auth_session: string;
}
