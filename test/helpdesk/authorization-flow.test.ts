/** @module The authorization code flow, as Auth0 and a browser drive it. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { Helpdesk } from "../../helpdesk/helpdesk.ts";
import { Browser } from "./browser.ts";
import {
  allow,
  allScopes,
  authorizePath,
  bearer,
  clientId,
  clientSecret,
  connect,
  redirectUri,
  signIn,
  start,
  tokenRequest,
  tokensOf,
} from "./connected.ts";

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

suite("authorization code flow", () => {
  let helpdesk: Helpdesk;
  beforeAll(async () => {
    helpdesk = await start();
  });
  afterAll(() => helpdesk.close());

  async function userinfo(accessToken: string): Promise<unknown> {
    const response = await fetch(`${helpdesk.url}/userinfo`, { headers: bearer(accessToken) });
    return response.json();
  }

  test("gives opaque tokens for an hour, with a refresh token that nobody asked for", async () => {
    const tokens = await connect(helpdesk);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: allScopes });
    expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
    expect(tokens.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(allScopes).not.toContain("offline_access");
  });

  test("gives the refresh token also where offline_access was asked for and is dropped", async () => {
    const tokens = await connect(helpdesk, { scope: "openid read:tickets offline_access" });
    expect(tokens.scope).toBe("openid read:tickets");
    expect(tokens.refresh_token).toBeDefined();
  });

  test("tells userinfo who signed in", async () => {
    const { access_token } = await connect(helpdesk, { user: "carol" });
    expect(await userinfo(access_token)).toEqual({
      sub: "usr_carol",
      user_id: "usr_carol",
      name: "Carol Lindqvist",
      email: "carol@acme.test",
      email_verified: true,
    });
  });

  test("gives the e-mail with the tutorial's scopes, which leave `email` out", async () => {
    const scope = "openid profile read:tickets write:tickets";
    const { access_token } = await connect(helpdesk, { scope });
    expect(await userinfo(access_token)).toMatchObject({ email: "alice@acme.test" });
  });

  test("tells no more than the identifier with openid alone", async () => {
    const { access_token } = await connect(helpdesk, { scope: "openid" });
    expect(await userinfo(access_token)).toEqual({ sub: "usr_alice", user_id: "usr_alice" });
  });

  test("RFC 6749 4.1.2: sends the code and the unchanged state back; RFC 9207: and the issuer", async () => {
    const callback = await allow(helpdesk, { state: "a b&c=d/é" });
    expect(callback.origin + callback.pathname).toBe(redirectUri);
    expect(callback.searchParams.get("state")).toBe("a b&c=d/é");
    expect(callback.searchParams.get("iss")).toBe(helpdesk.url);
    expect(callback.searchParams.get("code")).toMatch(/^[\w-]{43}$/);
  });

  test("takes the client's secret from a Basic header as well", async () => {
    const callback = await allow(helpdesk);
    const response = await fetch(`${helpdesk.url}/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: callback.searchParams.get("code") ?? "",
        redirect_uri: redirectUri,
      }),
    });
    expect(await tokensOf(response)).toMatchObject({ scope: allScopes });
  });

  test("RFC 7636 4.6: checks the verifier where a challenge was sent", async () => {
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const pkce = { code_challenge, code_challenge_method: "S256" };
    const exchange = async (more: Record<string, string>) => {
      const callback = await allow(helpdesk, pkce);
      const code = callback.searchParams.get("code") ?? "";
      const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
      return (await tokenRequest(helpdesk, { ...grant, ...more })).status;
    };
    expect(await exchange({ code_verifier: verifier })).toBe(200);
    expect(await exchange({ code_verifier: verifier.toLowerCase() })).toBe(400);
    expect(await exchange({})).toBe(400);
  });

  test("signs the ID token with the key it publishes", async () => {
    const { id_token = "" } = await connect(helpdesk, { nonce: "n-1" });
    const { createRemoteJWKSet, jwtVerify } = await import("jose");
    const keys = createRemoteJWKSet(new URL(`${helpdesk.url}/jwks`));
    const { payload } = await jwtVerify(id_token, keys, {
      issuer: helpdesk.url,
      audience: clientId,
    });
    expect(payload).toMatchObject({ sub: "usr_alice", nonce: "n-1" });
  });

  test("publishes the key without its private part", async () => {
    const { keys } = (await (await fetch(`${helpdesk.url}/jwks`)).json()) as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty("d");
  });
});

suite("/authorize", () => {
  let helpdesk: Helpdesk;
  beforeAll(async () => {
    helpdesk = await start({ redirectUris: [redirectUri, "https://login.acme.example/callback"] });
  });
  afterAll(() => helpdesk.close());

  /** The error that the client is sent, without following the redirect. */
  async function refusal(parameters: Record<string, string | undefined>): Promise<URLSearchParams> {
    const page = await new Browser(helpdesk.url).open(authorizePath(parameters));
    expect(page.url.startsWith(redirectUri)).toBe(true);
    return new URL(page.url).searchParams;
  }

  test("renders the sign-in form for the tutorial's query string", async () => {
    const query = `client_id=auth0-custom-oauth2&redirect_uri=${redirectUri}&response_type=code&scope=openid+profile+read:tickets+write:tickets&state=x`;
    const page = await new Browser(helpdesk.url).open(`/authorize?${query}`);
    expect(page.status).toBe(200);
    expect(page.html).toContain("Sign in to Acme Helpdesk");
    expect(page.html).toMatch(/<input id="password" name="password" type="password"/);
  });

  test.each([
    ["another path", "https://acme.example/login/callback/"],
    ["another scheme", "http://acme.example/login/callback"],
    ["a query more", "https://acme.example/login/callback?x=1"],
    ["a port that means the same", "https://acme.example:443/login/callback"],
    ["none", undefined],
  ])("RFC 6749 3.1.2.4: shows an error and does not redirect to %s", async (_what, uri) => {
    const page = await new Browser(helpdesk.url).open(authorizePath({ redirect_uri: uri }));
    expect(page.status).toBe(400);
    expect(page.url).toContain(helpdesk.url);
    expect(page.html).toContain("The request can&#39;t be completed");
  });

  test("takes every redirect_uri of the list", async () => {
    const other = "https://login.acme.example/callback";
    const callback = await allow(helpdesk, { redirect_uri: other });
    expect(callback.href.startsWith(`${other}?code=`)).toBe(true);
  });

  test("shows an error to an unknown client", async () => {
    const page = await new Browser(helpdesk.url).open(authorizePath({ client_id: "nobody" }));
    expect(page.status).toBe(400);
    expect(page.html).toContain("invalid_client");
  });

  test.each([
    ["an unknown scope", { scope: "openid read:tickets delete:tickets" }, "delete:tickets"],
    ["no scope", { scope: undefined }, ""],
  ])("RFC 6749 3.3: refuses %s as invalid_scope", async (_what, parameters, scope) => {
    const answer = await refusal(parameters);
    expect(answer.get("error")).toBe("invalid_scope");
    expect(answer.get("error_description")).toContain("write:tickets");
    expect(answer.get("scope") ?? "").toBe(scope);
    expect(answer.get("state")).toBe("state-1");
  });

  test.each([
    ["token", "unsupported_response_type"],
    ["code id_token", "unsupported_response_type"],
  ])("refuses response_type %s", async (response_type, error) => {
    const page = await new Browser(helpdesk.url).open(authorizePath({ response_type }));
    expect(page.url).toContain(`error=${error}`);
  });

  test("RFC 7636 4.3: refuses a plain challenge", async () => {
    const pkce = { code_challenge: verifier, code_challenge_method: "plain" };
    expect((await refusal(pkce)).get("error")).toBe("invalid_request");
  });

  test("sends access_denied back when the person presses Deny", async () => {
    const browser = new Browser(helpdesk.url);
    const consent = await signIn(browser, await browser.open(authorizePath()));
    const done = await browser.submit(consent, "/consent", { decision: "deny" });
    const answer = new URL(done.url).searchParams;
    expect([answer.get("error"), answer.get("state")]).toEqual(["access_denied", "state-1"]);
    expect(answer.has("code")).toBe(false);
  });

  test("takes any answer but Allow as a no", async () => {
    const browser = new Browser(helpdesk.url);
    const consent = await signIn(browser, await browser.open(authorizePath()));
    const done = await browser.submit(consent, "/consent", {});
    expect(new URL(done.url).searchParams.get("error")).toBe("access_denied");
  });

  test("shows consent at every request, without another sign-in", async () => {
    const browser = new Browser(helpdesk.url);
    await allow(helpdesk, {}, browser);
    const page = await browser.open(authorizePath());
    expect(page.html).toContain("alice@acme.test");
    const done = await browser.submit(page, "/consent", { decision: "allow" });
    expect(new URL(done.url).searchParams.has("code")).toBe(true);
  });

  test("gives each connection a grant of its own: revoking one leaves the other", async () => {
    const browser = new Browser(helpdesk.url);
    const tokens = await Promise.all(
      [
        await allow(helpdesk, {}, browser),
        await browser
          .submit(await browser.open(authorizePath()), "/consent", { decision: "allow" })
          .then(({ url }) => new URL(url)),
      ].map(async (callback) => {
        const code = callback.searchParams.get("code") ?? "";
        const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
        return tokensOf(await tokenRequest(helpdesk, grant));
      }),
    );
    const [first, second] = tokens.map(({ refresh_token = "" }) => refresh_token);
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret });
    body.set("token", first ?? "");
    expect((await fetch(`${helpdesk.url}/revoke`, { method: "POST", body })).status).toBe(200);
    const refresh = (token = "") =>
      tokenRequest(helpdesk, { grant_type: "refresh_token", refresh_token: token });
    expect((await refresh(first)).status).toBe(400);
    expect((await refresh(second)).status).toBe(200);
  });

  test("lets the person go on as somebody else", async () => {
    const browser = new Browser(helpdesk.url);
    const consent = await signIn(browser, await browser.open(authorizePath()));
    const login = await browser.submit(consent, "/switch", {});
    expect(login.html).toContain('name="password"');
    expect((await signIn(browser, login, "bob")).html).toContain("bob@acme.test");
  });

  test("signs in again with prompt=login, also as somebody else", async () => {
    const browser = new Browser(helpdesk.url);
    await allow(helpdesk, {}, browser);
    const login = await browser.open(authorizePath({ prompt: "login" }));
    const consent = await signIn(browser, login, "bob");
    expect(consent.html).toContain("bob@acme.test");
    const done = await browser.submit(consent, "/consent", { decision: "allow" });
    expect(new URL(done.url).searchParams.has("code")).toBe(true);
  });

  test("OpenID Connect Core 3.1.2.6: answers prompt=none without a page", async () => {
    expect((await refusal({ prompt: "none" })).get("error")).toBe("login_required");
    const browser = new Browser(helpdesk.url);
    await allow(helpdesk, { scope: "openid read:tickets" }, browser);
    const same = await browser.open(authorizePath({ prompt: "none", scope: "openid" }));
    expect(new URL(same.url).searchParams.has("code")).toBe(true);
    const more = await browser.open(authorizePath({ prompt: "none", scope: allScopes }));
    expect(new URL(more.url).searchParams.get("error")).toBe("consent_required");
  });

  test("refuses every method but GET", async () => {
    const response = await fetch(helpdesk.url + authorizePath(), { method: "POST" });
    expect(response.status).toBe(405);
  });
});
