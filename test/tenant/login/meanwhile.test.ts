/** @module What is written while a password is being checked or hashed, a token signed or a provider asked: it stays. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { managementApp } from "../../../tenant/management/app.ts";
import { ScriptedBrowser } from "../authentication/scripted-browser.ts";
import {
  type Answer,
  type ConnectAnswer,
  callback,
  connectUrl,
  consentAtProvider,
  openWorld,
  password,
  type Row,
  type SignedIn,
  type TenantWorld,
} from "../authentication/tenant-world.ts";
import { openTestTenant } from "../open-test-tenant.ts";

let world: TenantWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Milliseconds after the first request; checking a password takes some 40. */
const delays = [0, 5, 10, 20, 30];
const newPassword = "Another-horse-9";
const database = "Username-Password-Authentication";
const pathOf = (user: SignedIn) => `/users/${encodeURIComponent(String(user.claims["sub"]))}`;

async function signIn(email: string, as = password): Promise<boolean> {
  const browser = new ScriptedBrowser();
  const page = await browser.goto(world.authorizeUrl());
  const done = await browser.press(page, "Continue", { username: email, password: as });
  return done.url.searchParams.get("code") !== null;
}

/** Lets both run at once, the second one a little later; gives the second one's answer. */
async function meanwhile<T>(
  delay: number,
  first: () => Promise<unknown>,
  second: () => Promise<T>,
): Promise<T> {
  const running = first();
  await sleep(delay);
  const [answer] = await Promise.all([second(), running]);
  return answer;
}

suite.each(delays)("a login or a change that something else meets after %i ms", (delay) => {
  const emailOf = (name: string) => `${name}-${delay}@example.com`;

  test("leaves a user blocked who was blocked meanwhile", async () => {
    const user = await world.signUp(emailOf("blocked"));
    const block = () => world.api("PATCH", pathOf(user), { blocked: true });
    expect((await meanwhile(delay, () => signIn(emailOf("blocked")), block)).status).toBe(200);
    expect((await world.api("GET", pathOf(user))).body["blocked"]).toBe(true);
  });

  test("makes no user again that was deleted meanwhile, by a login or by a new password", async () => {
    const user = await world.signUp(emailOf("deleted"));
    const other = await world.signUp(emailOf("changed"));
    const login = () => signIn(emailOf("deleted"));
    await meanwhile(delay, login, () => world.api("DELETE", pathOf(user)));
    expect((await world.api("GET", pathOf(user))).status).toBe(404);
    const change = () => world.api("PATCH", pathOf(other), { password: newPassword });
    await meanwhile(delay, change, () => world.api("DELETE", pathOf(other)));
    expect((await world.api("GET", pathOf(other))).status).toBe(404);
  });

  test("leaves a password that was set meanwhile, and signs nobody in by the old one after it", async () => {
    const user = await world.signUp(emailOf("reset"));
    const change = () => world.api("PATCH", pathOf(user), { password: newPassword });
    await meanwhile(delay, change, () => signIn(emailOf("reset")));
    expect(await signIn(emailOf("reset"), newPassword)).toBe(true);
    expect(await signIn(emailOf("reset"))).toBe(false);
  });

  test("makes no user of a connection that was deleted meanwhile", async () => {
    const name = `Short-lived-${delay}`;
    const { body } = await world.api("POST", "/connections", { name, strategy: "auth0" });
    const more = { email: emailOf("orphan"), password, connection: name };
    const create = () => world.api("POST", "/users", more);
    const signUp = () =>
      fetch(`${world.tenant.url}/dbconnections/signup`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...more, email: `signed-up-${more.email}` }),
      });
    const both = () => Promise.all([create(), signUp()]);
    await meanwhile(delay, both, () => world.api("DELETE", `/connections/${body.id}`));
    const left = await world.api<Row[]>("GET", `/users?connection=${name}`);
    expect(left.body).toEqual([]);
  });
});

suite("a connection that is closed while its provider is asked", () => {
  /** A connection of this test alone, at which a user begins `as`; the provider's answer is held. */
  async function openHeld(name: string) {
    const { body } = await world.api("POST", "/connections", {
      ...{ name, strategy: "oauth2", connected_accounts: { active: true } },
      options: world.provider.connectionOptions(),
    });
    const enabled = [{ client_id: world.app.id, status: true }];
    await world.api("PATCH", `/connections/${body.id}/clients`, enabled);
    return { path: `/connections/${body.id}`, held: world.provider.holdNextToken() };
  }

  const closings = [
    ["deleted", "DELETE", undefined],
    ["disabled", "PATCH", { authentication: { active: false } }],
  ] as const;

  test.each(closings)("gives no user and no session once it is %s", async (how, method, body) => {
    const name = `login-${how}`;
    const { path, held } = await openHeld(name);
    const browser = new ScriptedBrowser();
    const back = consentAtProvider(browser, world.authorizeUrl({ connection: name }), how);
    await held.asked;
    expect((await world.api(method, path, body)).status).toBeOneOf([200, 202]);
    held.release();
    const { searchParams } = (await back).url;
    expect(searchParams.get("error")).toBe("invalid_request");
    expect(searchParams.get("error_description")).toBe("the connection was disabled");
    const users = await world.api<Row[]>("GET", "/users");
    expect(users.body.filter(({ user_id: id }) => String(id).includes(`|${name}|`))).toEqual([]);
    const silent = await browser.goto(world.authorizeUrl({ prompt: "none" }));
    expect(silent.url.searchParams.get("error")).toBe("login_required");
  });

  const vaultClosings = [
    ["deleted", "DELETE", undefined],
    ["closed to Token Vault", "PATCH", { connected_accounts: { active: false } }],
  ] as const;

  test.each(vaultClosings)("gives no connect code once it is %s", async (how, method, body) => {
    const name = `connect-${method.toLowerCase()}`;
    const user = await world.signUp(`${name}@example.com`);
    const { path, held } = await openHeld(name);
    const bearer = await world.meToken(user.refreshToken);
    const asked = { connection: name, redirect_uri: callback };
    const begun = await world.my<ConnectAnswer>(bearer, "POST", "/connect", asked);
    const back = consentAtProvider(user.browser, connectUrl(begun.body), how);
    await held.asked;
    expect((await world.api(method, path, body)).status).toBeOneOf([200, 202]);
    held.release();
    const { searchParams } = (await back).url;
    expect(searchParams.get("connect_code")).toBeNull();
    expect(searchParams.get("error")).toBe("access_denied");
  });
});

test("an account that goes to another user while its provider is asked stays there", async () => {
  const primary = await world.signUp("primary@example.com");
  const browser = new ScriptedBrowser();
  const url = world.authorizeUrl({ connection: "acme-helpdesk" });
  const other = await world.redeem(await consentAtProvider(browser, url, "moves"), browser);
  const account = await world.connect(other, "moves");
  world.passSeconds(3_700);
  world.provider.slowDownMs = 300;
  const exchange = () => world.exchange({ subject_token: other.refreshToken });
  const link = { link_with: other.idToken };
  const linked = await meanwhile<Answer<Row>>(100, exchange, () =>
    world.api("POST", `${pathOf(primary)}/identities`, link),
  );
  world.provider.slowDownMs = 0;
  expect(linked.status).toBe(201);
  const accounts = await world.api<{ connected_accounts: Row[] }>(
    "GET",
    `${pathOf(primary)}/connected-accounts`,
  );
  expect(accounts.body.connected_accounts.map(({ id }) => id)).toEqual([account.body.id]);
});

test("a user keeps what is written while an ID token is read by which another is linked to it", async () => {
  const reading = Promise.withResolvers<void>();
  const tenant = await openTestTenant({
    app: (context) => {
      const verify: typeof context.keys.verify = async (jwt, options) => {
        // The bearer's own token is for an audience; the one that is linked names its reader.
        if (options === undefined) await reading.promise;
        return context.keys.verify(jwt, options);
      };
      return managementApp({ ...context, keys: { ...context.keys, verify } });
    },
  });
  onTestFinished(() => tenant.close());
  const create = async (email: string) =>
    String(
      (await tenant.api("POST", "/users", { connection: database, email, password })).body[
        "user_id"
      ],
    );
  const [primary, secondary] = [await create("kept@example.com"), await create("gone@example.com")];
  const now = tenant.context.now();
  const link_with = await tenant.context.keys.sign({
    ...{ iss: tenant.context.settings.issuer, aud: tenant.managementClient.clientId },
    ...{ sub: secondary, iat: now, exp: now + 60 },
  });
  const linked = tenant.api("POST", `/users/${primary}/identities`, { link_with });
  const change = { user_metadata: { theme: "dark" } };
  expect((await tenant.api("PATCH", `/users/${primary}`, change)).status).toBe(200);
  reading.resolve();
  expect((await linked).status).toBe(201);
  const { body } = await tenant.api("GET", `/users/${primary}`);
  expect(body).toMatchObject({ ...change, identities: [{}, {}] });
});
