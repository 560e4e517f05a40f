/** @module Connections of the Management API: made and read. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { connectionOptions, createConnection, getConnection, newName } from "./samples.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const create = (body: object = {}) => createConnection(tenant, body);
const get = (id: string, query = "") => getConnection(tenant, id, query);

// parity: POST /connections | recordings: TestAccConnectionOAuth2; OpenAPI
suite("POST /connections", () => {
  test("answers options exactly as sent, with the recorded defaults around them", async () => {
    const name = newName();
    const body = {
      name,
      strategy: "oauth2",
      is_domain_connection: false,
      options: connectionOptions(),
    };
    const answer = await tenant.api("POST", "/connections", body);
    expect(answer).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^con_[A-Za-z0-9]{16}$/),
        name,
        strategy: "oauth2",
        options: connectionOptions(),
        is_domain_connection: false,
        authentication: { active: true },
        connected_accounts: { active: false },
        enabled_clients: [],
        realms: [name],
      },
    });
  });

  test("gives a database connection its recorded options", async () => {
    const { options: made } = await create({ strategy: "auth0" });
    expect(made).toMatchObject({
      mfa: { active: true, return_enroll_settings: true },
      passwordPolicy: "good",
      strategy_version: 2,
      authentication_methods: { password: { enabled: true }, passkey: { enabled: false } },
      brute_force_protection: true,
    });
  });

  // parity: | recordings: TestAccConnectionConnectedAccounts
  test("switches connected accounts on beside authentication, not inside options", async () => {
    const { connected_accounts: accounts, authentication } = await create({
      connected_accounts: { active: true },
      authentication: { active: false },
    });
    expect({ accounts, authentication }).toEqual({
      accounts: { active: true },
      authentication: { active: false },
    });
  });

  test("keeps connected_accounts inside options without switching anything on", async () => {
    const { connected_accounts: accounts } = await create({
      options: { connected_accounts: { active: true } },
    });
    expect(accounts.active).toBe(false);
  });

  test.each(["my_conn", "a--b", "-a", "a-", "a b", "a.b", ""])(
    'refuses the name "%s"',
    async (name) => {
      const answer = await tenant.api("POST", "/connections", { name, strategy: "oauth2" });
      expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_body" } });
      expect(answer.body["message"]).toContain("String does not match pattern ^[a-zA-Z0-9]");
    },
  );

  test("takes a name of 128 characters and refuses one of 129", async () => {
    expect(await create({ name: "n".repeat(128) })).toHaveProperty("id");
    const body = { name: "n".repeat(129), strategy: "oauth2" };
    expect((await tenant.api("POST", "/connections", body)).status).toBe(400);
  });

  test("refuses a name that exists with 409", async () => {
    const { name } = await create();
    expect(await tenant.api("POST", "/connections", { name, strategy: "oauth2" })).toEqual({
      status: 409,
      body: {
        statusCode: 409,
        error: "Conflict",
        message: "A connection with the same name already exists",
        errorCode: "conflict",
      },
    });
  });

  test("refuses a realm that another connection has with 409", async () => {
    const { name } = await create();
    const body = { name: newName(), strategy: "oauth2", realms: [name] };
    expect((await tenant.api("POST", "/connections", body)).status).toBe(409);
  });

  const malformed: [string, object, string][] = [
    [
      "an unknown strategy",
      { strategy: "openid" },
      "'No enum match for: openid' on property strategy",
    ],
    ["an unknown key", { extra: 1 }, "'Additional properties not allowed: extra'"],
    [
      "connected_accounts without active",
      { connected_accounts: {} },
      "'Missing required property: active' on property connected_accounts",
    ],
    [
      "an icon over http",
      { options: { icon_url: "http://icons.test/i.png" } },
      "'String does not match pattern ^https:\\/\\/.*: http://icons.test/i.png' on property options.icon_url",
    ],
    [
      "a script over 51200 characters",
      { options: { scripts: { fetchUserProfile: "x".repeat(51_201) } } },
      "'String is too long (51201 chars), maximum 51200' on property options.scripts.fetchUserProfile",
    ],
    [
      "another script",
      { options: { scripts: { login: "x" } } },
      "'Additional properties not allowed: login' on property options.scripts",
    ],
    [
      "21 scopes",
      { options: { scope: Array.from({ length: 21 }, (_, n) => `s${n}`) } },
      "'Data does not match any schemas from 'oneOf'' on property options.scope",
    ],
    [
      "an alias that is no authorize parameter",
      { options: { upstream_params: { x: { alias: "nonce" } } } },
      "'Data does not match any schemas from 'oneOf'' on property options.upstream_params.x",
    ],
    [
      "an endpoint that is no URL",
      { options: { tokenURL: "token" } },
      "'Object didn't pass validation for format uri: token' on property options.tokenURL",
    ],
    [
      "31 custom headers",
      {
        options: {
          customHeaders: Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`h${n}`, "v"])),
        },
      },
      "'Too many properties defined (31), maximum 30' on property options.customHeaders",
    ],
    [
      "11 metadata entries",
      { metadata: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, "v"])) },
      "'Too many properties defined (11), maximum 10' on property metadata",
    ],
  ];
  test.each(malformed)("refuses %s with 400 invalid_body", async (_what, body, reason) => {
    const whole = { name: newName(), strategy: "oauth2", ...body };
    expect(await tenant.api("POST", "/connections", whole)).toEqual({
      status: 400,
      body: {
        statusCode: 400,
        error: "Bad Request",
        message: `Payload validation error: ${reason}.`,
        errorCode: "invalid_body",
      },
    });
  });

  // parity: | (inferred)
  test("refuses connected accounts for a strategy without tokens (inferred)", async () => {
    const answer = await tenant.api("POST", "/connections", {
      name: newName(),
      strategy: "auth0",
      connected_accounts: { active: true },
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { errorCode: "operation_not_supported" },
    });
  });

  // parity: | (inferred)
  test("refuses to be enabled for a client that does not exist (inferred)", async () => {
    const body = { name: newName(), strategy: "oauth2", enabled_clients: ["nobody"] };
    expect((await tenant.api("POST", "/connections", body)).status).toBe(400);
  });
});

// parity: GET /connections, GET /connections/{id} | recordings: TestAccConnectionClients, TestAccDataSourceConnection; OpenAPI
suite("GET /connections", () => {
  test("lets id and the purposes through when only strategy and name were asked for", async () => {
    const { id, name } = await create();
    const { body } = await get(id, "?fields=strategy%2Cname&include_fields=true");
    expect(body).toEqual({
      id,
      strategy: "oauth2",
      name,
      is_domain_connection: false,
      authentication: { active: true },
      connected_accounts: { active: false },
    });
  });

  test("refuses a field that connections don't have", async () => {
    const { id } = await create();
    const answer = await tenant.api("GET", `/connections/${id}?fields=secret`);
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_query_string" } });
  });

  test("answers a checkpoint envelope without totals when take is sent with page parameters", async () => {
    const { body } = await tenant.api(
      "GET",
      "/connections?include_totals=true&per_page=50&take=100",
    );
    expect(Object.keys(body)).toEqual(["connections"]);
  });

  test("filters by name and by strategies", async () => {
    const { id, name } = await create();
    await create({ strategy: "google-oauth2" });
    const byName = await tenant.api<ConnectionRow[]>("GET", `/connections?name=${name}`);
    expect(byName.body.map((row) => row.id)).toEqual([id]);
    const byStrategy = await tenant.api<ConnectionRow[]>(
      "GET",
      "/connections?strategy=google-oauth2&strategy=auth0&per_page=100",
    );
    const strategies = byStrategy.body.map(({ strategy }) => strategy);
    expect(new Set(strategies)).toEqual(new Set(["google-oauth2", "auth0"]));
  });

  test("shows the provider's secret only to a token that may read options", async () => {
    const { id } = await create({ options: connectionOptions() });
    const seen = await get(id);
    expect(seen.body.options.client_secret).toBe("a-secret-at-the-provider");
    const response = await tenant.fetch(`https://localhost:4443/api/v2/connections/${id}`, {
      headers: { authorization: `Bearer ${await tenant.token(["read:connections"])}` },
    });
    const { options: shown } = (await response.json()) as ConnectionRow;
    expect(shown.client_id).toBe("auth0-custom-oauth2");
    expect(shown).not.toHaveProperty("client_secret");
  });

  test("answers an unknown connection with 404 inexistent_connection", async () => {
    expect(await tenant.api("GET", "/connections/con_0000000000000000")).toEqual({
      status: 404,
      body: {
        statusCode: 404,
        error: "Not Found",
        message: "The connection does not exist",
        errorCode: "inexistent_connection",
      },
    });
  });

  // parity: GET /connections/{id}/status | OpenAPI; what it says (inferred)
  test("answers the status of a connection that exists", async () => {
    const { id } = await create();
    expect((await tenant.api("GET", `/connections/${id}/status`)).status).toBe(200);
    expect((await tenant.api("GET", "/connections/con_0/status")).status).toBe(404);
  });
});
