/** @module What becomes of a linked identity when its connection goes, and who may have its address meanwhile. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { tenantApp } from "../../../tenant/app.ts";
import { linkedDatabaseUser, primaryUser } from "../../../tenant/linked-identities.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTestTenant({ app: (context) => tenantApp(context).app });
});
afterAll(() => tenant.close());

const name = "Second-DB";
const email = "eve@example.com";
const password = "Correct-horse-9";

async function openConnection(): Promise<string> {
  const enabled_clients = [tenant.managementClient.clientId];
  const body = { name, strategy: "auth0", enabled_clients };
  return String((await tenant.api("POST", "/connections", body)).body["id"]);
}

async function createUser(connection: string, address: string): Promise<string> {
  const body = { connection, email: address, password };
  return String((await tenant.api("POST", "/users", body)).body["user_id"]);
}

/** Eve of the second database, linked to a user of the first. */
async function linkEve(to: string) {
  const connectionId = await openConnection();
  const alice = await createUser("Username-Password-Authentication", to);
  const eve = await createUser(name, email);
  const body = { provider: "auth0", user_id: eve.replace("auth0|", "") };
  expect((await tenant.api("POST", `/users/${alice}/identities`, body)).status).toBe(201);
  return { connectionId, alice, eve };
}

const signUp = async (address: string) =>
  (
    await tenant.fetch("https://localhost:4443/dbconnections/signup", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: tenant.managementClient.clientId,
        connection: name,
        email: address,
        password,
      }),
    })
  ).status;

// parity: DELETE /connections/{id} | (inferred)
suite("a connection that goes", () => {
  test("takes its links along: a later one of its name knows nobody, and its addresses are free", async () => {
    const { connectionId, alice, eve } = await linkEve("alice@example.com");
    const { store } = tenant.context;
    expect(primaryUser(store, eve)?.user_id).toBe(alice);
    expect((await tenant.api("DELETE", `/connections/${connectionId}`)).status).toBe(202);
    expect(primaryUser(store, eve)).toBeUndefined();
    expect(linkedDatabaseUser(store, name, email)).toBeUndefined();
    expect(store.settings.entries().filter(([id]) => id.startsWith("linked:"))).toEqual([]);
    const again = await openConnection();
    expect(await signUp(email)).toBe(200);
    const { body } = await tenant.api("GET", `/users/${alice}`);
    expect(body["identities"]).toHaveLength(1);
    await tenant.api("DELETE", `/connections/${again}`);
    await tenant.api("DELETE", `/users/${alice}`);
  });
});

// parity: POST /users | docs: link user accounts; (inferred)
suite("addresses of linked users", () => {
  test("an address whose user was linked to another stays taken at its connection: by POST and PATCH /users as by a sign-up", async () => {
    const { alice, eve } = await linkEve("bob@example.com");
    const body = { connection: name, email: "Eve@example.com", password };
    expect((await tenant.api("POST", "/users", body)).status).toBe(409);
    expect(await signUp(email)).toBe(400);
    const sameId = { ...body, email: "new@example.com", user_id: eve.replace("auth0|", "") };
    expect((await tenant.api("POST", "/users", sameId)).status).toBe(409);
    const other = await createUser(name, "other@example.com");
    expect((await tenant.api("PATCH", `/users/${other}`, { email })).status).toBe(400);
    const own = { connection: name, email };
    expect((await tenant.api("PATCH", `/users/${alice}`, own)).status).toBe(200);
    await tenant.api("DELETE", `/users/${alice}`);
    expect((await tenant.api("POST", "/users", body)).status).toBe(201);
  });
});
