/** @module /userinfo, logout, sign-up and change of password over the API; discovery and keys. */
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from "jose";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { ScriptedBrowser } from "./scripted-browser.ts";
import { openWorld, password, type Row, type SignedIn, type TenantWorld } from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
const database = "Username-Password-Authentication";

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
});
afterAll(() => world.close());

const at = (path: string, init?: RequestInit) =>
  fetch(`${world.tenant.url}${path}`, { redirect: "manual", ...init });

// parity: GET /.well-known/openid-configuration | docs: OIDC discovery
suite("discovery", () => {
  test("lists no endpoint that does not answer", async () => {
    const response = await at("/.well-known/openid-configuration");
    const document = (await response.json()) as Record<string, string>;
    expect(document["issuer"]).toBe(`${world.tenant.url}/`);
    for (const [name, url] of Object.entries(document)) {
      if (!name.endsWith("_endpoint") && name !== "jwks_uri") continue;
      const method = /token|revoke/.test(url) ? "POST" : "GET";
      expect({
        name,
        status: (await fetch(url, { method, redirect: "manual" })).status,
      }).not.toEqual({
        name,
        status: 404,
      });
    }
  });

  // parity: | recordings: TestAccTenant_Main; its presence (inferred)
  test("names the logout endpoint unless the tenant's settings say otherwise", async () => {
    const read = async () =>
      (await fetch(`${world.tenant.url}/.well-known/openid-configuration`)).json();
    const set = (on: boolean) =>
      world.api("PATCH", "/tenants/settings", {
        oidc_logout: { rp_logout_end_session_endpoint_discovery: on },
      });
    await set(false);
    expect(await read()).not.toHaveProperty("end_session_endpoint");
    await set(true);
    expect(await read()).toHaveProperty("end_session_endpoint", `${world.tenant.url}/oidc/logout`);
  });

  // parity: GET /.well-known/jwks.json | RFC 7517
  test("gives the key that the tokens are signed with, and no private part", async () => {
    const jwks = (await (await at("/.well-known/jwks.json")).json()) as JSONWebKeySet;
    const { protectedHeader } = await jwtVerify(alice.idToken, createLocalJWKSet(jwks), {
      issuer: `${world.tenant.url}/`,
      audience: world.app.id,
    });
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "JWT" });
    for (const key of jwks.keys) {
      expect(key).toMatchObject({ kty: "RSA", use: "sig", alg: "RS256" });
      for (const secret of ["d", "p", "q", "dp", "dq", "qi"])
        expect(key).not.toHaveProperty(secret);
    }
  });
});

// parity: GET /userinfo | OpenAPI; OpenID Connect Core 5.3
suite("/userinfo", () => {
  const info = (token: string, init: RequestInit = {}) =>
    at("/userinfo", { headers: { authorization: `Bearer ${token}` }, ...init });

  test("answers the claims of the token's scopes, to GET and POST", async () => {
    for (const method of ["GET", "POST"]) {
      const response = await info(alice.accessToken, { method });
      expect(await response.json()).toEqual({
        sub: alice.claims["sub"],
        name: "alice@example.com",
        nickname: "alice",
        picture: expect.any(String),
        updated_at: expect.any(String),
        email: "alice@example.com",
        email_verified: false,
      });
    }
  });

  test("leaves out claims whose scope was not granted", async () => {
    const form = {
      grant_type: "refresh_token",
      refresh_token: alice.refreshToken,
      scope: "openid",
    };
    const { body } = await world.token(form);
    expect(await (await info(String(body["access_token"]))).json()).toEqual({
      sub: alice.claims["sub"],
    });
  });

  test("takes the token from a posted form (RFC 6750 2.2)", async () => {
    const body = new URLSearchParams({ access_token: alice.accessToken });
    expect((await at("/userinfo", { method: "POST", body })).status).toBe(200);
  });

  test("refuses no token, a wrong one, one for another API, an ID token and an ended one", async () => {
    const missing = await at("/userinfo");
    expect({ status: missing.status, challenge: missing.headers.get("www-authenticate") }).toEqual({
      status: 401,
      challenge: "Bearer",
    });
    const forMe = await world.meToken(alice.refreshToken);
    for (const token of ["x", forMe, alice.idToken, alice.refreshToken]) {
      const response = await info(token);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
      expect(await response.json()).toMatchObject({ error: "invalid_token" });
    }
    world.passSeconds(86_401);
    expect((await info(alice.accessToken)).status).toBe(401);
  });
});

// parity: GET /v2/logout, GET /oidc/logout | docs: logout
suite("/v2/logout and /oidc/logout", () => {
  test("end the session and go to an allowed URL", async () => {
    const user = await world.signUp("leaves@example.com");
    const path = `/v2/logout?client_id=${world.app.id}&returnTo=${encodeURIComponent("https://app.example.com")}`;
    const done = await user.browser.goto(`${world.tenant.url}${path}`);
    expect(done.url.origin).toBe("https://app.example.com");
    expect((await user.browser.goto(world.authorizeUrl())).url.pathname).toBe("/u/login");
    expect(await world.log("slo")).toHaveLength(1);
  });

  test("take the client's first URL when none is named, and a page when there is none", async () => {
    const first = await at(`/v2/logout?client_id=${world.app.id}`);
    expect(first.headers.get("location")).toBe("https://app.example.com");
    const page = await at("/v2/logout");
    expect({ status: page.status, text: await page.text() }).toMatchObject({
      status: 200,
      text: expect.stringContaining("Signed out"),
    });
  });

  test("take the tenant's list when no client is named", async () => {
    await world.api("PATCH", "/tenants/settings", {
      allowed_logout_urls: ["https://tenant.example.com/bye"],
    });
    const returnTo = encodeURIComponent("https://tenant.example.com/bye");
    expect((await at(`/v2/logout?returnTo=${returnTo}`)).status).toBe(302);
    expect((await at(`/v2/logout?client_id=${world.app.id}&returnTo=${returnTo}`)).status).toBe(
      400,
    );
  });

  // parity: GET /v2/logout | docs: redirect users after logout
  test.each([
    [
      "a query",
      "https://app.example.com?from=a b&to=%2F",
      "https://app.example.com?from=a%20b&to=%2F",
    ],
    ["a fragment", "https://app.example.com#bye", "https://app.example.com#bye"],
    [
      "a line end in a query",
      "https://app.example.com?a=1\r\nX-B: 2",
      "https://app.example.com?a=1X-B:%202",
    ],
  ])(
    "take returnTo with %s for the address without it, and go to the whole",
    async (_name, to, location) => {
      const query = `client_id=${world.app.id}&returnTo=${encodeURIComponent(to)}`;
      const response = await at(`/v2/logout?${query}`);
      expect({ status: response.status, location: response.headers.get("location") }).toEqual({
        status: 302,
        location,
      });
    },
  );

  // parity: GET /oidc/logout | docs: redirect users after logout; OpenID Connect RP-Initiated Logout 1.0 section 3
  test("take post_logout_redirect_uri only as it is allowed, to the letter", async () => {
    const uri = encodeURIComponent("https://app.example.com?from=a");
    const query = `client_id=${world.app.id}&post_logout_redirect_uri=${uri}`;
    expect((await at(`/oidc/logout?${query}`)).status).toBe(400);
  });

  test.each([
    [
      "another path before a query",
      `/v2/logout?client_id=APP&returnTo=https://app.example.com/x?y`,
    ],
    [
      "another host that ends with the allowed one in its query",
      `/v2/logout?client_id=APP&returnTo=https://evil.example.net?https://app.example.com`,
    ],
    [
      "an allowed address as user information",
      `/v2/logout?client_id=APP&returnTo=https://app.example.com@evil.example.net?x`,
    ],
    ["a URL that is not allowed", `/v2/logout?client_id=APP&returnTo=https://evil.example.net`],
    ["a script as a URL", `/v2/logout?client_id=APP&returnTo=javascript:alert(1)`],
    ["an unknown client", "/v2/logout?client_id=nobody&returnTo=https://app.example.com"],
    [
      "a post_logout_redirect_uri that is not allowed",
      "/oidc/logout?client_id=APP&post_logout_redirect_uri=https://evil.example.net",
    ],
    ["a hint that is no ID token", "/oidc/logout?id_token_hint=x.y.z"],
    ["a hint of another client", "/oidc/logout?id_token_hint=HINT&client_id=other"],
  ])("refuse %s with 400 and stay here", async (_name, path) => {
    const response = await at(path.replace("APP", world.app.id).replace("HINT", alice.idToken));
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  test("take an ID token as hint whose time is over", async () => {
    const url = `/oidc/logout?id_token_hint=${alice.idToken}&post_logout_redirect_uri=https://app.example.com`;
    world.passSeconds(36_001);
    expect((await at(url)).status).toBe(302);
  });
});

// parity: GET /oidc/logout: id_token_hint | OpenID Connect RP-Initiated Logout 1.0 section 2; OpenID Connect Core 10.1
suite("an ID token under its client's secret (HS256), as a hint", () => {
  const hinted = async (hint: string) =>
    (
      await at(
        `/oidc/logout?id_token_hint=${hint}&post_logout_redirect_uri=https://app.example.com`,
      )
    ).status;
  const setAlg = (alg: string) =>
    world.api("PATCH", `/clients/${world.app.id}`, { jwt_configuration: { alg } });
  const signed = (aud: string, secret: string) =>
    new SignJWT({ sub: "auth0|1", iss: `${world.tenant.url}/`, aud })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(secret));

  test("names its user and its client, also when its time is over", async () => {
    await setAlg("HS256");
    onTestFinished(async () => void (await setAlg("RS256")));
    const user = await world.signUp("mac@example.com");
    expect(decodeProtectedHeader(user.idToken).alg).toBe("HS256");
    const params = { prompt: "none", id_token_hint: user.idToken };
    const same = await user.browser.goto(world.authorizeUrl(params));
    expect(same.url.searchParams.get("code")).not.toBeNull();
    expect(await hinted(user.idToken)).toBe(302);
    world.passSeconds(36_001);
    expect(await hinted(user.idToken)).toBe(302);
  });

  test("is none of a client that signs otherwise, of another client's secret, or of a public key", async () => {
    expect(await hinted(await signed(world.app.id, world.app.secret))).toBe(400);
    await setAlg("HS256");
    onTestFinished(async () => void (await setAlg("RS256")));
    expect(await hinted(await signed(world.app.id, world.app.secret))).toBe(302);
    const { body: keys } = await world.api<{ cert: string }[]>("GET", "/keys/signing");
    const { body: other } = await world.api("POST", "/clients", {
      name: "Other",
      jwt_configuration: { alg: "HS256" },
    });
    for (const secret of [String(other["client_secret"]), String(keys[0]?.cert)]) {
      expect(await hinted(await signed(world.app.id, secret))).toBe(400);
    }
    expect(await hinted(await signed("nobody", world.app.secret))).toBe(400);
  });
});

// parity: POST /dbconnections/signup | OpenAPI; docs
suite("/dbconnections/signup", () => {
  const signUp = async (changes: Row) => {
    const response = await at("/dbconnections/signup", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: world.app.id,
        connection: database,
        email: "new@example.com",
        password,
        ...changes,
      }),
    });
    return { status: response.status, body: (await response.json()) as Row };
  };

  test("makes a user who can sign in, and answers the id without its prefix", async () => {
    const { status, body } = await signUp({ given_name: "New", user_metadata: { plan: "free" } });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        _id: expect.stringMatching(/^[0-9a-f]{24}$/),
        email: "new@example.com",
        email_verified: false,
        given_name: "New",
        user_metadata: { plan: "free" },
      },
    });
    const browser = new ScriptedBrowser();
    const page = await browser.goto(world.authorizeUrl());
    const done = await browser.press(page, "Continue", { username: "new@example.com", password });
    expect(done.url.searchParams.get("code")).not.toBeNull();
  });

  test.each([
    ["a weak password", { password: "weak" }, "invalid_password"],
    ["an email that is taken", { email: "alice@example.com" }, "invalid_signup"],
    ["an unknown connection", { connection: "nowhere" }, "invalid_signup"],
    ["a connection that is no database", { connection: "acme-helpdesk" }, "invalid_signup"],
    ["an unknown client", { client_id: "nobody" }, "invalid_signup"],
    ["no email", { email: undefined }, "invalid_body"],
    [
      "too much metadata",
      { user_metadata: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, n])) },
      "invalid_body",
    ],
  ])("refuses %s with 400, in both of Auth0's shapes", async (_name, changes, code) => {
    const { status, body } = await signUp({ email: "other@example.com", ...changes });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        error: code,
        error_description: expect.any(String),
        code,
        statusCode: 400,
        name: expect.any(String),
      },
    });
  });

  test("sets nothing of the user that it doesn't document", async () => {
    const { body } = await signUp({
      email: "plain@example.com",
      blocked: true,
      app_metadata: { admin: true },
    });
    const { body: user } = await world.api("GET", `/users/auth0%7C${String(body["_id"])}`);
    expect(user).not.toHaveProperty("app_metadata");
    expect(user).not.toHaveProperty("blocked");
  });
});

// parity: POST /dbconnections/change_password | OpenAPI
suite("/dbconnections/change_password", () => {
  const change = (email: string) =>
    at("/dbconnections/change_password", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ client_id: world.app.id, connection: database, email }),
    });

  test("answers the same whether or not the user exists", async () => {
    const answers = await Promise.all(
      ["alice@example.com", "nobody@example.com"].map(async (email) => {
        const response = await change(email);
        return { status: response.status, text: await response.text() };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.text).toBe("We've just sent you an email to reset your password.");
  });

  test("refuses an email that is none", async () => {
    expect((await change("nothing")).status).toBe(400);
  });
});
