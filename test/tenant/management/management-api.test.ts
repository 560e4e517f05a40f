/** @module What is true of every Management endpoint: tokens, scopes, pages, headers, errors, log. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { freeTenantLimit } from "../../../tenant/management/rate-limit.ts";
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { LogRow } from "../../../tenant/models/log-entry.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

const url = "https://localhost:4443/api/v2";
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const get = (path: string, authorization?: string) =>
  tenant.fetch(`${url}${path}`, { headers: authorization ? { authorization } : {} });

// parity: GET /clients | docs: Management API tokens
suite("the bearer token", () => {
  const refused = async (authorization: string | undefined, message: string) => {
    const response = await get("/clients", authorization);
    expect(await response.json()).toEqual({ statusCode: 401, error: "Unauthorized", message });
  };

  test("is required", () => refused(undefined, "Missing authentication"));

  test.each(["Basic abc", "Bearer", "Bearer a b", "abc"])('refuses the header "%s"', (header) =>
    refused(header, "Bad HTTP authentication header format"),
  );

  test("refuses what is no token, and a token of another key", async () => {
    await refused("Bearer abc", "Invalid token");
    const parts = (await tenant.token()).split(".");
    await refused(`Bearer ${parts[0]}.${parts[1]}.${"A".repeat(342)}`, "Invalid token");
  });

  test("refuses a token for another audience, of another issuer, and one that has ended", async () => {
    const aud = "https://localhost:4443/me/";
    await refused(`Bearer ${await tenant.token([], { aud })}`, "Bad audience");
    const iss = "https://elsewhere.test/";
    await refused(`Bearer ${await tenant.token([], { iss })}`, "Invalid token");
    const exp = tenant.context.now() - 1;
    await refused(`Bearer ${await tenant.token([], { exp })}`, "Expired token");
  });

  test("is refused once it has ended, even if it was accepted before", async () => {
    let now = 1_800_000_000;
    const clocked = await openTestTenant({ now: () => now });
    const authorization = `Bearer ${await clocked.token(["read:clients"])}`;
    const call = () => clocked.fetch(`${url}/clients`, { headers: { authorization } });
    expect((await call()).status).toBe(200);
    now += 86_401;
    expect((await call()).status).toBe(401);
    clocked.close();
  });
});

/** Each operation with any one of the scopes that allow it. */
const operations: [string, string, string][] = [
  ["GET", "/clients", "read:clients"],
  ["POST", "/clients", "create:clients"],
  ["GET", "/clients/x", "read:clients"],
  ["PATCH", "/clients/x", "update:clients"],
  ["DELETE", "/clients/x", "delete:clients"],
  ["POST", "/clients/x/rotate-secret", "update:client_keys"],
  ["GET", "/clients/x/credentials", "read:client_credentials"],
  ["POST", "/clients/x/credentials", "create:client_credentials"],
  ["GET", "/clients/x/credentials/y", "read:client_credentials"],
  ["PATCH", "/clients/x/credentials/y", "update:client_credentials"],
  ["DELETE", "/clients/x/credentials/y", "delete:client_credentials"],
  ["GET", "/connections", "read:connections"],
  ["POST", "/connections", "create:connections"],
  ["GET", "/connections/x", "read:connections"],
  ["PATCH", "/connections/x", "update:connections"],
  ["DELETE", "/connections/x", "delete:connections"],
  ["GET", "/connections/x/status", "read:connections"],
  ["GET", "/connections/x/clients", "read:connections"],
  ["PATCH", "/connections/x/clients", "update:connections"],
  ["GET", "/client-grants", "read:client_grants"],
  ["POST", "/client-grants", "create:client_grants"],
  ["GET", "/client-grants/x", "read:client_grants"],
  ["PATCH", "/client-grants/x", "update:client_grants"],
  ["DELETE", "/client-grants/x", "delete:client_grants"],
  ["GET", "/resource-servers", "read:resource_servers"],
  ["POST", "/resource-servers", "create:resource_servers"],
  ["GET", "/resource-servers/x", "read:resource_servers"],
  ["PATCH", "/resource-servers/x", "update:resource_servers"],
  ["DELETE", "/resource-servers/x", "delete:resource_servers"],
  ["GET", "/users", "read:users"],
  ["POST", "/users", "create:users"],
  ["GET", "/users-by-email?email=a", "read:users"],
  ["GET", "/users/x", "read:users"],
  ["PATCH", "/users/x", "update:users"],
  ["DELETE", "/users/x", "delete:users"],
  ["GET", "/users/x/connected-accounts", "read:users"],
  ["GET", "/users/x/logs", "read:logs_users"],
  ["GET", "/users/x/refresh-tokens", "read:refresh_tokens"],
  ["DELETE", "/users/x/refresh-tokens", "delete:refresh_tokens"],
  ["GET", "/refresh-tokens?user_id=x", "read:refresh_tokens"],
  ["GET", "/refresh-tokens/x", "read:refresh_tokens"],
  ["DELETE", "/refresh-tokens/x", "delete:refresh_tokens"],
  ["POST", "/refresh-tokens/revoke", "delete:refresh_tokens"],
  ["GET", "/logs", "read:logs"],
  ["GET", "/logs/x", "read:logs"],
  ["GET", "/tenants/settings", "read:tenant_settings"],
  ["PATCH", "/tenants/settings", "update:tenant_settings"],
  ["GET", "/prompts", "read:prompts"],
  ["PATCH", "/prompts", "update:prompts"],
  ["GET", "/keys/signing", "read:signing_keys"],
  ["GET", "/keys/signing/x", "read:signing_keys"],
  ["GET", "/stats/daily", "read:stats"],
  ["GET", "/stats/active-users", "read:stats"],
];

// parity: GET /clients | OpenAPI
suite("scopes", () => {
  test.each(operations)("%s %s wants %s and nothing else", async (method, path, scope) => {
    const call = async (scopes: string[]) =>
      tenant.fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await tenant.token(scopes)}`,
          "content-type": "application/json",
        },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
    const refused = await call(["read:nothing"]);
    expect(await refused.json()).toEqual({
      statusCode: 403,
      error: "Forbidden",
      message: expect.stringMatching(/^Insufficient scope, expected any of: \S+$/),
      errorCode: "insufficient_scope",
    });
    expect((await call([scope])).status).not.toBe(403);
  });
});

// parity: GET /client-grants | docs: Management API pagination; recordings
suite("pages", () => {
  type Totals = { total: number; start: number; limit: number; clients: ClientRow[] };
  let paged: TestTenant;

  beforeAll(async () => {
    paged = await openTestTenant();
    for (let n = 1; n < 60; n += 1) await paged.api("POST", "/clients", { name: `client ${n}` });
  });
  afterAll(() => paged.close());

  test("are 25 rows in a bare array when nothing is asked for", async () => {
    expect((await paged.api<ClientRow[]>("GET", "/clients")).body).toHaveLength(25);
  });

  test("come with totals when asked for", async () => {
    const query = "include_totals=true&page=2&per_page=25";
    const { body } = await paged.api<Totals>("GET", `/clients?${query}`);
    expect({ ...body, clients: body.clients.length }).toEqual({
      total: 60,
      start: 50,
      limit: 25,
      clients: 10,
    });
  });

  test("are empty past the end", async () => {
    const { body } = await paged.api("GET", "/clients?page=9&per_page=100");
    expect(body).toEqual([]);
  });

  test.each(["per_page=101", "per_page=x", "page=-1", "take=0", "take=101", "include_totals=1"])(
    "refuse %s with 400 invalid_query_string",
    async (query) => {
      const answer = await paged.api("GET", `/clients?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_query_string" } });
      expect(answer.body["message"]).toMatch(/^Query validation error: '.*' on property \w+\.$/);
    },
  );

  test("refuse a parameter that the list does not have", async () => {
    const answer = await paged.api("GET", "/clients?colour=blue");
    expect(answer.body["message"]).toBe(
      "Query validation error: 'Additional properties not allowed: colour'.",
    );
  });

  type Checkpoint = { clients: ClientRow[]; next?: string };
  const walk = async (between: () => Promise<unknown> = async () => undefined) => {
    const seen: string[] = [];
    let from = "";
    do {
      const { body } = await paged.api<Checkpoint>("GET", `/clients?take=25&from=${from}`);
      expect(body).not.toHaveProperty("total");
      seen.push(...body.clients.map(({ name }) => name));
      from = body.next ?? "";
      await between();
    } while (from !== "");
    return seen;
  };

  test("by checkpoint give every row once", async () => {
    const seen = await walk();
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  test("by checkpoint skip nothing when rows before the cursor are deleted", async () => {
    const { body } = await paged.api<ClientRow[]>("GET", "/clients?per_page=30");
    const early = body.slice(1).map(({ client_id: id }) => id);
    const before = new Set(await walk());
    const seen = await walk(async () => {
      for (const id of early.splice(0, 12)) await paged.api("DELETE", `/clients/${id}`);
    });
    expect([...before].filter((name) => !seen.includes(name))).toEqual([]);
  });

  test("by checkpoint skip nothing when every row of a page is deleted before the next is asked for", async () => {
    const swept = await openTestTenant();
    for (let n = 0; n < 12; n += 1) await swept.api("POST", "/clients", { name: `swept ${n}` });
    const seen: string[] = [];
    let from = "";
    do {
      const { body } = await swept.api<Checkpoint>("GET", `/clients?take=5&from=${from}`);
      for (const { client_id: id } of body.clients) {
        if (id !== swept.managementClient.clientId) await swept.api("DELETE", `/clients/${id}`);
      }
      seen.push(...body.clients.map(({ name }) => name));
      from = body.next ?? "";
    } while (from !== "");
    for (let n = 0; n < 12; n += 1) expect(seen).toContain(`swept ${n}`);
    swept.close();
  });

  test("refuse a cursor that is none, or a day old", async () => {
    expect((await paged.api("GET", "/clients?from=abc")).status).toBe(400);
    let now = 1_800_000_000;
    const clocked = await openTestTenant({ now: () => now });
    await clocked.api("POST", "/clients", { name: "second" });
    const { body } = await clocked.api<Checkpoint>("GET", "/clients?take=1");
    now += 86_401;
    const authorization = `Bearer ${await clocked.token()}`;
    const late = await clocked.fetch(`${url}/clients?take=1&from=${body.next}`, {
      headers: { authorization },
    });
    expect(late.status).toBe(400);
    clocked.close();
  });
});

// parity: GET /clients | docs: rate limit configurations
suite("rate limits", () => {
  test("are shown on every answer, refusals too", async () => {
    for (const response of [await get("/clients"), await get("/nowhere")]) {
      expect(Number(response.headers.get("x-ratelimit-remaining"))).toBeGreaterThan(0);
      expect(Number(response.headers.get("x-ratelimit-reset"))).toBeGreaterThan(1_700_000_000);
    }
  });

  test("of a free tenant refuse the third request in a second with 429", async () => {
    const limited = await openTestTenant({ managementLimit: freeTenantLimit });
    const calls = await Promise.all([1, 2, 3].map(() => limited.api("GET", "/clients")));
    const [, , third] = calls;
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(third?.body).toMatchObject({
      statusCode: 429,
      error: "Too Many Requests",
      errorCode: "too_many_requests",
    });
    limited.close();
  });
});

// parity: POST /clients, PATCH /clients/{id} | (inferred)
suite("a field whose effect is missing here", () => {
  test("counts fields that are set and have no effect, and none that ask for nothing", async () => {
    const counting = await openTestTenant();
    const { body } = await counting.api<ClientRow>("POST", "/clients", {
      name: "dropped",
      require_pushed_authorization_requests: true,
      organization_usage: "deny",
      compliance_level: null,
      addons: {},
    });
    expect(body["require_pushed_authorization_requests"]).toBe(true);
    await counting.api("PATCH", `/clients/${body.client_id}`, { organization_usage: "require" });
    expect(counting.context.droppedFields.list()).toEqual([
      { endpoint: "POST /clients", field: "require_pushed_authorization_requests", count: 1 },
      { endpoint: "PATCH /clients/{id}", field: "organization_usage", count: 1 },
    ]);
    counting.close();
  });

  test("counts the options of a connection that have none, and none of the recorded defaults", async () => {
    const counting = await openTestTenant();
    const strategy = "auth0";
    await counting.api("POST", "/connections", { name: "plain", strategy });
    await counting.api("POST", "/connections", { name: "google", strategy: "samlp", options: {} });
    const options = {
      ...{ mfa: { active: false, return_enroll_settings: true }, realm_fallback: true },
      ...{ mfa2: 1, enable_script_context: true, configuration: { key: "value" } },
      validation: { username: { min: 1, max: 15 } },
    };
    const made = await counting.api("POST", "/connections", { name: "mine", strategy, options });
    expect(made.body["options"]).toMatchObject(options);
    const fields = counting.context.droppedFields.list().map(({ field }) => field);
    expect(fields).toEqual([
      ...["strategy", "options.realm_fallback", "options.enable_script_context"],
      ...["options.configuration", "options.validation"],
    ]);
    counting.close();
  });
});

// parity: GET /logs | OpenAPI; log schema
suite("logs", () => {
  const find = async (query: string) => (await tenant.api<LogRow[]>("GET", `/logs?${query}`)).body;

  test("note what changed and what was refused, and never a body", async () => {
    await tenant.api("POST", "/clients", { name: "logged", client_metadata: { k: "not-in-log" } });
    await tenant.api("POST", "/clients", { nothing: "not-in-log" });
    const [refused, done] = await find("per_page=2");
    const request = { method: "POST", path: "/api/v2/clients" };
    expect(done).toMatchObject({
      type: "sapi",
      description: "Create a client",
      details: { request },
    });
    expect(refused).toMatchObject({
      type: "fapi",
      details: { request, response: { statusCode: 400 } },
    });
    expect(done?.client_id).toBe(tenant.managementClient.clientId);
    expect(JSON.stringify(await find("per_page=100"))).not.toContain("not-in-log");
  });

  // parity: GET /logs, GET /logs/{id} | OpenAPI
  test("can be searched by type and read one by one", async () => {
    const rows = await find(`q=${encodeURIComponent('type:"fapi"')}`);
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(["fapi"]));
    const [row] = rows;
    expect((await tenant.api("GET", `/logs/${row?.log_id}`)).body).toEqual(row);
    expect((await tenant.api("GET", "/logs/none")).status).toBe(404);
  });

  test("by checkpoint go on, oldest first, after the entry that is named", async () => {
    const all = await find("take=100");
    const first = all[0]?.log_id ?? "";
    expect(await find(`from=${first}&take=100`)).toEqual(all.slice(1));
  });

  // parity: GET /users/{id}/logs | OpenAPI
  test("of a user are those with its id", async () => {
    tenant.context.log({ type: "s", description: "Success Login", user_id: "auth0|log" });
    const { body } = await tenant.api<LogRow[]>("GET", "/users/auth0%7Clog/logs");
    expect(body.map(({ type }) => type)).toEqual(["s"]);
  });
});

suite("settings, prompts, keys and stats", () => {
  // parity: GET /tenants/settings, PATCH /tenants/settings | recordings: TestAccTenant_Main
  test("answer the recorded defaults and keep changes", async () => {
    const { body } = await tenant.api("GET", "/tenants/settings");
    expect(body).toMatchObject({ session_lifetime: 168, sandbox_version: "22" });
    const change = { friendly_name: "Acme", flags: { enable_sso: false } };
    const { body: changed } = await tenant.api("PATCH", "/tenants/settings", change);
    expect(changed).toMatchObject({
      friendly_name: "Acme",
      flags: { enable_sso: false, disable_impersonation: true },
    });
    const { body: fields } = await tenant.api("GET", "/tenants/settings?fields=friendly_name");
    expect(fields).toEqual({ friendly_name: "Acme" });
    expect((await tenant.api("PATCH", "/tenants/settings", { nope: 1 })).status).toBe(400);
  });

  // parity: PATCH /tenants/settings | auth0-deploy-cli writes them
  test("settings take lifetimes in minutes too, and answer hours", async () => {
    const lifetimes = { session_lifetime_in_minutes: 90, idle_session_lifetime_in_minutes: 60 };
    const body = { friendly_name: "Acme", ...lifetimes };
    const { body: changed } = await tenant.api("PATCH", "/tenants/settings", body);
    expect(changed).toMatchObject({ session_lifetime: 1.5, idle_session_lifetime: 1 });
    expect(changed).not.toHaveProperty("session_lifetime_in_minutes");
  });

  // parity: GET /prompts, PATCH /prompts | recordings: TestAccPrompt
  test("prompts answer the recorded defaults and keep changes", async () => {
    const defaults = {
      universal_login_experience: "new",
      identifier_first: false,
      webauthn_platform_first_factor: true,
    };
    expect((await tenant.api("GET", "/prompts")).body).toEqual(defaults);
    const { body } = await tenant.api("PATCH", "/prompts", { identifier_first: true });
    expect(body).toEqual({ ...defaults, identifier_first: true });
  });

  // parity: GET /keys/signing, GET /keys/signing/{kid} | OpenAPI
  test("keys show the certificate of the key in the JWKS", async () => {
    const { body } = await tenant.api<{ kid: string; cert: string }[]>("GET", "/keys/signing");
    const [jwk] = tenant.context.keys.jwks().keys;
    const [key] = body;
    expect(key?.kid).toBe(jwk?.kid);
    expect(key?.cert.replace(/-----[^-]+-----|\s/g, "")).toBe(jwk?.x5c?.[0]);
    expect((await tenant.api("GET", `/keys/signing/${key?.kid}`)).body).toEqual(key);
  });

  // parity: GET /stats/daily, GET /stats/active-users | OpenAPI
  test("stats count logins and sign-ups of a day, and who was active", async () => {
    const counted = await openTestTenant();
    for (const type of ["s", "s", "ss"]) {
      counted.context.log({ type, description: "x", user_id: "auth0|1" });
    }
    const { body } = await counted.api<object[]>("GET", "/stats/daily");
    expect(body).toEqual([expect.objectContaining({ logins: 2, signups: 1 })]);
    expect((await counted.api("GET", "/stats/active-users")).body).toBe(1);
    counted.close();
  });
});
