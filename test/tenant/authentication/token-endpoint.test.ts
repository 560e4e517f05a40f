/** @module POST /oauth/token: client authentication, bodies, codes and client credentials. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  type App,
  callback,
  decodeJwt,
  openWorld,
  type SignedIn,
  type TenantWorld,
} from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
let machine: App;
const audience = "https://api.example.com";

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  await world.api("POST", "/resource-servers", {
    identifier: audience,
    name: "Tickets API",
    scopes: [{ value: "read:tickets" }, { value: "write:tickets" }],
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true,
  });
  const { body } = await world.api("POST", "/clients", {
    name: "Machine",
    app_type: "non_interactive",
  });
  machine = { id: String(body["client_id"]), secret: String(body["client_secret"]) };
});
afterAll(() => world.close());

const post = (init: RequestInit) =>
  fetch(`${world.tenant.url}/oauth/token`, { method: "POST", ...init });
const m2m = { grant_type: "client_credentials", audience };

async function codeFor(params: Record<string, string> = {}): Promise<string> {
  const { url } = await alice.browser.goto(world.authorizeUrl(params));
  return url.searchParams.get("code") ?? `no code at ${url.href}`;
}

const redeem = (code: string, more: Record<string, string> = {}, app?: App) =>
  world.token({ grant_type: "authorization_code", code, redirect_uri: callback, ...more }, app);

// parity: POST /oauth/token | OpenAPI; RFC 6749
suite("/oauth/token, requests", () => {
  test.each([
    ["no grant_type", {}, 400, "invalid_request"],
    ["an unknown grant_type", { grant_type: "magic" }, 400, "unsupported_grant_type"],
    [
      "a grant_type of the object's own",
      { grant_type: "__proto__" },
      400,
      "unsupported_grant_type",
    ],
  ])("refuses %s", async (_name, form, status, error) => {
    expect(await world.token(form as Record<string, string>)).toMatchObject({
      status,
      body: { error },
    });
  });

  test("refuses a parameter that comes twice (RFC 6749 3.2)", async () => {
    const response = await post({ body: new URLSearchParams("grant_type=a&grant_type=b") });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error_description: "Duplicate parameter: grant_type",
    });
  });

  test.each([
    ["text", "text/plain", "grant_type=client_credentials"],
    ["broken JSON", "application/json", "{"],
    ["a JSON array", "application/json", "[]"],
    ["nested JSON", "application/json", '{"grant_type":{"a":1}}'],
  ])("refuses %s", async (_name, type, body) => {
    const response = await post({ headers: { "content-type": type }, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
  });

  test("answers GET with 404", async () => {
    expect((await fetch(`${world.tenant.url}/oauth/token`)).status).toBe(404);
  });
});

// parity: POST /oauth/token: client authentication | OpenAPI; RFC 6749; field
suite("/oauth/token, client authentication", () => {
  const refused = {
    status: 401,
    body: { error: "invalid_client", error_description: "Client authentication failed" },
  };

  test("refuses an unknown client, a wrong secret and a missing one alike", async () => {
    const { id } = world.app;
    expect(await world.token(m2m, { id: "nobody", secret: "x" })).toMatchObject(refused);
    expect(await world.token(m2m, { id, secret: "x" })).toMatchObject(refused);
    expect(await world.token({ ...m2m, client_id: id }, "no client")).toMatchObject(refused);
  });

  test("RFC 6749 5.2: challenges a wrong secret that came in the Authorization header", async () => {
    const basic = Buffer.from(`${world.app.id}:wrong`).toString("base64");
    const response = await post({
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams(m2m),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic /);
  });

  test("RFC 6749 2.3: refuses two ways of authentication at once", async () => {
    const { id, secret } = world.app;
    const response = await post({
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
      body: new URLSearchParams({ ...m2m, client_secret: secret }),
    });
    expect(response.status).toBe(400);
  });

  test("says that a grant type is not the client's, after the client has proven itself", async () => {
    expect(await world.token(m2m)).toMatchObject({
      status: 403,
      body: {
        error: "unauthorized_client",
        error_description: "Grant type 'client_credentials' not allowed for the client.",
      },
    });
  });

  test("asks a public client for no secret, but for PKCE", async () => {
    const { body } = await world.api("POST", "/clients", {
      name: "Native",
      app_type: "native",
      token_endpoint_auth_method: "none",
      callbacks: [callback],
    });
    const client_id = String(body["client_id"]);
    const { body: databases } = await world.api<{ id: string }[]>(
      "GET",
      "/connections?strategy=auth0",
    );
    await world.api("PATCH", `/connections/${databases[0]?.id}/clients`, [
      { client_id, status: true },
    ]);
    const verifier = "v".repeat(43);
    const form = { grant_type: "authorization_code", redirect_uri: callback, client_id };
    const withPkce = await codeFor({
      client_id,
      code_challenge: verifier,
      code_challenge_method: "plain",
    });
    expect(
      await world.token({ ...form, code: withPkce, code_verifier: verifier }, "no client"),
    ).toMatchObject({ status: 200 });
    const without = await codeFor({ client_id });
    expect(await world.token({ ...form, code: without }, "no client")).toMatchObject({
      status: 400,
      body: { error: "invalid_request" },
    });
  });
});

// parity: POST /oauth/token: authorization_code | OpenAPI; docs: access token profiles
suite("/oauth/token, authorization_code", () => {
  test("gives access, ID and refresh token for what was granted", async () => {
    const { status, body } = await redeem(await codeFor({ nonce: "n-1", max_age: "9999" }));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 86_400,
      scope: "openid profile email offline_access",
      refresh_token: expect.stringMatching(/^v1\./),
    });
    expect(decodeJwt(String(body["id_token"]))).toEqual({
      iss: `${world.tenant.url}/`,
      aud: world.app.id,
      sub: expect.stringMatching(/^auth0\|[0-9a-f]{24}$/),
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      sid: expect.any(String),
      nonce: "n-1",
      name: "alice@example.com",
      nickname: "alice",
      picture: expect.stringContaining("gravatar"),
      updated_at: expect.any(String),
      email: "alice@example.com",
      email_verified: false,
    });
  });

  test("gives no ID token without openid and no refresh token without offline_access", async () => {
    const { body } = await redeem(await codeFor({ scope: "profile" }));
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "scope", "token_type"]);
  });

  test("leaves auth_time out when max_age was not sent", async () => {
    const { body } = await redeem(await codeFor());
    expect(decodeJwt(String(body["id_token"]))).not.toHaveProperty("auth_time");
  });

  test("gives a JWT for the API that was asked for, in Auth0's profile", async () => {
    await consent(alice);
    const code = await codeFor({ audience, scope: "openid read:tickets unknown:scope" });
    const { body } = await redeem(code);
    expect(body["scope"]).toBe("openid read:tickets");
    expect(decodeJwt(String(body["access_token"]))).toEqual({
      iss: `${world.tenant.url}/`,
      sub: alice.claims["sub"],
      aud: [audience, `${world.tenant.url}/userinfo`],
      azp: world.app.id,
      iat: expect.any(Number),
      exp: expect.any(Number),
      scope: "openid read:tickets",
    });
  });

  test("gives a JWT in the RFC 9068 profile when the API says so", async () => {
    const rfc = "https://rfc9068.example.com";
    await world.api("POST", "/resource-servers", {
      identifier: rfc,
      token_dialect: "rfc9068_profile",
    });
    const page = await alice.browser.goto(world.authorizeUrl({ audience: rfc, scope: "openid" }));
    const done = await alice.browser.press(page, "Accept");
    const { body } = await redeem(done.url.searchParams.get("code") ?? "");
    const token = String(body["access_token"]);
    const header = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
    expect(header).toMatchObject({ typ: "at+jwt", alg: "RS256" });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ client_id: world.app.id, jti: expect.any(String) });
    expect(claims).not.toHaveProperty("azp");
    expect(claims).not.toHaveProperty("gty");
  });

  test("refuses a second use of a code, and revokes what the first one gave (RFC 6749 4.1.2)", async () => {
    const code = await codeFor();
    const first = await redeem(code);
    expect(first.status).toBe(200);
    expect(await redeem(code)).toMatchObject({
      status: 403,
      body: { error: "invalid_grant", error_description: "Invalid authorization code" },
    });
    const form = {
      grant_type: "refresh_token",
      refresh_token: String(first.body["refresh_token"]),
    };
    expect(await world.token(form)).toMatchObject({
      status: 403,
      body: { error: "invalid_grant" },
    });
  });

  test("gives at most one of several racing uses of a code its tokens", async () => {
    const code = await codeFor();
    const answers = await Promise.all([redeem(code), redeem(code), redeem(code)]);
    // None, where one came while the first one's tokens were being made.
    const refused = answers.filter(({ status }) => status === 403);
    expect([2, 3]).toContain(refused.length);
  });

  test("refuses a code of another client, one that has ended, and one that never was", async () => {
    const refused = { status: 403, body: { error: "invalid_grant" } };
    const other = await world.api("POST", "/clients", { name: "Other", callbacks: [callback] });
    const app = {
      id: String(other.body["client_id"]),
      secret: String(other.body["client_secret"]),
    };
    expect(await redeem(await codeFor(), {}, app)).toMatchObject(refused);
    expect(await redeem("no-such-code")).toMatchObject(refused);
    const late = await codeFor();
    world.passSeconds(601);
    expect(await redeem(late)).toMatchObject(refused);
  });

  test("refuses another redirect_uri, and a missing one", async () => {
    expect(await redeem(await codeFor(), { redirect_uri: `${callback}/` })).toMatchObject({
      status: 403,
      body: { error: "invalid_grant" },
    });
    expect(await redeem(await codeFor(), { redirect_uri: "" })).toMatchObject({ status: 400 });
  });

  test("gives no refresh token for an API that does not allow offline access", async () => {
    const strict = "https://strict.example.com";
    await world.api("POST", "/resource-servers", { identifier: strict });
    const page = await alice.browser.goto(
      world.authorizeUrl({ audience: strict, scope: "openid offline_access" }),
    );
    const done = await alice.browser.press(page, "Accept");
    const { body } = await redeem(done.url.searchParams.get("code") ?? "");
    expect(body["scope"]).toBe("openid");
    expect(body).not.toHaveProperty("refresh_token");
  });
});

/** First-party consent for the test API: the scripted user's callback is not on loopback, so none is asked. */
async function consent(user: SignedIn): Promise<void> {
  const visit = await user.browser.goto(
    world.authorizeUrl({ audience, scope: "openid read:tickets" }),
  );
  expect(visit.url.searchParams.get("code")).not.toBeNull();
}

// parity: POST /oauth/token: client_credentials | OpenAPI; field
suite("/oauth/token, client_credentials", () => {
  test("refuses a client without a client grant, in Auth0's words", async () => {
    const { status, body } = await world.token(m2m, machine);
    expect({ status, body }).toEqual({
      status: 403,
      body: {
        error: "access_denied",
        error_description: `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`,
      },
    });
  });

  test("gives the grant's scopes, or those of them that were asked for", async () => {
    const scope = ["read:tickets", "write:tickets"];
    await world.api("POST", "/client-grants", { client_id: machine.id, audience, scope });
    const { status, body, headers } = await world.token(m2m, machine);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.any(String),
      scope: "read:tickets write:tickets",
      expires_in: 86_400,
      token_type: "Bearer",
    });
    expect(decodeJwt(String(body["access_token"]))).toEqual({
      iss: `${world.tenant.url}/`,
      sub: `${machine.id}@clients`,
      aud: audience,
      azp: machine.id,
      gty: "client-credentials",
      scope: "read:tickets write:tickets",
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    const fewer = await world.token({ ...m2m, scope: "read:tickets" }, machine);
    expect(fewer.body["scope"]).toBe("read:tickets");
    const none = await world.token({ ...m2m, scope: "" }, machine);
    expect(none.body["scope"]).toBe("read:tickets write:tickets");
  });

  // parity: | field; the list of several (inferred)
  test.each([
    ["other", "other"],
    ["read:tickets openid other", "openid, other"],
  ])("refuses a scope that the client was not granted: %s", async (scope, named) => {
    const { status, body } = await world.token({ ...m2m, scope }, machine);
    expect({ status, body }).toEqual({
      status: 403,
      body: {
        error: "access_denied",
        error_description: `Client has not been granted scopes: ${named}`,
      },
    });
    const [entry] = await world.log("feccft");
    expect(entry?.["description"]).toContain(named);
  });

  test("does not take a user's grant for a client's", async () => {
    const { body } = await world.api("POST", "/clients", { name: "User only" });
    const app = { id: String(body["client_id"]), secret: String(body["client_secret"]) };
    await world.api("POST", "/client-grants", {
      client_id: app.id,
      audience,
      scope: ["read:tickets"],
      subject_type: "user",
    });
    expect(await world.token(m2m, app)).toMatchObject({
      status: 403,
      body: { error: "access_denied" },
    });
  });

  test("refuses a missing and an unknown audience", async () => {
    expect(await world.token({ grant_type: m2m.grant_type }, machine)).toMatchObject({
      status: 400,
      body: { error_description: "Missing required parameter: audience" },
    });
    const unknown = "https://nowhere.example.com";
    expect(await world.token({ ...m2m, audience: unknown }, machine)).toMatchObject({
      status: 403,
      body: { error_description: `Service not enabled within domain: ${unknown}` },
    });
  });

  // parity: | docs: My Account API
  test("never gives a client a token for the My Account API", async () => {
    expect(await world.token({ ...m2m, audience: world.me }, machine)).toMatchObject({
      status: 403,
      body: { error: "access_denied" },
    });
  });

  test("refuses a public client, which can't prove itself", async () => {
    const { body } = await world.api("POST", "/clients", {
      name: "Public machine",
      token_endpoint_auth_method: "none",
      grant_types: ["client_credentials"],
    });
    const form = { ...m2m, client_id: String(body["client_id"]) };
    expect(await world.token(form, "no client")).toMatchObject({ status: 401 });
  });
});
