/** @module Clients of the Management API: made and read. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientRow } from "../../../tenant/models/client.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { createClient, refusal, vaultClient } from "./samples.ts";

let tenant: TestTenant;
let me: string;

beforeAll(async () => {
  tenant = await openTestTenant();
  me = `${tenant.context.settings.issuer}me/`;
});
afterAll(() => tenant.close());

const create = (body: object) => createClient(tenant, body);

// parity: POST /clients | OpenAPI; recordings: TestAccClientConfig
suite("POST /clients", () => {
  test("gives a client with only a name the recorded defaults", async () => {
    const { status, body } = await tenant.api<ClientRow>("POST", "/clients", { name: "bare" });
    expect(status).toBe(201);
    expect(body).toEqual({
      name: "bare",
      client_id: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{64}$/),
      tenant: tenant.context.settings.tenantId,
      global: false,
      is_first_party: true,
      is_token_endpoint_ip_header_trusted: false,
      oidc_conformant: false,
      jwt_configuration: { secret_encoded: false, lifetime_in_seconds: 36_000 },
      signing_keys: [
        {
          cert: expect.stringContaining("BEGIN CERTIFICATE"),
          pkcs7: expect.stringContaining("BEGIN PKCS7"),
          subject: "/CN=localhost:4443",
        },
      ],
      sso_disabled: false,
      cross_origin_authentication: false,
      grant_types: ["authorization_code", "implicit", "refresh_token", "client_credentials"],
      custom_login_page_on: true,
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        leeway: 0,
        token_lifetime: 2_592_000,
        infinite_token_lifetime: true,
        infinite_idle_token_lifetime: true,
        idle_token_lifetime: 1_296_000,
      },
    });
  });

  test.each([
    ["regular_web", ["authorization_code", "implicit", "refresh_token", "client_credentials"]],
    ["non_interactive", ["authorization_code", "implicit", "refresh_token", "client_credentials"]],
    ["native", ["authorization_code", "implicit", "refresh_token"]],
    ["spa", ["authorization_code", "implicit", "refresh_token"]],
    ["resource_server", []],
  ])("gives app_type %s its grant types", async (appType, grants) => {
    expect((await create({ name: "typed", app_type: appType })).grant_types).toEqual(grants);
  });

  // parity: | recordings: TestAccClientResourceServer
  test("makes a resource_server client OIDC-conformant with RS256", async () => {
    const client = await create({ name: "api client", app_type: "resource_server" });
    expect(client).toMatchObject({
      oidc_conformant: true,
      jwt_configuration: { secret_encoded: false, alg: "RS256" },
    });
    expect(client.jwt_configuration).not.toHaveProperty("lifetime_in_seconds");
  });

  test.each([
    [undefined, 2_592_000, 1_296_000],
    ["none", 2_592_000, 1_296_000],
    ["client_secret_post", 31_557_600, 2_592_000],
  ])("gives auth method %s refresh tokens of %d and %d seconds", async (method, life, idle) => {
    const asked = method === undefined ? {} : { token_endpoint_auth_method: method };
    const client = await create({ name: "lived", ...asked });
    expect(client.refresh_token).toMatchObject({ token_lifetime: life, idle_token_lifetime: idle });
    expect(client.token_endpoint_auth_method).toBe(method);
  });

  // parity: | recordings: TestAccClientRefreshToken
  test("echoes multi-resource policies and fills in the rest of refresh_token", async () => {
    const client = await create(vaultClient(tenant));
    expect(client.refresh_token).toEqual({
      rotation_type: "non-rotating",
      expiration_type: "non-expiring",
      leeway: 0,
      token_lifetime: 31_557_600,
      infinite_token_lifetime: true,
      infinite_idle_token_lifetime: true,
      idle_token_lifetime: 2_592_000,
      policies: [{ audience: me, scope: ["read:me:connected_accounts"] }],
    });
    expect(client.jwt_configuration).toEqual({
      secret_encoded: false,
      lifetime_in_seconds: 36_000,
      alg: "RS256",
    });
  });

  const malformed: [string, object, string][] = [
    ["no name", {}, "'Missing required property: name'"],
    [
      "a name with <",
      { name: "a<b" },
      "'String does not match pattern ^[^<>]+$: a<b' on property name",
    ],
    [
      "a name that is no string",
      { name: 1 },
      "'Expected type string but found type number' on property name",
    ],
    ["an unknown key", { name: "x", nope: 1 }, "'Additional properties not allowed: nope'"],
    [
      "a chosen secret",
      { name: "x", client_secret: "mine" },
      "'Additional properties not allowed: client_secret'",
    ],
    [
      "a long description",
      { name: "x", description: "d".repeat(141) },
      "'String is too long (141 chars), maximum 140' on property description",
    ],
    [
      "an auth method of another API",
      { name: "x", token_endpoint_auth_method: "private_key_jwt" },
      "'No enum match for: private_key_jwt' on property token_endpoint_auth_method",
    ],
    [
      "refresh_token without expiration_type",
      { name: "x", refresh_token: { rotation_type: "rotating" } },
      "'Missing required property: expiration_type' on property refresh_token",
    ],
    [
      "an unknown key in refresh_token",
      {
        name: "x",
        refresh_token: { rotation_type: "rotating", expiration_type: "expiring", extra: 1 },
      },
      "'Additional properties not allowed: extra' on property refresh_token",
    ],
    [
      "an empty list of policies",
      {
        name: "x",
        refresh_token: { rotation_type: "rotating", expiration_type: "expiring", policies: [] },
      },
      "'Array is too short (0), minimum 1' on property refresh_token.policies",
    ],
    [
      "a policy without scope",
      {
        name: "x",
        refresh_token: {
          rotation_type: "rotating",
          expiration_type: "expiring",
          policies: [{ audience: "a" }],
        },
      },
      "'Missing required property: scope' on property refresh_token.policies[0]",
    ],
    [
      "a lifetime over five years",
      {
        name: "x",
        refresh_token: {
          rotation_type: "rotating",
          expiration_type: "expiring",
          token_lifetime: 157_788_001,
        },
      },
      "'Value 157788001 is greater than maximum 157788000' on property refresh_token.token_lifetime",
    ],
    [
      "a relative callback",
      { name: "x", callbacks: ["/callback"] },
      "'Object didn't pass validation for format callback-url: /callback' on property callbacks[0]",
    ],
  ];
  test.each(malformed)("refuses %s with 400 invalid_body", async (_what, body, reason) => {
    const answer = await tenant.api("POST", "/clients", body);
    expect(answer).toEqual(refusal(`Payload validation error: ${reason}.`));
  });

  test("refuses a body that is no JSON", async () => {
    const response = await tenant.fetch("https://localhost:4443/api/v2/clients", {
      method: "POST",
      headers: { authorization: `Bearer ${await tenant.token()}` },
      body: "{",
    });
    expect(response.status).toBe(400);
  });

  test.each([
    ["a third-party client", { is_first_party: false, refresh_token: null }, "is_first_party"],
    ["a client that is not OIDC-conformant", { oidc_conformant: false }, "oidc_conformant"],
    [
      "a public client",
      { token_endpoint_auth_method: "none" },
      "a token_endpoint_auth_method other than none",
    ],
  ])("refuses the vault grant for %s (inferred)", async (_what, change, missing) => {
    const answer = await tenant.api("POST", "/clients", { ...vaultClient(tenant), ...change });
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_body" } });
    expect(answer.body["message"]).toContain(`missing: ${missing}`);
  });

  const policies = (audience: string) => ({
    rotation_type: "non-rotating",
    expiration_type: "non-expiring",
    policies: [{ audience, scope: [] }],
  });

  test("refuses a policy for the Management API", async () => {
    const audience = `${tenant.context.settings.issuer}api/v2/`;
    const body = { name: "x", refresh_token: policies(audience) };
    const answer = await tenant.api("POST", "/clients", body);
    expect(answer).toEqual(refusal("refresh_token.policies can't name the Auth0 Management API"));
  });

  test("refuses policies on a third-party client", async () => {
    const body = { name: "x", is_first_party: false, refresh_token: policies(me) };
    const answer = await tenant.api("POST", "/clients", body);
    expect(answer).toEqual(refusal("refresh_token.policies are for first-party clients only"));
  });

  test("takes a policy for an API that does not exist, as Auth0 ignores it later", async () => {
    const body = { name: "x", refresh_token: policies("https://nowhere.test/") };
    expect(await tenant.api("POST", "/clients", body)).toMatchObject({ status: 201 });
  });

  test("refuses rotating refresh tokens that never expire", async () => {
    const refreshToken = { rotation_type: "rotating", expiration_type: "non-expiring" };
    const answer = await tenant.api("POST", "/clients", { name: "x", refresh_token: refreshToken });
    expect(answer).toEqual(
      refusal("refresh_token.expiration_type must be expiring when rotation is on"),
    );
  });

  test("takes resource_server_identifier only with app_type resource_server", async () => {
    const identifier = `${tenant.context.settings.issuer}api/v2/`;
    const body = { name: "x", resource_server_identifier: identifier };
    expect((await tenant.api("POST", "/clients", body)).status).toBe(400);
    const linked = await create({ ...body, app_type: "resource_server" });
    expect(linked.resource_server_identifier).toBe(identifier);
  });

  test("refuses an alias that another client has with 409", async () => {
    await create({ name: "first", client_aliases: ["alias"] });
    const answer = await tenant.api("POST", "/clients", { name: "y", client_aliases: ["alias"] });
    expect(answer.status).toBe(409);
  });
});

// parity: GET /clients, GET /clients/{id} | OpenAPI; recordings: TestAccDataClients
suite("GET /clients", () => {
  test("answers only the fields that were asked for", async () => {
    const { client_id: id } = await create({ name: "fields", app_type: "spa" });
    const path = `/clients/${id}?fields=client_id%2Capp_type&include_fields=true`;
    const { body } = await tenant.api("GET", path);
    expect(body).toEqual({ client_id: id, app_type: "spa" });
  });

  test("leaves out the fields that were excluded", async () => {
    const { client_id: id } = await create({ name: "fewer" });
    const path = `/clients/${id}?fields=client_secret,signing_keys&include_fields=false`;
    const { body } = await tenant.api<ClientRow>("GET", path);
    expect(body.name).toBe("fewer");
    expect(body).not.toHaveProperty("client_secret");
  });

  test("withholds secrets from a token that may not read keys", async () => {
    const { client_id: id } = await create({ name: "hidden" });
    const response = await tenant.fetch(`https://localhost:4443/api/v2/clients/${id}`, {
      headers: { authorization: `Bearer ${await tenant.token(["read:clients"])}` },
    });
    const body = await response.json();
    expect(body).toMatchObject({ client_id: id, name: "hidden" });
    expect(body).not.toHaveProperty("client_secret");
    expect(body).not.toHaveProperty("signing_keys");
  });

  test("filters by type and party", async () => {
    const { client_id: id } = await create({ name: "m2m", app_type: "non_interactive" });
    const { body } = await tenant.api<ClientRow[]>(
      "GET",
      "/clients?app_type=non_interactive,rms&is_first_party=true&is_global=false&per_page=100",
    );
    expect(body.map(({ client_id }) => client_id)).toContain(id);
    expect(new Set(body.map(({ app_type }) => app_type))).toEqual(new Set(["non_interactive"]));
  });

  // parity: GET /clients | OpenAPI
  test("takes q for what it knows of client grants, alone and by checkpoint", async () => {
    const { body: client } = await tenant.api<ClientRow>("POST", "/clients", { name: "of any" });
    await tenant.api("POST", "/client-grants", {
      ...{ client_id: client.client_id, audience: "https://localhost:4443/api/v2/", scope: [] },
      ...{ organization_usage: "allow", allow_any_organization: true },
    });
    const find = (q: string) =>
      tenant.api<{ clients: ClientRow[] }>("GET", `/clients?fields=client_id&q=client_grant.${q}`);
    const any = await find("allow_any_organization:true&take=10");
    expect(any.body.clients).toEqual([{ client_id: client.client_id }]);
    expect((await find("organization_id:org_1&take=10")).body.clients).toEqual([]);
    for (const wrong of [
      ...["allow_any_organization:true", "allow_any_organization:true&take=1&is_global=false"],
      "name:x&take=10",
    ]) {
      expect((await find(wrong)).status, wrong).toBe(400);
    }
  });

  // parity: GET /clients/{id} | recordings: TestAccDataSourceClientNonexistentID
  test("answers an unknown client with 404 inexistent_client", async () => {
    expect(await tenant.api("GET", "/clients/nobody")).toEqual({
      status: 404,
      body: {
        statusCode: 404,
        error: "Not Found",
        message: "The client does not exist",
        errorCode: "inexistent_client",
      },
    });
  });
});
