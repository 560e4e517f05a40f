/** @module What users have allowed goes with the user, the application or the API that it is about. */
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { consents, readConsent, writeConsent } from "../../tenant/consents.ts";
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

suite("forgetting consents", () => {
  // parity: DELETE /users/{id} | (inferred)
  test("what a user has allowed goes with the user, and no other user's word with it", async () => {
    const { users } = await allowEverything();
    expect(consents(tenant.context)).toHaveLength(12);
    await tenant.api("DELETE", `/users/${users[0]}`);
    const left = consents(tenant.context);
    expect(left.map(({ userId }) => userId)).toEqual(Array(6).fill(users[1]));
  });

  // parity: DELETE /clients/{id} | (inferred)
  test("what users have allowed an application goes with it", async () => {
    const { clients } = await allowEverything();
    await tenant.api("DELETE", `/clients/${clients[0]}`);
    const left = consents(tenant.context);
    expect(left.map(({ clientId }) => clientId)).toEqual(Array(6).fill(clients[1]));
  });

  // parity: DELETE /resource-servers/{id} | (inferred)
  test("what users have allowed about an API goes with it", async () => {
    const { ids } = await allowEverything();
    await tenant.api("DELETE", `/resource-servers/${ids.server}`);
    const left = consents(tenant.context).map((each) => each.audience);
    expect(left).toHaveLength(8);
    expect(left).not.toContain(audience);
  });

  // parity: DELETE /connections/{id} | (inferred)
  test("what a user has allowed goes with the connection whose user it was", async () => {
    const { users, ids } = await allowEverything();
    await tenant.api("DELETE", `/connections/${ids.connection}`);
    const left = consents(tenant.context);
    expect(left.map(({ userId }) => userId)).toEqual(Array(6).fill(users[1]));
    expect(tenant.context.store.settings.get("tenant")).toBeDefined();
  });

  // parity: DELETE /users/{id} | (inferred)
  test("what a linked identity had allowed goes with the user, and is there again after an unlink", async () => {
    const { api, context } = tenant;
    const { users, clients } = await allowEverything();
    const [of, into] = users.map(String);
    const identities = `/users/${into}/identities`;
    const link = () => api("POST", identities, { provider: "auth0", user_id: of?.slice(6) });
    const ofWhom = () => new Set(consents(context).map(({ userId }) => userId));
    expect((await link()).status).toBe(201);
    expect((await api("DELETE", `${identities}/auth0/${of?.slice(6)}`)).status).toBe(200);
    expect(readConsent(context, String(clients[0]), audience, String(of))).toBe("read:x");
    expect((await link()).status).toBe(201);
    await api("DELETE", `/users/${into}`);
    expect(ofWhom()).toEqual(new Set());
  });

  // parity: DELETE /connections/{id} | (inferred)
  test("what a linked identity had allowed goes with its connection, and the word of the user who stays does not", async () => {
    const { api, context } = tenant;
    const { users, ids } = await allowEverything();
    const [of, into] = users.map(String);
    await api("POST", `/users/${into}/identities`, { provider: "auth0", user_id: of?.slice(6) });
    await api("DELETE", `/connections/${ids.connection}`);
    expect(consents(context).map(({ userId }) => userId)).toEqual(Array(6).fill(into));
  });

  // parity: DELETE /connections/{id} | (inferred)
  test("what a user has allowed stays when its own identity goes and a linked one is left", async () => {
    const { api, context } = tenant;
    const { users, ids } = await allowEverything();
    const [into, of] = users.map(String);
    await api("POST", `/users/${into}/identities`, { provider: "auth0", user_id: of?.slice(6) });
    await api("DELETE", `/connections/${ids.connection}`);
    expect((await api("GET", `/users/${into}`)).status).toBe(200);
    expect(new Set(consents(context).map(({ userId }) => userId))).toEqual(new Set([into, of]));
  });

  test("what goes is found without a look at all that the tenant remembers", async () => {
    const { users, clients, ids } = await allowEverything();
    const { settings } = tenant.context.store;
    const { all, entries } = settings;
    const readAll = (): never => expect.fail("all settings were read");
    Object.assign(settings, { all: readAll, entries: readAll });
    const [user, client] = [users[1], clients[0]];
    expect((await tenant.api("DELETE", `/clients/${client}`)).status).toBe(204);
    expect((await tenant.api("DELETE", `/resource-servers/${ids.server}`)).status).toBe(204);
    expect((await tenant.api("DELETE", `/users/${user}`)).status).toBe(204);
    expect((await tenant.api("DELETE", `/connections/${ids.connection}`)).status).toBe(202);
    Object.assign(settings, { all, entries });
    expect(consents(tenant.context)).toEqual([]);
  });
});
