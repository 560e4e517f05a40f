/** @module What is written while a password is being checked or hashed, a token signed or a provider asked: it stays. */
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { managementApp } from "../../../tenant/management/app.ts";
import { ScriptedBrowser } from "../authentication/scripted-browser.ts";
import {
  type ConnectAnswer,
  callback,
  connectUrl,
  consentAtProvider,
  openWorld,
  password,
  type Row,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";
import { openTestTenant } from "../open-test-tenant.ts";
import { holdHashes } from "./held-hashes.ts";

let world: TenantWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const newPassword = "Another-horse-9";
const database = "Username-Password-Authentication";

async function signIn(email: string, as = password): Promise<boolean> {
  const browser = new ScriptedBrowser();
  const page = await browser.goto(world.authorizeUrl());
  const done = await browser.press(page, "Continue", { username: email, password: as });
  return done.url.searchParams.get("code") !== null;
}

/** Does the second thing while the first one's hashes are held, then ends the first; gives both answers. */
async function meanwhile<A, B>(
  first: () => Promise<A>,
  second: () => Promise<B>,
  hashes = 1,
): Promise<[A, B]> {
  const held = holdHashes(hashes);
  const running = first();
  await held.begun;
  const answer = await second();
  held.release();
  return [await running, answer];
}

suite("a login or a change whose password is being hashed when something else comes", () => {
  test("leaves a user blocked who was blocked meanwhile, and signs them in no more", async () => {
    const user = await world.signUp("blocked@example.com");
    const block = () => world.api("PATCH", userPath(user), { blocked: true });
    const [signedIn, blocked] = await meanwhile(() => signIn("blocked@example.com"), block);
    expect([signedIn, blocked.status]).toEqual([false, 200]);
    expect((await world.api("GET", userPath(user))).body["blocked"]).toBe(true);
  });

  test("makes no user again that was deleted meanwhile, by a login or by a new password", async () => {
    const user = await world.signUp("deleted@example.com");
    const other = await world.signUp("changed@example.com");
    const login = () => signIn("deleted@example.com");
    expect((await meanwhile(login, () => world.api("DELETE", userPath(user))))[0]).toBe(false);
    expect((await world.api("GET", userPath(user))).status).toBe(404);
    const change = () => world.api("PATCH", userPath(other), { password: newPassword });
    const [changed] = await meanwhile(change, () => world.api("DELETE", userPath(other)));
    expect(changed.status).toBe(404);
    expect((await world.api("GET", userPath(other))).status).toBe(404);
  });

  test("signs in by the old password until the new one is written", async () => {
    const user = await world.signUp("old@example.com");
    const change = () => world.api("PATCH", userPath(user), { password: newPassword });
    const [changed, signedIn] = await meanwhile(change, () => signIn("old@example.com"));
    expect([changed.status, signedIn]).toEqual([200, true]);
    expect(await signIn("old@example.com", newPassword)).toBe(true);
    expect(await signIn("old@example.com")).toBe(false);
  });

  test("leaves a password that was set meanwhile, and signs nobody in by the old one after it", async () => {
    const user = await world.signUp("reset@example.com");
    const change = () => world.api("PATCH", userPath(user), { password: newPassword });
    const [signedIn, changed] = await meanwhile(() => signIn("reset@example.com"), change);
    expect([signedIn, changed.status]).toEqual([false, 200]);
    expect(await signIn("reset@example.com", newPassword)).toBe(true);
    expect(await signIn("reset@example.com")).toBe(false);
  });

  test("makes no user of a connection that was deleted meanwhile", async () => {
    const name = "Short-lived";
    const { body } = await world.api("POST", "/connections", { name, strategy: "auth0" });
    const enabled = [{ client_id: world.app.id, status: true }];
    await world.api("PATCH", `/connections/${body.id}/clients`, enabled);
    const more = { email: "orphan@example.com", password, connection: name };
    const create = async () => (await world.api("POST", "/users", more)).status;
    const signUp = async () => {
      const asked = { ...more, email: `signed-up-${more.email}`, client_id: world.app.id };
      const { status } = await fetch(`${world.tenant.url}/dbconnections/signup`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(asked),
      });
      return status;
    };
    const both = () => Promise.all([create(), signUp()]);
    const remove = () => world.api("DELETE", `/connections/${body.id}`);
    const [statuses] = await meanwhile(both, remove, 2);
    for (const status of statuses) expect(status).toBeGreaterThanOrEqual(400);
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
  const held = world.provider.holdNextToken();
  const exchange = world.exchange({ subject_token: other.refreshToken });
  await held.asked;
  const link = { link_with: other.idToken };
  const linked = await world.api("POST", `${userPath(primary)}/identities`, link);
  held.release();
  expect((await exchange).status).toBe(200);
  expect(linked.status).toBe(201);
  const accounts = await world.api<{ connected_accounts: Row[] }>(
    "GET",
    `${userPath(primary)}/connected-accounts`,
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
