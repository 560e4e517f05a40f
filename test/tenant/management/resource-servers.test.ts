/** @module APIs of the Management API, the My Account API among them. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientGrantRow } from "../../../tenant/models/client-grant.ts";
import type { ResourceServerRow } from "../../../tenant/models/resource-server.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

let made = 0;
const create = async (body: object = {}) => {
  const whole = { identifier: `https://api-${++made}.test/`, ...body };
  return (await tenant.api<ResourceServerRow>("POST", "/resource-servers", whole)).body;
};
const get = (id: string) => tenant.api<ResourceServerRow>("GET", `/resource-servers/${id}`);
const patch = (id: string, body: object) =>
  tenant.api<ResourceServerRow>("PATCH", `/resource-servers/${id}`, body);

// parity: POST /resource-servers | recordings: TestAccResourceServer; OpenAPI
suite("POST /resource-servers", () => {
  test("gives an API with only an identifier the recorded defaults", async () => {
    const body = { identifier: "https://bare.test/" };
    expect(await tenant.api("POST", "/resource-servers", body)).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        identifier: "https://bare.test/",
        allow_offline_access: false,
        skip_consent_for_verifiable_first_party_clients: false,
        subject_type_authorization: {
          client: { policy: "require_client_grant" },
          user: { policy: "allow_all" },
        },
        token_lifetime: 86_400,
        token_lifetime_for_web: 7_200,
        signing_alg: "RS256",
      },
    });
  });

  test("refuses an identifier that exists with 409", async () => {
    const { identifier } = await create();
    expect(await tenant.api("POST", "/resource-servers", { identifier })).toMatchObject({
      status: 409,
      body: { message: "A resource server with the same identifier already exists." },
    });
  });

  test("makes a secret for HS256", async () => {
    const { signing_secret: secret } = await create({ signing_alg: "HS256" });
    expect(secret).toMatch(/^[\w-]{64}$/);
  });

  const malformed: [string, object, string][] = [
    ["no identifier", { identifier: undefined }, "'Missing required property: identifier'"],
    [
      "an empty identifier",
      { identifier: "" },
      "'String is too short (0 chars), minimum 1' on property identifier",
    ],
    [
      "a lifetime over 30 days",
      { token_lifetime: 2_592_001 },
      "'Value 2592001 is greater than maximum 2592000' on property token_lifetime",
    ],
    [
      "a scope without value",
      { scopes: [{}] },
      "'Missing required property: value' on property scopes[0]",
    ],
    [
      "a short secret",
      { signing_secret: "short" },
      "'String is too short (5 chars), minimum 16' on property signing_secret",
    ],
    [
      "the same scope twice",
      { scopes: [{ value: "a" }, { value: "a" }] },
      "'Array items are not unique (indexes 0 and 1)' on property scopes",
    ],
    ["is_system", { is_system: true }, "'Additional properties not allowed: is_system'"],
  ];
  test.each(malformed)("refuses %s with 400 invalid_body", async (_what, body, reason) => {
    const whole = { identifier: "https://malformed.test/", ...body };
    expect(await tenant.api("POST", "/resource-servers", whole)).toMatchObject({
      status: 400,
      body: { message: `Payload validation error: ${reason}.`, errorCode: "invalid_body" },
    });
  });

  test("refuses tokens for the web that outlive the others", async () => {
    const body = {
      identifier: "https://web.test/",
      token_lifetime: 10,
      token_lifetime_for_web: 20,
    };
    expect((await tenant.api("POST", "/resource-servers", body)).status).toBe(400);
  });
});

// parity: GET /resource-servers/{id} | recordings: TestAccDataSourceResourceServer
suite("GET /resource-servers/{id}", () => {
  test("finds an API by id and by identifier, encoded once or twice", async () => {
    const { id, identifier } = await create({ identifier: "https://find.test/me/" });
    const once = encodeURIComponent(identifier);
    // As the official provider sends it.
    const twice = identifier.replaceAll("/", "%252F");
    for (const reference of [id, once, encodeURIComponent(once), twice]) {
      expect((await get(reference)).body.id, reference).toBe(id);
    }
  });

  test("answers an unknown API with 404 inexistent_resource_server", async () => {
    expect(await get("000000000000000000000000")).toEqual({
      status: 404,
      body: {
        statusCode: 404,
        error: "Not Found",
        message: "The resource server does not exist",
        errorCode: "inexistent_resource_server",
      },
    });
  });

  // parity: GET /resource-servers | OpenAPI; `identifier` field
  test.each(["identifiers", "identifier"])("lists the one that %s names", async (parameter) => {
    const { id, identifier } = await create();
    const path = `/resource-servers?${parameter}=${encodeURIComponent(identifier)}`;
    const { body } = await tenant.api<ResourceServerRow[]>("GET", path);
    expect(body.map((api) => api.id)).toEqual([id]);
  });
});

// parity: PATCH /resource-servers/{id} | recordings: TestAccResourceServer, TestAccResourceServerScopes
suite("PATCH and DELETE /resource-servers/{id}", () => {
  test("replaces scopes as a list and keeps the other keys", async () => {
    const { identifier } = await create({ name: "API", scopes: [{ value: "a" }, { value: "b" }] });
    const scopes = [{ value: "c", description: "C" }];
    const { status, body } = await patch(encodeURIComponent(identifier), { scopes });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "API", scopes });
    expect((await patch(body.id, { scopes: [] })).body.scopes).toEqual([]);
  });

  test("changes one subject type and keeps the other", async () => {
    const { id } = await create();
    const change = { subject_type_authorization: { user: { policy: "require_client_grant" } } };
    expect((await patch(id, change)).body.subject_type_authorization).toEqual({
      client: { policy: "require_client_grant" },
      user: { policy: "require_client_grant" },
    });
  });

  test("takes nulls for what can be taken back", async () => {
    const { id } = await create();
    const nulls = { token_encryption: null, consent_policy: null, authorization_details: null };
    expect((await patch(id, nulls)).body).not.toHaveProperty("token_encryption");
  });

  test("refuses to change the identifier", async () => {
    const { id } = await create();
    expect((await patch(id, { identifier: "https://other.test/" })).status).toBe(400);
  });

  // parity: DELETE /resource-servers/{id} | OpenAPI
  test("answers 204 to a delete, also of an API that is gone, and takes its grants with it", async () => {
    const { id, identifier } = await create({ scopes: [{ value: "a" }] });
    const grant = { client_id: tenant.managementClient.clientId, audience: identifier };
    await tenant.api("POST", "/client-grants", { ...grant, scope: ["a"] });
    expect(await tenant.api("DELETE", `/resource-servers/${id}`)).toEqual({ status: 204 });
    expect(await tenant.api("DELETE", `/resource-servers/${id}`)).toEqual({ status: 204 });
    const path = `/client-grants?audience=${encodeURIComponent(identifier)}`;
    expect((await tenant.api<ClientGrantRow[]>("GET", path)).body).toEqual([]);
  });
});

// parity: GET /resource-servers/{id}, PATCH /resource-servers/{id} | recordings: TestAccResourceServerAuth0APIManagementImport
suite("the Management API as a resource server", () => {
  const find = async () => {
    const identifier = `${tenant.context.settings.issuer}api/v2/`;
    return (await get(encodeURIComponent(identifier))).body;
  };

  test("is a system API with its lifetimes and scopes", async () => {
    const { scopes, ...api } = await find();
    expect(api).toMatchObject({
      name: "Auth0 Management API",
      is_system: true,
      token_lifetime: 86_400,
      token_lifetime_for_web: 7_200,
    });
    expect(scopes?.map(({ value }) => value)).toContain("create:client_grants");
  });

  test("takes a lifetime and a policy for users, and refuses another name, scopes and deletion", async () => {
    const { id } = await find();
    const user = { subject_type_authorization: { user: { policy: "deny_all" } } };
    expect((await patch(id, { token_lifetime: 7_200, ...user })).status).toBe(200);
    expect((await patch(id, { name: "Mine" })).status).toBe(400);
    expect((await patch(id, { scopes: [] })).status).toBe(400);
    expect(await tenant.api("DELETE", `/resource-servers/${id}`)).toMatchObject({
      status: 400,
      body: { message: "System resource servers cannot be deleted" },
    });
  });
});

// parity: POST /resource-servers | recordings: TestAccResourceServer_ACR
suite("the My Account API", () => {
  const three = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);

  /** What the official provider sends. */
  const asked = () => ({
    name: "Auth0 My Account API",
    identifier: `${tenant.context.settings.issuer}me/`,
    signing_alg: "RS256",
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true,
    subject_type_authorization: { user: { policy: "require_client_grant" } },
  });

  test("is not there until it is created", async () => {
    const { identifier } = asked();
    expect((await get(identifier.replaceAll("/", "%252F"))).status).toBe(404);
  });

  test("takes name, lifetimes, scopes and policies from the server, whatever was asked for", async () => {
    const body = { ...asked(), name: "Mine", token_lifetime: 86_400, scopes: [{ value: "mine" }] };
    const answer = await tenant.api<ResourceServerRow>("POST", "/resource-servers", body);
    const { scopes, ...api } = answer.body;
    expect(answer.status).toBe(201);
    expect(api).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      name: "Auth0 My Account API",
      identifier: "https://localhost:4443/me/",
      allow_offline_access: true,
      skip_consent_for_verifiable_first_party_clients: true,
      subject_type_authorization: {
        client: { policy: "deny_all" },
        user: { policy: "require_client_grant" },
      },
      token_lifetime: 600,
      token_lifetime_for_web: 600,
      signing_alg: "RS256",
      is_system: true,
      proof_of_possession: { mechanism: "dpop", required: false },
    });
    expect(scopes?.map(({ value }) => value)).toEqual(three);
  });

  test("lists three scopes in the answer to its creation and eight afterwards", async () => {
    const { body } = await get(encodeURIComponent(asked().identifier));
    const values = body.scopes?.map(({ value }) => value) ?? [];
    expect(values).toHaveLength(8);
    expect(values).toEqual(expect.arrayContaining([...three, "read:me:factors"]));
  });

  test("refuses a second creation with 409", async () => {
    expect((await tenant.api("POST", "/resource-servers", asked())).status).toBe(409);
  });

  // parity: PATCH /resource-servers/{id} | docs: My Account API; OpenAPI
  test("takes a change that says what is so already, and refuses invented scopes and client grants", async () => {
    const { id } = (await get(encodeURIComponent(asked().identifier))).body;
    const { identifier: _, ...same } = asked();
    expect((await patch(id, same)).status).toBe(200);
    expect((await patch(id, { scopes: [{ value: "read:me" }] })).status).toBe(400);
    const policy = { subject_type_authorization: { client: { policy: "require_client_grant" } } };
    expect((await patch(id, policy)).status).toBe(400);
  });

  // parity: POST /client-grants | docs: My Account API
  test("takes a user's client grant and refuses a client's own", async () => {
    const grant = {
      client_id: tenant.managementClient.clientId,
      audience: asked().identifier,
      scope: three,
    };
    expect((await tenant.api("POST", "/client-grants", grant)).status).toBe(400);
    const user = { ...grant, subject_type: "user" };
    expect((await tenant.api("POST", "/client-grants", user)).status).toBe(201);
  });

  // parity: DELETE /resource-servers/{id} | recordings: TestAccResourceServer_ACR
  test("can be deleted although it is a system API", async () => {
    const { id } = (await get(encodeURIComponent(asked().identifier))).body;
    expect(await tenant.api("DELETE", `/resource-servers/${id}`)).toEqual({ status: 204 });
    expect((await get(id)).status).toBe(404);
  });
});
