/** @module What users have allowed goes with the user, the application or the API that it is about. */
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { consents, writeConsent } from "../../tenant/consents.ts";
import { openTestTenant, type TestTenant } from "./open-test-tenant.ts";

let tenant: TestTenant;
beforeEach(async () => {
  tenant = await openTestTenant();
});
afterEach(() => tenant.close());

const audience = "https://api.example.com";
const connection = "Short-lived";

/** Two of everything, and every user's word to every application about every API and none. */
async function allowEverything() {
  const { api } = tenant;
  const { body: database } = await api("POST", "/connections", {
    name: connection,
    strategy: "auth0",
  });
  const users: string[] = [];
  for (const name of [connection, "Username-Password-Authentication"]) {
    const body = { connection: name, email: "a@example.com", password: "Correct-horse-9" };
    users.push(String((await api("POST", "/users", body)).body["user_id"]));
  }
  const clients: string[] = [];
  for (const name of ["One", "Two"]) {
    clients.push(String((await api("POST", "/clients", { name })).body["client_id"]));
  }
  const { body: server } = await api("POST", "/resource-servers", { identifier: audience });
  await api("POST", "/resource-servers", { identifier: `${audience}/other` });
  for (const user of users) {
    for (const client of clients) {
      for (const each of [audience, `${audience}/other`, undefined]) {
        writeConsent(tenant.context, client, each, user, "read:x");
      }
    }
  }
  return { users, clients, ids: { connection: database["id"], server: server["id"] } };
}

// parity: DELETE /users/{id}, DELETE /clients/{id}, DELETE /resource-servers/{id}, DELETE /connections/{id} | (inferred)
suite("what users have allowed", () => {
  test("goes with the user, and no other user's word with it", async () => {
    const { users } = await allowEverything();
    expect(consents(tenant.context)).toHaveLength(12);
    await tenant.api("DELETE", `/users/${users[0]}`);
    const left = consents(tenant.context);
    expect(left.map(({ userId }) => userId)).toEqual(Array(6).fill(users[1]));
  });

  test("goes with the application", async () => {
    const { clients } = await allowEverything();
    await tenant.api("DELETE", `/clients/${clients[0]}`);
    const left = consents(tenant.context);
    expect(left.map(({ clientId }) => clientId)).toEqual(Array(6).fill(clients[1]));
  });

  test("goes with the API", async () => {
    const { ids } = await allowEverything();
    await tenant.api("DELETE", `/resource-servers/${ids.server}`);
    const left = consents(tenant.context).map((each) => each.audience);
    expect(left).toHaveLength(8);
    expect(left).not.toContain(audience);
  });

  test("goes with the connection whose user it was", async () => {
    const { users, ids } = await allowEverything();
    await tenant.api("DELETE", `/connections/${ids.connection}`);
    const left = consents(tenant.context);
    expect(left.map(({ userId }) => userId)).toEqual(Array(6).fill(users[1]));
    expect(tenant.context.store.settings.get("tenant")).toBeDefined();
  });
});
