/**
 * @module What the OpenID Foundation's Basic OP plan looks at, as our own tests: each is named after the
 * module of the plan that it follows. This is no certification.
 */
import * as oidc from "openid-client";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser } from "./scripted-browser.ts";
import {
  type Answer,
  callback,
  decodeJwt,
  openWorld,
  password,
  type SignedIn,
  strictClient,
  type TenantWorld,
  userPath,
} from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
const email = "alice@example.com";

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp(email);
  await world.api("PATCH", userPath(alice), {
    given_name: "Alice",
    family_name: "Example",
  });
});
afterAll(() => world.close());

/** An answer for a browser that is signed in. */
async function authorize(params: Record<string, string> = {}, browser = alice.browser) {
  const { url, page } = await browser.goto(world.authorizeUrl(params));
  return { url, page, params: Object.fromEntries(url.searchParams) };
}
const redeem = (code: string | undefined, more: Record<string, string> = {}) =>
  world.token({
    grant_type: "authorization_code",
    code: code ?? "",
    redirect_uri: callback,
    ...more,
  });
async function tokens(params: Record<string, string> = {}): Promise<Answer["body"]> {
  const { status, body } = await redeem((await authorize(params)).params["code"]);
  expect(status).toBe(200);
  return body;
}
const idToken = async (params: Record<string, string> = {}) =>
  decodeJwt(String((await tokens(params))["id_token"]));
async function userInfo(params: Record<string, string>, init?: RequestInit) {
  const token = String((await tokens(params))["access_token"]);
  const response = await fetch(`${world.tenant.url}/userinfo`, {
    headers: { authorization: `Bearer ${token}` },
    ...init,
  });
  return (await response.json()) as Record<string, unknown>;
}
const accepted = (params: Record<string, string>) => async () => {
  expect((await authorize(params)).params).toEqual({
    code: expect.any(String),
    state: "app-state",
  });
};

// parity: GET /authorize: OpenID Basic OP plan | OpenID conformance suite; OpenID Connect Core
suite("OpenID Basic OP plan", () => {
  test("oidcc-server: a strict client takes the answer, with a nonce", async () => {
    const nonce = oidc.randomNonce();
    const { url } = await authorize({ nonce });
    const checks = { expectedNonce: nonce, expectedState: "app-state", idTokenExpected: true };
    const answer = await oidc.authorizationCodeGrant(await strictClient(world), url, checks);
    expect(answer.claims()?.sub).toBe(alice.claims["sub"]);
  });

  test("oidcc-response-type-missing: an error, and no code", async () => {
    expect((await authorize({ response_type: "" })).params).toMatchObject({
      error: "invalid_request",
      state: "app-state",
    });
  });

  test("oidcc-idtoken-signature: RS256, by a key of the key set", async () => {
    const response = await fetch(`${world.tenant.url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: { kid: string }[] };
    const header = JSON.parse(
      Buffer.from(alice.idToken.split(".")[0] ?? "", "base64url").toString(),
    );
    expect(header.alg).toBe("RS256");
    expect(keys.map(({ kid }) => kid)).toContain(header.kid);
  });

  test("oidcc-userinfo-get: the token in the header of a GET", async () => {
    expect(await userInfo({})).toMatchObject({ sub: alice.claims["sub"] });
  });

  test("oidcc-userinfo-post-header: the token in the header of a POST", async () => {
    const token = String((await tokens())["access_token"]);
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${world.tenant.url}/userinfo`, { method: "POST", headers })).status).toBe(
      200,
    );
  });

  test("oidcc-userinfo-post-body: the token in the form of a POST", async () => {
    const body = new URLSearchParams({ access_token: String((await tokens())["access_token"]) });
    expect((await fetch(`${world.tenant.url}/userinfo`, { method: "POST", body })).status).toBe(
      200,
    );
  });

  test("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", async () => {
    expect(await idToken()).not.toHaveProperty("nonce");
  });

  test("oidcc-scope-profile: the profile's claims", async () => {
    expect(await userInfo({ scope: "openid profile" })).toEqual({
      sub: alice.claims["sub"],
      name: email,
      given_name: "Alice",
      family_name: "Example",
      nickname: "alice",
      picture: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  test("oidcc-scope-email: the address and whether it is verified", async () => {
    expect(await userInfo({ scope: "openid email" })).toEqual({
      sub: alice.claims["sub"],
      email,
      email_verified: false,
    });
  });

  test.each(["address", "phone"])(
    "oidcc-scope-%s: taken, although the user has none",
    async (scope) => {
      expect(await userInfo({ scope: `openid ${scope}` })).toEqual({ sub: alice.claims["sub"] });
    },
  );

  test("oidcc-scope-all: all of them together", async () => {
    const scope = "openid profile email address phone";
    expect(await userInfo({ scope })).toMatchObject({ name: email, email });
  });

  test("oidcc-ensure-other-scope-order-succeeds", async () => {
    expect((await tokens({ scope: "email openid" }))["scope"]).toBe("email openid");
  });

  test("oidcc-display-page", accepted({ display: "page" }));
  test("oidcc-display-popup", accepted({ display: "popup" }));

  test("oidcc-prompt-login: signs in again, with a new auth_time", async () => {
    const user = await world.signUp("again@example.com");
    const first = await authorize({ max_age: "10000" }, user.browser);
    const before = decodeJwt(String((await redeem(first.params["code"])).body["id_token"]));
    world.passSeconds(5);
    const page = await user.browser.goto(world.authorizeUrl({ prompt: "login", max_age: "10000" }));
    const done = await user.browser.press(page, "Continue", {
      username: "again@example.com",
      password,
    });
    const { body } = await redeem(done.url.searchParams.get("code") ?? "");
    const after = decodeJwt(String(body["id_token"]));
    expect(after["sub"]).toBe(before["sub"]);
    expect(Number(after["auth_time"])).toBeGreaterThanOrEqual(Number(before["auth_time"]) + 5);
  });

  test("oidcc-prompt-none-not-logged-in: login_required", async () => {
    const { params } = await authorize({ prompt: "none" }, new ScriptedBrowser());
    expect(params).toMatchObject({ error: "login_required", state: "app-state" });
  });

  test("oidcc-prompt-none-logged-in: the same user and the same auth_time", async () => {
    const first = await idToken({ max_age: "15000" });
    const second = await idToken({ max_age: "15000", prompt: "none" });
    expect({ sub: second["sub"], time: second["auth_time"] }).toEqual({
      sub: first["sub"],
      time: first["auth_time"],
    });
  });

  test("oidcc-max-age-1: signs in again after a second", async () => {
    const user = await world.signUp("quick@example.com");
    world.passSeconds(2);
    const page = await user.browser.goto(world.authorizeUrl({ max_age: "1" }));
    expect(page.url.pathname).toBe("/u/login");
    const done = await user.browser.press(page, "Continue", {
      username: "quick@example.com",
      password,
    });
    const { body } = await redeem(done.url.searchParams.get("code") ?? "");
    const claims = decodeJwt(String(body["id_token"]));
    expect(Number(claims["iat"]) - Number(claims["auth_time"])).toBeLessThanOrEqual(1);
  });

  test("oidcc-max-age-10000: does not sign in again, and says when it was", async () => {
    expect((await idToken({ max_age: "10000" }))["auth_time"]).toEqual(expect.any(Number));
  });

  test("oidcc-ensure-request-with-unknown-parameter-succeeds", accepted({ extra: "foobar" }));

  test("oidcc-id-token-hint: answers for the hint's user, and for no other", async () => {
    await accepted({ prompt: "none", id_token_hint: alice.idToken })();
    const other = await world.signUp("hinted@example.com");
    const { params } = await authorize({ prompt: "none", id_token_hint: other.idToken });
    expect(params).toMatchObject({ error: "login_required" });
  });

  test("oidcc-login-hint: is on the page", async () => {
    const { page } = await authorize({ login_hint: "hint@example.com" }, new ScriptedBrowser());
    expect(page.querySelector("#username")?.getAttribute("value")).toBe("hint@example.com");
  });

  test("oidcc-ui-locales", accepted({ ui_locales: "se" }));
  test("oidcc-claims-locales", accepted({ claims_locales: "se" }));
  test("oidcc-ensure-request-with-acr-values-succeeds", accepted({ acr_values: "1 2" }));

  test("oidcc-codereuse: a code is good once", async () => {
    const { params } = await authorize();
    expect((await redeem(params["code"])).status).toBe(200);
    expect((await redeem(params["code"])).body["error"]).toBe("invalid_grant");
  });

  test("oidcc-codereuse-30seconds: also half a minute later", async () => {
    const { params } = await authorize();
    expect((await redeem(params["code"])).status).toBe(200);
    world.passSeconds(30);
    expect((await redeem(params["code"])).body["error"]).toBe("invalid_grant");
  });

  test("oidcc-ensure-registered-redirect-uri: an error page, and no redirect", async () => {
    const { url, page } = await authorize({ redirect_uri: `${callback}/unregistered` });
    expect(url.origin).toBe(world.tenant.url);
    expect(page.querySelector("[role=alert]")).not.toBeNull();
  });

  test("oidcc-ensure-post-request-succeeds", async () => {
    const form = Object.fromEntries(new URL(world.authorizeUrl()).searchParams);
    const done = await alice.browser.goto(`${world.tenant.url}/authorize`, {
      method: "POST",
      form,
    });
    expect(done.url.searchParams.get("code")).not.toBeNull();
  });

  test("oidcc-server-client-secret-post, and client_secret_basic", async () => {
    expect((await redeem((await authorize()).params["code"])).status).toBe(200);
    const config = await oidc.discovery(
      new URL(world.tenant.url),
      world.app.id,
      world.app.secret,
      oidc.ClientSecretBasic(world.app.secret),
    );
    const { url } = await authorize();
    const answer = await oidc.authorizationCodeGrant(config, url, { expectedState: "app-state" });
    expect(answer.access_token).not.toBe("");
  });

  test.each([
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-ensure-request-object-with-redirect-uri",
  ])("%s: rejected as unsupported, as discovery says", async () => {
    const object = `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`;
    expect((await authorize({ request: object })).params).toMatchObject({
      error: "request_not_supported",
      state: "app-state",
    });
  });

  test(
    "oidcc-claims-essential: taken, and not obeyed, as at Auth0",
    accepted({ claims: '{"userinfo":{"name":{"essential":true}}}' }),
  );

  test("oidcc-refresh-token: a new access token for the same user", async () => {
    const { body } = await world.token({
      grant_type: "refresh_token",
      refresh_token: String((await tokens())["refresh_token"]),
    });
    expect(decodeJwt(String(body["id_token"]))).toMatchObject({
      sub: alice.claims["sub"],
      iss: alice.claims["iss"],
      aud: alice.claims["aud"],
    });
  });

  test("oidcc-ensure-request-with-valid-pkce-succeeds", async () => {
    const verifier = oidc.randomPKCECodeVerifier();
    const code_challenge = await oidc.calculatePKCECodeChallenge(verifier);
    const { params } = await authorize({ code_challenge, code_challenge_method: "S256" });
    expect((await redeem(params["code"], { code_verifier: verifier })).status).toBe(200);
  });

  test("what has no effect is counted, never dropped in silence", () => {
    const fields = world.tenant
      .droppedFields()
      .map(({ endpoint, field }) => `${endpoint} ${field}`);
    for (const field of [
      "display",
      "extra",
      "ui_locales",
      "claims_locales",
      "acr_values",
      "claims",
    ]) {
      expect(fields).toContain(`GET /authorize ${field}`);
    }
  });
});
