/** @module What somebody tries who has seen a code, a token, a key or a link that is not theirs. */
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { tenantApp } from "../../../tenant/app.ts";
import { sha256 } from "../../../tenant/identifiers.ts";
import { deleteUser } from "../../../tenant/management/cascade.ts";
import type { ClientRow } from "../../../tenant/models/client.ts";
import { openTestTenant } from "../open-test-tenant.ts";
import { appOrigin, ScriptedBrowser } from "./scripted-browser.ts";
import { callback, openWorld, type Row, type TenantWorld } from "./tenant-world.ts";

let world: TenantWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The raw answer to a browser's request, unfollowed. */
const get = (path: string) => fetch(`${world.tenant.url}${path}`, { redirect: "manual" });

// parity: POST /oauth/token: authorization_code | RFC 6749 4.1.2, RFC 9700 4.5
suite("a code that somebody else has seen", () => {
  /** A tenant that signs when it is told to, and a code to redeem. */
  async function openSlowSigner() {
    const signing = Promise.withResolvers<void>();
    const tenant = await openTestTenant({
      app: (context) => {
        const sign: typeof context.keys.sign = async (...claims) => {
          await signing.promise;
          return context.keys.sign(...claims);
        };
        return tenantApp({ ...context, keys: { ...context.keys, sign } }).app;
      },
    });
    onTestFinished(() => tenant.close());
    const { clientId, clientSecret } = tenant.managementClient;
    const { store, now } = tenant.context;
    const client = store.clients.get(clientId) as ClientRow;
    store.clients.put(clientId, {
      ...client,
      grant_types: ["authorization_code", "refresh_token"],
    });
    const times = { created_at: new Date().toISOString(), updated_at: new Date().toISOString() };
    store.users.put("auth0|a", { user_id: "auth0|a", identities: [], ...times });
    store.codes.put(sha256("the code"), {
      ...{ code_hash: sha256("the code"), client_id: clientId, user_id: "auth0|a" },
      ...{ redirect_uri: callback, scope: "openid offline_access", session_id: "s" },
      ...{ auth_time: now(), expires_at: now() + 60 },
    });
    const redeem = async () => {
      const body = new URLSearchParams({
        ...{ grant_type: "authorization_code", code: "the code", redirect_uri: callback },
        ...{ client_id: clientId, client_secret: clientSecret },
      });
      const url = "https://localhost:4443/oauth/token";
      return (await tenant.fetch(url, { method: "POST", body })).status;
    };
    return { store, redeem, sign: () => signing.resolve() };
  }

  test("leaves no refresh token alive when it comes again while the first answer is being signed", async () => {
    const { store, redeem, sign } = await openSlowSigner();
    const first = redeem();
    await expect.poll(() => store.codes.get(sha256("the code"))?.used_at).toBeDefined();
    expect(await redeem()).toBe(403);
    sign();
    expect(await first).toBe(403);
    expect(store.refreshTokens.all()).toEqual([]);
  });

  test("leaves no refresh token alive when its user is deleted while the answer is being signed", async () => {
    const { store, redeem, sign } = await openSlowSigner();
    const first = redeem();
    await expect.poll(() => store.codes.get(sha256("the code"))?.used_at).toBeDefined();
    deleteUser(store, "auth0|a");
    sign();
    expect(await first).toBe(403);
    expect(store.refreshTokens.all()).toEqual([]);
    expect(store.codes.all()).toEqual([]);
  });

  test("is used up by a wrong verifier: the right one comes too late", async () => {
    const code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const pkce = { code_challenge, code_challenge_method: "S256" };
    const done = await world.signUpPage("pkce@example.test", pkce);
    const form = {
      grant_type: "authorization_code",
      code: String(done.url.searchParams.get("code")),
      redirect_uri: callback,
    };
    const right = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    // The challenge itself is what an eavesdropper has seen.
    expect((await world.token({ ...form, code_verifier: code_challenge })).status).toBe(403);
    expect((await world.token({ ...form, code_verifier: right })).status).toBe(403);
  });
});

// parity: POST /oauth/token: refresh_token | docs: refresh token rotation and lifetimes
suite("a refresh token's idle time", () => {
  test("begins anew with each use, however short it is", async () => {
    const { body } = await world.api("PATCH", `/clients/${world.app.id}`, {
      refresh_token: {
        ...{ rotation_type: "non-rotating", expiration_type: "expiring" },
        ...{ token_lifetime: 1_000, idle_token_lifetime: 10 },
        ...{ infinite_token_lifetime: false, infinite_idle_token_lifetime: false },
      },
    });
    expect(body["refresh_token"]).toMatchObject({ idle_token_lifetime: 10 });
    const { refreshToken } = await world.signUp("idle@example.test");
    const form = { grant_type: "refresh_token", refresh_token: refreshToken };
    for (const seconds of [6, 6, 6]) {
      world.passSeconds(seconds);
      expect((await world.token(form)).status).toBe(200);
    }
    world.passSeconds(11);
    expect((await world.token(form)).status).toBe(403);
  });
});

// parity: GET /authorize: redirect_uri | docs: Allowed Callback URLs; RFC 9700 4.1
suite("an address that only looks like an allowed one", () => {
  const pattern = "https://*.apps.example.test/cb";
  let client: string;

  beforeAll(async () => {
    const { body } = await world.api("POST", "/clients", {
      ...{ name: "Wildcards", app_type: "regular_web" },
      ...{ callbacks: [pattern, callback], allowed_logout_urls: [pattern, appOrigin] },
    });
    client = String(body["client_id"]);
  });

  /** An allowed address with more behind it, which /v2/logout alone does not look at (docs: Redirect Users after Logout). */
  const more = [
    "https://x.apps.example.test/cb?next=https://evil.test",
    "https://x.apps.example.test/cb#a",
  ];
  const wrong = [
    "https://apps.example.test/cb",
    "https://evil.test/cb",
    "https://evil.test#.apps.example.test/cb",
    "https://evil.test/.apps.example.test/cb",
    "https://evil.test\\.apps.example.test/cb",
    "https://x.apps.example.test@evil.test/cb",
    "https://u:p@x.apps.example.test/cb",
    "https://x.apps.example.test.evil.test/cb",
    "https://xapps.example.test/cb",
    "https://x.apps.example.test:444/cb",
    "http://x.apps.example.test/cb",
    "https://x.apps.example.test/cb/../evil",
    ...more,
    "https://x.apps.example.test/CB",
    "https://x.apps.exam\tple.test/cb",
    "https://x.apps.exam\nple.test/cb",
    " https://x.apps.example.test/cb",
    "https://x.apps.example.test\\cb",
    "//x.apps.example.test/cb",
    "https:x.apps.example.test/cb",
    // The pattern itself is no address.
    pattern,
    `${callback}/`,
    `${callback}?a=b`,
    callback.toUpperCase(),
    "javascript:alert(1)",
    "data:text/html,x",
  ];

  test.for(wrong)("is not redirected to after a login: %j", async (uri) => {
    const query = new URLSearchParams({ client_id: client, response_type: "code" });
    query.set("redirect_uri", uri);
    const response = await get(`/authorize?${query}`);
    expect(response.status).toBe(403);
    expect(response.headers.get("location")).toBeNull();
    expect(await response.text()).toContain("Callback URL mismatch");
  });

  test.for(wrong.filter((uri) => !uri.startsWith(callback) && uri !== callback.toUpperCase()))(
    "is not redirected to after a logout, but for what follows an allowed one in /v2/logout: %j",
    async (uri) => {
      for (const path of [
        `/v2/logout?${new URLSearchParams({ client_id: client, returnTo: uri })}`,
        `/oidc/logout?${new URLSearchParams({ client_id: client, post_logout_redirect_uri: uri })}`,
        `/v2/logout?${new URLSearchParams({ returnTo: uri })}`,
      ]) {
        const response = await get(path);
        const goes = more.includes(uri) && path.startsWith(`/v2/logout?client_id`);
        expect(response.status, path).toBe(goes ? 302 : 400);
        expect(response.headers.get("location")).toBe(goes ? uri : null);
      }
    },
  );

  test("where none is named, is not the pattern either: the first real address is taken", async () => {
    const login = await get(`/authorize?client_id=${client}&response_type=token`);
    expect(login.headers.get("location")?.startsWith(`${callback}?error=`)).toBe(true);
    const logout = await get(`/v2/logout?client_id=${client}`);
    expect(logout.headers.get("location")).toBe(appOrigin);
  });
});

// parity: POST /oauth/token: client authentication | docs: private key JWT; RFC 7523, RFC 8725 3.1
suite("an assertion that the client's key did not sign", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const api = "https://attacked.example.test";
  let client: string;

  beforeAll(async () => {
    const { body } = await world.api("POST", "/clients", {
      name: "K",
      app_type: "non_interactive",
    });
    client = String(body["client_id"]);
    await world.api("POST", "/resource-servers", { identifier: api });
    await world.api("POST", "/client-grants", { client_id: client, audience: api, scope: [] });
    const credential = { credential_type: "public_key", pem, alg: "RS256" };
    const made = await world.api<Row>("POST", `/clients/${client}/credentials`, credential);
    await world.api("PATCH", `/clients/${client}`, {
      token_endpoint_auth_method: null,
      client_authentication_methods: {
        private_key_jwt: { credentials: [{ id: made.body.id }] },
      },
    });
  });

  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = () => {
    const now = Math.floor(Date.now() / 1000) + ahead;
    const aud = `${world.tenant.url}/`;
    return { iss: client, sub: client, aud, exp: now + 60, jti: crypto.randomUUID() };
  };
  // The suites above have moved the tenant's clock.
  const ahead = 29;
  const send = (client_assertion: string) =>
    world.token(
      {
        ...{ grant_type: "client_credentials", audience: api, client_id: client, client_assertion },
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      },
      "no client",
    );
  const hmac = (input: string, key: string) =>
    createHmac("sha256", key).update(input).digest("base64url");
  const rsa = (input: string) =>
    createSign("RSA-SHA256").update(input).sign(privateKey).toString("base64url");

  test("is refused: no algorithm, a MAC by the public key, a header that brings a key, a wrong algorithm for the key", async () => {
    const jwk = publicKey.export({ format: "jwk" });
    const mine = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const mineJwk = mine.publicKey.export({ format: "jwk" });
    const by = (header: object, sign: (input: string) => string) => {
      const input = `${encode(header)}.${encode(claims())}`;
      return `${input}.${sign(input)}`;
    };
    const byMine = (input: string) =>
      createSign("RSA-SHA256").update(input).sign(mine.privateKey).toString("base64url");
    for (const assertion of [
      by({ alg: "none" }, () => ""),
      by({ alg: "None" }, () => ""),
      by({ alg: "HS256" }, (input) => hmac(input, pem)),
      by({ alg: "HS256" }, (input) => hmac(input, pem.trim())),
      by({ alg: "HS256" }, (input) => hmac(input, JSON.stringify(jwk))),
      by({ alg: "RS256", jwk: mineJwk }, byMine),
      by({ alg: "RS256", jku: "https://evil.test/jwks.json", kid: "x" }, byMine),
      by({ alg: "RS256", crit: ["b64"], b64: false }, rsa),
      by({ alg: "PS256" }, rsa),
      by({ alg: "RS512" }, rsa),
    ]) {
      expect(await send(assertion)).toMatchObject({
        status: 401,
        body: { error: "invalid_client" },
      });
    }
    expect(await send(by({ alg: "RS256" }, rsa))).toMatchObject({ status: 200 });
  });

  test("is good once, also when it comes many times at once", async () => {
    const input = `${encode({ alg: "RS256" })}.${encode(claims())}`;
    const assertion = `${input}.${rsa(input)}`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

// parity: GET /authorize: login | OpenID Connect Core 3.1.2.3; RFC 9700 4.7
suite("a link to somebody's login in progress", () => {
  test("signs nobody in elsewhere: neither its page, nor its form, nor the way back from the provider", async () => {
    const mallory = new ScriptedBrowser();
    const page = await mallory.goto(world.authorizeUrl());
    const state = String(page.url.searchParams.get("state"));
    const token = page.page.querySelector("input[name=form_token]")?.getAttribute("value") ?? "";
    expect(token).not.toBe("");
    const { browser } = await world.signUp("victim@example.test");
    expect((await browser.goto(page.url.href)).status).toBe(400);
    const posted = await fetch(`${world.tenant.url}/u/social`, {
      method: "POST",
      body: new URLSearchParams({ state, form_token: token, connection: "acme-helpdesk" }),
      redirect: "manual",
    });
    expect(posted.status).toBe(400);
    const back = await browser.goto(`${world.tenant.url}/login/callback?code=x&state=${state}`);
    expect(back.status).toBe(400);
  });
});
