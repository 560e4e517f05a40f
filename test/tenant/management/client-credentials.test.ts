/** @module Public keys of clients, as the official provider's ClientCredentials uses them. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientCredential, ClientRow } from "../../../tenant/models/client.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;
let pems: string[];

const newPem = (bits = 2048) => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return publicKey.export({ format: "pem", type: "spki" }).toString();
};

beforeAll(async () => {
  tenant = await openTestTenant();
  pems = [newPem(), newPem(), newPem(), newPem(), newPem()];
});
afterAll(() => tenant.close());

const newClient = async () =>
  (await tenant.api<ClientRow>("POST", "/clients", { name: "app" })).body.client_id;

const add = (client: string, pem: string | undefined, more: object = {}) =>
  tenant.api<ClientCredential>("POST", `/clients/${client}/credentials`, {
    credential_type: "public_key",
    pem,
    ...more,
  });

// parity: POST /clients/{client_id}/credentials, GET /clients/{client_id}/credentials | recordings: TestAccClientCredentialsImport; OpenAPI
suite("POST /clients/{client_id}/credentials", () => {
  test("answers the credential with a kid and without the key", async () => {
    const client = await newClient();
    expect(await add(client, pems[0], { name: "first" })).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^cred_[A-Za-z0-9]{22}$/),
        credential_type: "public_key",
        name: "first",
        kid: expect.stringMatching(/^[\w-]{43}$/),
        alg: "RS256",
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    });
  });

  test.each([
    ["no key", undefined],
    ["what is no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
    ["a key of 1024 bits", newPem(1024)],
    [
      "an elliptic key",
      generateKeyPairSync("ec", { namedCurve: "P-256" })
        .publicKey.export({ format: "pem", type: "spki" })
        .toString(),
    ],
    [
      "a private key",
      generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ format: "pem", type: "pkcs8" })
        .toString(),
    ],
  ])("refuses %s without quoting it", async (_what, pem) => {
    const answer = await add(await newClient(), pem);
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_body" } });
    expect(JSON.stringify(answer)).not.toContain("BEGIN");
  });

  // parity: POST /clients/{client_id}/credentials, DELETE /clients/{client_id}/credentials/{credential_id} | recordings; field
  test("refuses a key that the client has, and a fifth one", async () => {
    const client = await newClient();
    for (const pem of pems.slice(0, 4)) expect((await add(client, pem)).status).toBe(201);
    expect((await add(client, pems[0])).body).toMatchObject({
      message: "credentials contains public keys that already exist in client",
    });
    expect((await add(client, pems[4])).status).toBe(400);
  });

  test("answers 404 for an unknown client", async () => {
    expect((await add("nobody", pems[0])).status).toBe(404);
  });
});

// parity: POST /clients, PATCH /clients/{id} | recordings: TestAccClientCredentialsImport
suite("a client with a key of its own", () => {
  test("no longer shows secret and method, and takes the method back later", async () => {
    const client = await newClient();
    const { id } = (await add(client, pems[0])).body;
    const attach = {
      client_authentication_methods: { private_key_jwt: { credentials: [{ id }] } },
    };
    const attached = await tenant.api<ClientRow>("PATCH", `/clients/${client}`, attach);
    expect(attached.body).toMatchObject(attach);
    expect(attached.body).not.toHaveProperty("client_secret");
    expect(attached.body).not.toHaveProperty("token_endpoint_auth_method");
    const used = await tenant.api("DELETE", `/clients/${client}/credentials/${id}`);
    expect(used.status).toBe(400);
    const back = {
      client_authentication_methods: null,
      token_endpoint_auth_method: "client_secret_post",
    };
    const detached = await tenant.api<ClientRow>("PATCH", `/clients/${client}`, back);
    expect(detached.body).toHaveProperty("client_secret");
    expect(detached.body).not.toHaveProperty("client_authentication_methods");
    const gone = await tenant.api("DELETE", `/clients/${client}/credentials/${id}`);
    expect(gone).toEqual({ status: 204 });
  });

  test("can be created with the key inline", async () => {
    const credentials = [{ credential_type: "public_key", pem: pems[0] }];
    const body = {
      name: "keyed",
      client_authentication_methods: { private_key_jwt: { credentials } },
    };
    const { body: client } = await tenant.api<ClientRow>("POST", "/clients", body);
    const [attached] = client.client_authentication_methods?.private_key_jwt?.credentials ?? [];
    const path = `/clients/${client.client_id}/credentials`;
    const { body: listed } = await tenant.api<ClientCredential[]>("GET", path);
    expect(listed.map(({ id }) => id)).toEqual([attached?.id]);
    expect(JSON.stringify(listed)).not.toContain("BEGIN");
    const one = await tenant.api<ClientCredential>("GET", `${path}/${attached?.id}`);
    expect(one.body).toEqual(listed[0]);
  });

  test("refuses a credential that is not its own, three at once, and both methods together", async () => {
    const client = await newClient();
    const attach = (credentials: object[], more: object = {}) =>
      tenant.api("PATCH", `/clients/${client}`, {
        client_authentication_methods: { private_key_jwt: { credentials } },
        ...more,
      });
    expect((await attach([{ id: "cred_of_another" }])).status).toBe(400);
    expect((await attach([{ id: "a" }, { id: "b" }, { id: "c" }])).body).toMatchObject({
      message: expect.stringContaining("Array is too long (3), maximum 2"),
    });
    expect((await attach([], { token_endpoint_auth_method: "none" })).status).toBe(400);
  });
});

// parity: PATCH /clients/{client_id}/credentials/{credential_id}, GET /clients/{client_id}/credentials/{credential_id} | OpenAPI
suite("PATCH /clients/{client_id}/credentials/{credential_id}", () => {
  test("sets and removes the end", async () => {
    const client = await newClient();
    const { id } = (await add(client, pems[1])).body;
    const path = `/clients/${client}/credentials/${id}`;
    const end = "2030-01-01T00:00:00.000Z";
    expect((await tenant.api("PATCH", path, { expires_at: end })).body).toMatchObject({
      expires_at: end,
    });
    const removed = await tenant.api("PATCH", path, { expires_at: null });
    expect(removed.body).not.toHaveProperty("expires_at");
    expect((await tenant.api("PATCH", path, { expires_at: "soon" })).status).toBe(400);
    expect((await tenant.api("PATCH", `${path}x`, { expires_at: null })).status).toBe(404);
  });
});
