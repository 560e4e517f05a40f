/** @module POST /me/v1/connected-accounts/connect, and the browser's way to the provider. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser } from "../authentication/scripted-browser.ts";
import {
  type ConnectAnswer,
  callback,
  connectUrl,
  consentAtProvider,
  openWorld,
  type SignedIn,
  type TenantWorld,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
let bearer: string;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  bearer = await world.meToken(alice.refreshToken);
});
afterAll(() => world.close());

const good = { connection: "acme-helpdesk", redirect_uri: callback };
const connect = (body: Record<string, unknown> = {}, token: string | undefined = bearer) =>
  world.my<ConnectAnswer>(token, "POST", "/connect", { ...good, ...body });
const begin = async (body: Record<string, unknown> = {}) => {
  const answer = await connect({ state: "s-1", ...body });
  expect(answer.status).toBe(201);
  return answer.body;
};
/** The provider's authorize request that a connect leads to. */
const sentToProvider = async (body: Record<string, unknown>) => {
  const begun = await begin(body);
  await new ScriptedBrowser().goto(connectUrl(begun));
  return Object.fromEntries(world.provider.authorizeRequests.at(-1) ?? []);
};

// parity: POST /me/v1/connected-accounts/connect | OpenAPI
suite("POST connect", () => {
  test("answers 201 with the four keys, and the rate limit headers", async () => {
    const { status, body, headers } = await connect();
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        auth_session: expect.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        connect_uri: `${world.tenant.url}/connected-accounts/connect`,
        connect_params: { ticket: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        expires_in: 300,
      },
    });
    for (const name of ["limit", "remaining", "reset"]) {
      expect(headers.get(`x-ratelimit-${name}`)).toMatch(/^\d+$/);
    }
    expect(headers.get("content-type")).toMatch(/^application\/json/);
  });

  test.each([
    ["no connection", { connection: undefined }, "data must have required property 'connection'"],
    [
      "no redirect_uri",
      { redirect_uri: undefined },
      "data must have required property 'redirect_uri'",
    ],
    ["an empty connection", { connection: "" }, "connection"],
    ["a connection of 129 characters", { connection: "a".repeat(129) }, "connection"],
    ["a redirect_uri that is no URI", { redirect_uri: "here" }, "redirect_uri"],
    [
      "a redirect_uri that is no callback",
      { redirect_uri: "https://evil.example.net/" },
      "redirect_uri",
    ],
    ["no scopes in the list", { scopes: [] }, "must NOT have fewer than 1 items"],
    ["a scope twice", { scopes: ["openid", "openid"] }, "must NOT have duplicate items"],
    [
      "101 scopes",
      { scopes: Array.from({ length: 101 }, (_, n) => `s${n}`) },
      "more than 100 items",
    ],
    ["an empty scope", { scopes: [""] }, "scopes/0"],
    ["scopes as text", { scopes: "openid" }, "scopes"],
    ["an empty state", { state: "" }, "state"],
    ["a state of 4097 characters", { state: "s".repeat(4097) }, "state"],
    ["a field that is not in the description", { extra: 1 }, "must NOT have additional properties"],
    [
      "an unknown authorization_param",
      { authorization_params: { color: "red" } },
      "additional properties",
    ],
    ["an unknown prompt", { authorization_params: { prompt: "maybe" } }, "prompt"],
    [
      "a short code_challenge",
      { code_challenge: "x", code_challenge_method: "S256" },
      "code_challenge",
    ],
    ["a challenge without its method", { code_challenge: "x".repeat(43) }, "code_challenge_method"],
    [
      "method plain",
      { code_challenge: "x".repeat(43), code_challenge_method: "plain" },
      "code_challenge_method",
    ],
  ])("refuses %s with 400 and says which", async (_name, body, detail) => {
    const answer = await connect(body as Record<string, unknown>);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        type: "https://auth0.com/api-errors/A0E-400-0003",
        status: 400,
        title: "Validation Error",
        detail: "Invalid request payload input",
      },
    });
    const errors = (answer.body as Record<string, unknown>)["validation_errors"];
    expect(JSON.stringify(errors)).toContain(detail);
  });

  test("names every error of a request at once", async () => {
    const { body } = await connect({ connection: "", scopes: [], extra: 1 });
    expect((body as Record<string, unknown>)["validation_errors"]).toHaveLength(3);
  });

  test("refuses a body that is no JSON object, and one of another type", async () => {
    const send = (type: string, body: string) =>
      fetch(`${world.tenant.url}/me/v1/connected-accounts/connect`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}`, "content-type": type },
        body,
      });
    expect((await send("application/json", "{")).status).toBe(400);
    expect((await send("application/json", "[]")).status).toBe(400);
    expect((await send("application/x-www-form-urlencoded", "connection=a")).status).toBe(415);
  });

  // parity: | field
  test("answers 404 for an unknown connection and for one that is not enabled for the app", async () => {
    const missing = { status: 404, body: { type: "https://auth0.com/api-errors/A0E-404-0001" } };
    expect(
      await world.my(bearer, "POST", "/connect", { ...good, connection: "nowhere" }),
    ).toMatchObject(missing);
    const clients = `/connections/${world.connectionId}/clients`;
    await world.api("PATCH", clients, [{ client_id: world.app.id, status: false }]);
    const answer = await connect();
    await world.api("PATCH", clients, [{ client_id: world.app.id, status: true }]);
    expect(answer).toMatchObject(missing);
  });

  test("refuses a connection whose connected accounts are off", async () => {
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, { connected_accounts: { active: false } });
    const answer = await connect();
    await world.api("PATCH", path, { connected_accounts: { active: true } });
    expect(answer).toMatchObject({ status: 400, body: { title: "Bad Request" } });
  });
});

// parity: GET /me/v1/connected-accounts/accounts | docs: My Account API; OpenAPI
suite("My Account API, authorization", () => {
  test("answers 401 without a token, and to one that is not for this API", async () => {
    expect(await world.my(undefined, "GET", "/accounts")).toMatchObject({
      status: 401,
      body: {
        type: "https://auth0.com/api-errors/A0E-401-0002",
        detail: "No auth token provided.",
      },
    });
    const invalid = { status: 401, body: { type: "https://auth0.com/api-errors/A0E-401-0003" } };
    for (const token of [alice.accessToken, alice.idToken, "x", `${bearer.slice(0, -4)}AAAA`]) {
      expect(await world.my(token, "GET", "/accounts")).toMatchObject(invalid);
    }
  });

  test.each([
    ["POST", "/connect", "create:me:connected_accounts"],
    ["POST", "/complete", "create:me:connected_accounts"],
    ["GET", "/accounts", "read:me:connected_accounts"],
    ["GET", "/connections", "read:me:connected_accounts"],
    ["DELETE", "/accounts/cac_1", "delete:me:connected_accounts"],
  ])("asks %s %s for %s", async (method, path, scope) => {
    const all = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);
    const others = all.filter((each) => each !== scope).join(" ");
    const token = await world.meToken(alice.refreshToken, others);
    expect(await world.my(token, method, path, method === "POST" ? {} : undefined)).toMatchObject({
      status: 403,
      body: { type: "https://auth0.com/api-errors/A0E-403-0002", title: "Insufficient Scope" },
    });
  });

  test("refuses a token after its ten minutes", async () => {
    const token = await world.meToken(alice.refreshToken);
    world.passSeconds(601);
    expect(await world.my(token, "GET", "/accounts")).toMatchObject({ status: 401 });
    bearer = await world.meToken(alice.refreshToken);
  });

  // parity: | field
  test("answers 404 A0E-404-0001 while the API is not activated in the tenant", async () => {
    const other = await openWorld({ activated: false });
    const answer = await other.my("any", "POST", "/connect", good);
    expect(answer).toMatchObject({
      status: 404,
      body: {
        type: "https://auth0.com/api-errors/A0E-404-0001",
        title: "Not Found",
        detail: expect.stringContaining("POST /me/v1/connected-accounts/connect"),
      },
    });
    await other.close();
  });

  test("answers 404 to paths that it does not have", async () => {
    const response = await fetch(`${world.tenant.url}/me/v1/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404, title: "Not Found" });
  });
});

// parity: GET /connected-accounts/connect | docs: Connected Accounts for Token Vault
suite("GET /connected-accounts/connect", () => {
  test("sends the browser to the provider with the tenant's own callback and state", async () => {
    const sent = await sentToProvider({});
    expect(sent).toEqual({
      response_type: "code",
      client_id: "tenant-at-provider",
      redirect_uri: `${world.tenant.url}/login/callback`,
      scope: "openid profile email read:tickets write:tickets",
      state: expect.stringMatching(/^[A-Za-z0-9]{43}$/),
    });
    expect(sent["state"]).not.toBe("s-1");
  });

  test("asks for the given scopes instead of the connection's", async () => {
    expect((await sentToProvider({ scopes: ["openid", "read:tickets"] }))["scope"]).toBe(
      "openid read:tickets",
    );
  });

  test("keeps the connection's offline_access when the given scopes lack it", async () => {
    const { body } = await world.api<{ options: Record<string, unknown> }>(
      "GET",
      `/connections/${world.connectionId}`,
    );
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, {
      options: { ...body.options, scope: "openid offline_access" },
    });
    const sent = await sentToProvider({ scopes: ["openid", "read:tickets"] });
    await world.api("PATCH", path, { options: body.options });
    expect(sent["scope"]).toBe("openid read:tickets offline_access");
  });

  test("passes authorization_params on, but lets them replace nothing of the tenant's", async () => {
    const params = { login_hint: "alice", prompt: "consent", max_age: 60, ui_locales: "de" };
    expect(await sentToProvider({ authorization_params: params })).toMatchObject({
      login_hint: "alice",
      prompt: "consent",
      max_age: "60",
      ui_locales: "de",
      client_id: "tenant-at-provider",
    });
  });

  test("takes a ticket once", async () => {
    const begun = await begin();
    const browser = new ScriptedBrowser();
    expect((await browser.goto(connectUrl(begun))).url.origin).toBe(world.provider.url);
    const again = await browser.goto(connectUrl(begun));
    expect(again.status).toBe(400);
    expect(again.page.text).toContain("used before or has ended");
  });

  test("refuses a ticket that has ended, and one that never was", async () => {
    const begun = await begin();
    world.passSeconds(301);
    expect((await new ScriptedBrowser().goto(connectUrl(begun))).status).toBe(400);
    const url = `${world.tenant.url}/connected-accounts/connect`;
    expect((await new ScriptedBrowser().goto(`${url}?ticket=x`)).status).toBe(400);
    expect((await new ScriptedBrowser().goto(url)).status).toBe(400);
    bearer = await world.meToken(alice.refreshToken);
  });

  test("comes back to the app with connect_code and state in the query", async () => {
    const done = await consentAtProvider(alice.browser, connectUrl(await begin()), "alice");
    expect(done.url.href.startsWith(`${callback}?`)).toBe(true);
    expect(Object.fromEntries(done.url.searchParams)).toEqual({
      connect_code: expect.stringMatching(/^[A-Za-z0-9_-]{1,46}$/),
      state: "s-1",
    });
  });

  // parity: | SDK; (inferred)
  test("relays the provider's error to the app", async () => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(connectUrl(await begin()));
    const cancel = page.page.querySelector("a[href$='/abort']")?.getAttribute("href") ?? "";
    const done = await browser.goto(new URL(cancel, page.url));
    expect(Object.fromEntries(done.url.searchParams)).toEqual({
      error: "access_denied",
      error_description: "End-User aborted interaction",
      state: "s-1",
    });
    const [entry] = await world.log("connected_accounts_connection_failed");
    expect(entry).toMatchObject({
      description: "End-User aborted interaction",
      client_id: world.app.id,
    });
  });

  test("refuses the provider's answer in a browser that was not sent there", async () => {
    const browser = new ScriptedBrowser();
    await browser.goto(connectUrl(await begin()));
    const state = world.provider.authorizeRequests.at(-1)?.get("state");
    const url = `${world.tenant.url}/login/callback?code=x&state=${state}`;
    const stranger = await new ScriptedBrowser().goto(url);
    expect(stranger.status).toBe(400);
    expect(stranger.page.text).toContain("Invalid state");
    const own = await browser.goto(url);
    expect(own.url.searchParams.get("error")).toBe("access_denied");
  });

  test("takes the provider's answer once", async () => {
    const browser = new ScriptedBrowser();
    await consentAtProvider(browser, connectUrl(await begin()), "alice");
    const state = world.provider.authorizeRequests.at(-1)?.get("state");
    const again = await browser.goto(`${world.tenant.url}/login/callback?code=x&state=${state}`);
    expect(again.status).toBe(400);
  });
});
