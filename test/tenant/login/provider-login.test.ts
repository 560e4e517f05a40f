/** @module Signing in with a provider, and the users that come of it. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser, type Visit } from "../authentication/scripted-browser.ts";
import {
  callback,
  decodeJwt,
  openWorld,
  passProvider,
  type Row,
  type TenantWorld,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
let options: Row;

beforeAll(async () => {
  world = await openWorld();
  options = world.provider.connectionOptions();
});
afterAll(() => world.close());

const answerOf = ({ url }: Visit) => Object.fromEntries(url.searchParams);
const signIn = async (as: string, params: Record<string, string> = {}) => {
  const browser = new ScriptedBrowser();
  const page = await browser.goto(world.authorizeUrl({ connection: "acme-helpdesk", ...params }));
  return { browser, done: await passProvider(browser, page, as) };
};
const setOptions = (changes: Row) =>
  world.api("PATCH", `/connections/${world.connectionId}`, { options: { ...options, ...changes } });
const script = (profile: string) => ({
  scripts: { fetchUserProfile: `(token, ctx, cb) => cb(null, ${profile})` },
});
async function userOf(done: Visit): Promise<Row> {
  const code = done.url.searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", code, redirect_uri: callback };
  const { body } = await world.token(form);
  const sub = String(decodeJwt(String(body["id_token"]))["sub"]);
  return (await world.api("GET", `/users/${encodeURIComponent(sub)}`)).body;
}

// parity: GET /login/callback | docs: oauth2 connections; (inferred)
suite("signing in with a provider", () => {
  test("leads from the button to the provider and back to the app", async () => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(world.authorizeUrl());
    const atProvider = await browser.press(page, "Continue with Acme-helpdesk");
    expect(atProvider.url.origin).toBe(world.provider.url);
    const done = await passProvider(browser, atProvider, "alice");
    expect(answerOf(done)).toEqual({ code: expect.any(String), state: "app-state" });
  });

  test("goes to the provider at once with the connection parameter", async () => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(world.authorizeUrl({ connection: "acme-helpdesk" }));
    expect(page.url.origin).toBe(world.provider.url);
    const sent = world.provider.authorizeRequests.at(-1);
    expect(sent?.get("redirect_uri")).toBe(`${world.tenant.url}/login/callback`);
    expect(sent?.get("state")).not.toBe("app-state");
  });

  test("makes the user oauth2|CONNECTION|ID with one social identity", async () => {
    const user = await userOf((await signIn("alice")).done);
    expect(user).toMatchObject({
      user_id: "oauth2|acme-helpdesk|desk-alice",
      email: "alice@acme.test",
      name: "Alice Example",
      nickname: "alice",
      identities: [
        {
          provider: "oauth2",
          user_id: "acme-helpdesk|desk-alice",
          connection: "acme-helpdesk",
          isSocial: true,
        },
      ],
    });
    expect(user["logins_count"]).toBeGreaterThanOrEqual(1);
  });

  test("writes to identities, and nothing to the vault", async () => {
    const { done } = await signIn("vera");
    const code = done.url.searchParams.get("code") ?? "";
    const { body } = await world.token({
      grant_type: "authorization_code",
      code,
      redirect_uri: callback,
    });
    expect(await world.exchange({ subject_token: String(body["refresh_token"]) })).toMatchObject({
      status: 401,
      body: { error: "federated_connection_refresh_token_not_found" },
    });
  });

  // parity: GET /authorize | docs: scopes for an external IdP
  test("adds connection_scope to the connection's scopes", async () => {
    await new ScriptedBrowser().goto(
      world.authorizeUrl({ connection: "acme-helpdesk", connection_scope: "offline_access" }),
    );
    expect(world.provider.authorizeRequests.at(-1)?.get("scope")).toBe(
      "openid,profile,email,read:tickets,write:tickets,offline_access",
    );
  });

  test("takes part in the provider's PKCE when the connection says so", async () => {
    await setOptions({ pkce_enabled: true });
    const { done } = await signIn("alice");
    await setOptions({});
    expect(world.provider.authorizeRequests.at(-1)?.get("code_challenge_method")).toBe("S256");
    expect(answerOf(done)).toHaveProperty("code");
  });

  test("sends the connection's custom headers to the token endpoint", async () => {
    await setOptions({ customHeaders: { "X-Team": "one" } });
    await signIn("alice");
    await setOptions({});
    expect(world.provider.tokenRequests.at(-1)?.headers).toMatchObject({ "x-team": "one" });
  });

  test("stringifies a numeric user_id and keeps extra keys, but none of the tenant's own", async () => {
    await setOptions(
      script(
        "{ user_id: 42, team: 'blue', blocked: true, identities: [], email: 7, given_name: 'Al' }",
      ),
    );
    const user = await userOf((await signIn("alice")).done);
    await setOptions({});
    expect(user).toMatchObject({
      user_id: "oauth2|acme-helpdesk|42",
      team: "blue",
      given_name: "Al",
      name: "42",
    });
    expect(user).not.toHaveProperty("email");
    expect(user).not.toHaveProperty("blocked", true);
    expect(user["identities"]).toHaveLength(1);
  });

  test("relays the provider's error to the app", async () => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(world.authorizeUrl({ connection: "acme-helpdesk" }));
    const abort = page.page.querySelector("a[href$='/abort']")?.getAttribute("href") ?? "";
    const done = await browser.goto(new URL(abort, page.url));
    expect(answerOf(done)).toEqual({
      error: "access_denied",
      error_description: "End-User aborted interaction",
      state: "app-state",
    });
  });

  test.each([
    ["the script's error", "(t, c, cb) => cb(new Error('no seat for you'))", "no seat for you"],
    [
      "a profile without user_id",
      "(t, c, cb) => cb(null, { email: 'a@b.test' })",
      "has no user_id",
    ],
    [
      "an upstream answer that is no JSON",
      "(t, c, cb) => cb(null, JSON.parse('Too many'))",
      "Unexpected token",
    ],
  ])("answers access_denied with %s", async (_name, fetchUserProfile, text) => {
    await setOptions({ scripts: { fetchUserProfile } });
    const { done } = await signIn("alice");
    await setOptions({});
    expect(answerOf(done)).toMatchObject({
      error: "access_denied",
      error_description: expect.stringContaining(text),
    });
  });

  test("answers access_denied when there is no script: the profile is empty", async () => {
    await setOptions({ scripts: {} });
    const { done } = await signIn("alice");
    await setOptions({});
    expect(answerOf(done)["error_description"]).toContain("no fetchUserProfile script");
  });

  test("hides the provider's tokens in what a script says", async () => {
    const leak =
      "(token, ctx, cb) => { console.log('token is', token); cb(new Error('bad ' + token)) }";
    await setOptions({ scripts: { fetchUserProfile: leak } });
    const { done } = await signIn("alice");
    await setOptions({});
    expect(answerOf(done)["error_description"]).toBe("bad [hidden]");
    const lines = (await world.log("sapi")).map(({ description }) => description);
    expect(lines).toContain('fetchUserProfile of "acme-helpdesk" wrote: token is [hidden]');
  });

  test("says what is wrong when the provider can't be reached", async () => {
    await setOptions({ tokenURL: "http://127.0.0.1:1/token" });
    const { done } = await signIn("alice");
    await setOptions({});
    expect(answerOf(done)).toMatchObject({
      error: "access_denied",
      error_description: expect.stringContaining("can't be reached"),
    });
  });
});

// parity: option `set_user_root_attributes` | docs: user profile sync
suite("set_user_root_attributes", () => {
  const profile = (name: string) =>
    script(`{ user_id: 'attr', name: '${name}', email: 'attr@acme.test' }`);

  test("on_each_login follows the provider", async () => {
    await setOptions(profile("First"));
    await signIn("alice");
    await setOptions(profile("Second"));
    expect(await userOf((await signIn("alice")).done)).toMatchObject({ name: "Second" });
  });

  test("on_first_login keeps what the first login gave", async () => {
    await setOptions({ ...profile("Third"), set_user_root_attributes: "on_first_login" });
    expect(await userOf((await signIn("alice")).done)).toMatchObject({ name: "Second" });
  });

  test("never_on_login makes no user", async () => {
    await setOptions({
      ...script("{ user_id: 'unknown' }"),
      set_user_root_attributes: "never_on_login",
    });
    const { done } = await signIn("alice");
    expect(answerOf(done)).toMatchObject({
      error: "access_denied",
      error_description: expect.stringContaining("the user does not exist"),
    });
  });

  // parity: option `non_persistent_attrs` | OpenAPI
  test("non_persistent_attrs are not kept", async () => {
    await setOptions({ ...profile("Fourth"), non_persistent_attrs: ["email"] });
    const user = await userOf((await signIn("alice")).done);
    await setOptions({});
    expect(user).toMatchObject({ name: "Fourth" });
  });
});
