/** @module Client grants of the Management API. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { ClientGrantRow } from "../../../tenant/models/client-grant.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

const audience = "https://tickets.test/";
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
  const scopes = [{ value: "read:tickets" }, { value: "write:tickets" }];
  await tenant.api("POST", "/resource-servers", { identifier: audience, scopes });
});
afterAll(() => tenant.close());

const newClient = async () =>
  (await tenant.api<ClientRow>("POST", "/clients", { name: "app" })).body.client_id;

const create = (body: object) => tenant.api<ClientGrantRow>("POST", "/client-grants", body);
const patch = (id: string, body: object) =>
  tenant.api<ClientGrantRow>("PATCH", `/client-grants/${id}`, body);

// parity: POST /client-grants | recordings: TestAccClientGrant; OpenAPI
suite("POST /client-grants", () => {
  test("answers the grant with an id; the subject type is the client unless it is said", async () => {
    const grant = { client_id: await newClient(), audience, scope: ["read:tickets"] };
    expect(await create(grant)).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^cgr_[A-Za-z0-9]{16}$/),
        subject_type: "client",
        ...grant,
      },
    });
  });

  test("keeps a user's and a client's grant for one pair side by side", async () => {
    const grant = { client_id: await newClient(), audience, scope: [] };
    expect((await create({ ...grant, subject_type: "user" })).status).toBe(201);
    expect((await create({ ...grant, subject_type: "client" })).status).toBe(201);
    const path = `/client-grants?client_id=${grant.client_id}&subject_type=user`;
    const { body } = await tenant.api<ClientGrantRow[]>("GET", path);
    expect(body.map(({ subject_type: subject }) => subject)).toEqual(["user"]);
  });

  test('refuses a second grant for client, audience and subject type with 409 "already exists"', async () => {
    const grant = { client_id: await newClient(), audience, scope: [], subject_type: "user" };
    await create(grant);
    const answer = await tenant.api("POST", "/client-grants", grant);
    expect(answer.status).toBe(409);
    expect(answer.body["message"]).toContain("already exists");
  });

  // parity: | field
  test("refuses a scope that the API does not define", async () => {
    const grant = { client_id: await newClient(), audience, scope: ["read:tickets", "fly"] };
    const answer = await tenant.api("POST", "/client-grants", grant);
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_body" } });
    expect(answer.body["message"]).toContain("subset of resource server scopes; not defined: fly");
  });

  test("answers 404 for an unknown API and for an unknown client", async () => {
    const noApi = await tenant.api("POST", "/client-grants", {
      client_id: await newClient(),
      audience: "https://nowhere.test/",
    });
    expect(noApi).toMatchObject({ status: 404, body: { errorCode: "inexistent_resource_server" } });
    const noClient = await tenant.api("POST", "/client-grants", { client_id: "nobody", audience });
    expect(noClient).toMatchObject({ status: 404, body: { errorCode: "inexistent_client" } });
  });

  test.each([
    ["neither client_id nor default_for", { audience }],
    ["both", { audience, client_id: "x", default_for: "third_party_clients" }],
    ["no audience", { client_id: "x" }],
    ["an unknown key", { audience, client_id: "x", extra: 1 }],
    ["a scope twice", { audience, client_id: "x", scope: ["a", "a"] }],
    ["an unknown subject type", { audience, client_id: "x", subject_type: "robot" }],
  ])("refuses %s", async (_what, body) => {
    expect((await create(body)).status).toBe(400);
  });

  test("takes a default for third-party clients without a client", async () => {
    const { status, body } = await create({ audience, default_for: "third_party_clients" });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("client_id");
  });
});

// parity: PATCH /client-grants/{id} | recordings: TestAccClientGrant; OpenAPI
suite("PATCH /client-grants/{id}", () => {
  test("replaces the scope", async () => {
    const { body: grant } = await create({ client_id: await newClient(), audience, scope: [] });
    const { body } = await patch(grant.id, { scope: ["write:tickets"] });
    expect(body).toEqual({ ...grant, scope: ["write:tickets"] });
  });

  test("leaves the scope out while all are allowed, and wants one when that ends", async () => {
    const { body: grant } = await create({ client_id: await newClient(), audience, scope: [] });
    const all = await patch(grant.id, { allow_all_scopes: true });
    expect(all.body).not.toHaveProperty("scope");
    expect((await patch(grant.id, { allow_all_scopes: false })).status).toBe(400);
    const some = await patch(grant.id, { allow_all_scopes: false, scope: ["read:tickets"] });
    expect(some.body).toMatchObject({ allow_all_scopes: false, scope: ["read:tickets"] });
  });

  test.each(["client_id", "audience", "subject_type"])("refuses to change %s", async (key) => {
    const { body: grant } = await create({ client_id: await newClient(), audience, scope: [] });
    expect((await patch(grant.id, { [key]: "x" })).status).toBe(400);
  });

  // parity: GET /client-grants/{id}, PATCH /client-grants/{id} | OpenAPI
  test("answers 404 for a grant that does not exist", async () => {
    const answer = await patch("cgr_0000000000000000", { scope: [] });
    expect(answer).toMatchObject({ status: 404 });
    expect((await tenant.api("GET", "/client-grants/cgr_0")).status).toBe(404);
  });
});

// parity: GET /client-grants | recordings: TestAccClientGrant
suite("GET and DELETE /client-grants", () => {
  test("answers the totals that the official provider asks for", async () => {
    const path = `/client-grants?audience=${encodeURIComponent(audience)}&client_id=nobody&include_totals=true&per_page=50`;
    const { body } = await tenant.api("GET", path);
    expect(body).toEqual({ total: 0, start: 0, limit: 50, client_grants: [] });
  });

  // parity: DELETE /client-grants/{id} | OpenAPI
  test("answers 204 to a delete, also of a grant that is gone", async () => {
    const { body: grant } = await create({ client_id: await newClient(), audience, scope: [] });
    expect((await tenant.api("GET", `/client-grants/${grant.id}`)).body).toEqual(grant);
    expect(await tenant.api("DELETE", `/client-grants/${grant.id}`)).toEqual({ status: 204 });
    expect(await tenant.api("DELETE", `/client-grants/${grant.id}`)).toEqual({ status: 204 });
  });
});
