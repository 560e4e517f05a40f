/** Which clients may use a connection, all of them or one, and the look-ups of a program. */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { Secret, UNKNOWN } from "../../../engine/plugins/protocol/value.ts";
import type { ResourceClient } from "./plugin-client.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";
import { types } from "./types.ts";

let bench: TenantBench;
let all: ResourceClient;
let one: ResourceClient;
beforeAll(async () => {
  bench = await tenantBench();
  all = bench.plugin.resource(types.connectionClients, "all");
  one = bench.plugin.resource(types.connectionClient, "one");
});
afterAll(() => bench.close());

async function newClients(number: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < number; index++) {
    const { client_id } = await bench.api("POST", "/clients", { name: `client ${index}` });
    ids.push(String(client_id));
  }
  return ids;
}

async function newConnection(...clients: string[]): Promise<{ id: string; name: string }> {
  const name = `c-${crypto.randomUUID()}`;
  const { id } = await bench.api("POST", "/connections", { name, strategy: "oauth2", options: {} });
  await enable(String(id), clients);
  return { id: String(id), name };
}

async function enable(id: string, clients: string[]): Promise<void> {
  if (clients.length === 0) return;
  const body = clients.map((client) => ({ client_id: client, status: true }));
  await bench.api("PATCH", `/connections/${id}/clients`, body);
}

async function enabled(id: string): Promise<string[]> {
  const { clients = [] } = await bench.api("GET", `/connections/${id}/clients?take=1000`);
  return (clients as unknown as { client_id: string }[]).map(({ client_id }) => client_id).sort();
}

suite("auth0:index/connectionClients:ConnectionClients", () => {
  test("enables the wanted clients and keeps the connection's name and strategy", async () => {
    const [a = "", b = ""] = await newClients(2);
    const { id, name } = await newConnection();
    const entry = await all.make({ connectionId: id, enabledClients: [b, a] });
    assert.deepEqual(entry, {
      id,
      inputs: { connectionId: id, enabledClients: [b, a] },
      outputs: { id, connectionId: id, enabledClients: [b, a], name, strategy: "oauth2" },
    });
    assert.deepEqual(await enabled(id), [a, b].sort());
    const turned = { ...entry.inputs, enabledClients: [a, b] };
    assert.isFalse((await all.diff(entry, turned)).changes);
    assert.deepEqual(await all.read(id, entry), entry);
  });

  test("asks for no name of a connection that this run has made or looked up", async () => {
    const [a = ""] = await newClients(1);
    const made = bench.plugin.resource(types.connection, "desk");
    const desk = await made.make({ name: `c-${crypto.randomUUID()}`, strategy: "oauth2" });
    bench.proxy.taken();
    const entry = await all.make({ connectionId: desk.id, enabledClients: [a] });
    const clients = `/connections/${desk.id}/clients`;
    assert.deepEqual(bench.proxy.taken(), [`GET ${clients}`, `PATCH ${clients}`]);
    assert.include(entry.outputs, { name: desk.outputs["name"], strategy: "oauth2" });
    const { id, name } = await newConnection();
    await bench.plugin.invoke("auth0:index/getConnection:getConnection", { name });
    bench.proxy.taken();
    const { outputs } = await one.make({ connectionId: id, clientId: a });
    assert.deepEqual(bench.proxy.taken(), [`PATCH /connections/${id}/clients`]);
    assert.include(outputs, { name, strategy: "oauth2" });
  });

  test("refuses a connection that others use, and leaves it as it is", async () => {
    const [mine = "", others = ""] = await newClients(2);
    const { id } = await newConnection(others);
    const program = { connectionId: id, enabledClients: [mine] };
    const error = String(await all.make(program).catch(String));
    assert.include(error, others);
    assert.match(error, /join a shared connection with ConnectionClient \(singular\)/);
    assert.deepEqual(await enabled(id), [others]);
  });

  test("goes on where an interrupted run has enabled some of the wanted clients", async () => {
    const [a = "", b = ""] = await newClients(2);
    const { id } = await newConnection(a);
    await all.make({ connectionId: id, enabledClients: [a, b] });
    assert.deepEqual(await enabled(id), [a, b].sort());
  });

  test("sends what is added and removed, fifty at once", async () => {
    const ids = await newClients(60);
    const { id } = await newConnection();
    const entry = await all.make({ connectionId: id, enabledClients: ids.slice(0, 55) });
    assert.lengthOf(await enabled(id), 55);
    bench.proxy.taken();
    await all.update(entry, { ...entry.inputs, enabledClients: ids.slice(2, 57) });
    assert.deepEqual(bench.proxy.taken(), [`PATCH /connections/${id}/clients`]);
    assert.lengthOf(Object.keys(bench.proxy.requests.at(-1)?.body ?? {}), 4);
    assert.deepEqual(await enabled(id), ids.slice(2, 57).sort());
  });

  test("shows drift when it is read", async () => {
    const [a = "", b = ""] = await newClients(2);
    const { id } = await newConnection();
    const entry = await all.make({ connectionId: id, enabledClients: [a] });
    await enable(id, [b]);
    const read = (await all.read(id, entry)) ?? entry;
    assert.sameMembers(read.outputs["enabledClients"] as string[], [a, b]);
    assert.deepEqual((await all.diff(read, entry.inputs)).detail, { enabledClients: "UPDATE" });
  });

  test("is unknown in a preview where its client is, and replaced for another connection", async () => {
    const { outputs } = await all.preview({ connectionId: UNKNOWN, enabledClients: [UNKNOWN] });
    assert.deepEqual(outputs["enabledClients"], [UNKNOWN]);
    assert.equal(outputs["name"], UNKNOWN);
    const [a = ""] = await newClients(1);
    const { id } = await newConnection();
    const entry = await all.make({ connectionId: id, enabledClients: [a] });
    const diff = await all.diff(entry, { ...entry.inputs, connectionId: UNKNOWN });
    assert.deepEqual(diff.detail, { connectionId: "UPDATE_REPLACE" });
  });

  test("disables its clients when it goes, whatever of them or of it is gone already", async () => {
    const [a = "", gone = ""] = await newClients(2);
    const { id } = await newConnection();
    const entry = await all.make({ connectionId: id, enabledClients: [a, gone] });
    await bench.api("DELETE", `/clients/${gone}`);
    const run = (await bench.another()).resource(types.connectionClients, "all");
    await run.delete(entry);
    assert.deepEqual(await enabled(id), []);
    await bench.api("DELETE", `/connections/${id}`);
    await run.delete(entry);
    assert.isUndefined(await run.read(id, entry));
  });
});

suite("auth0:index/connectionClient:ConnectionClient", () => {
  test("joins a connection that others use, and leaves it alone", async () => {
    const [mine = "", others = ""] = await newClients(2);
    const { id, name } = await newConnection(others);
    const entry = await one.make({ connectionId: id, clientId: mine });
    assert.deepEqual(entry.outputs, {
      id: `${id}::${mine}`,
      connectionId: id,
      clientId: mine,
      name,
      strategy: "oauth2",
    });
    assert.deepEqual(await one.read(entry.id), entry);
    const run = (await bench.another()).resource(types.connectionClient, "one");
    await run.delete(entry);
    assert.deepEqual(await enabled(id), [others]);
    assert.isUndefined(await run.read(entry.id, entry));
    await run.delete(entry);
  });

  test("is replaced for another client or connection", async () => {
    const [a = ""] = await newClients(1);
    const { id } = await newConnection();
    const entry = await one.make({ connectionId: id, clientId: a });
    const diff = await one.diff(entry, { connectionId: "con_other", clientId: UNKNOWN });
    assert.sameMembers(diff.replaces, ["connectionId", "clientId"]);
  });

  test("refuses an id that is not its own to import", async () => {
    const error = await one.read("con_a").catch(String);
    assert.match(String(error), /Write it as CONNECTION_ID::CLIENT_ID/);
  });
});

suite("the functions of the auth0 plugin", () => {
  test("find an API by its identifier, with its scopes and blocks as lists", async () => {
    const identifier = `https://${crypto.randomUUID()}.test/`;
    const scopes = [{ value: "a", description: "does a" }];
    const { id } = await bench.api("POST", "/resource-servers", { identifier, scopes });
    const token = "auth0:index/getResourceServer:getResourceServer";
    const found = await bench.plugin.invoke(token, { identifier });
    assert.equal(found["id"], String(id));
    assert.deepEqual(found["scopes"], [{ name: "a", description: "does a" }]);
    assert.deepEqual(found["subjectTypeAuthorizations"], [
      { users: [{ policy: "allow_all" }], clients: [{ policy: "require_client_grant" }] },
    ]);
    const byId = await bench.plugin.invoke(token, { resourceServerId: String(id) });
    assert.equal(byId["identifier"], identifier);
  });

  test("say 404 of an API that is not there", async () => {
    const token = "auth0:index/getResourceServer:getResourceServer";
    const error = await bench.plugin
      .invoke(token, { identifier: "https://none.test/" })
      .catch(String);
    assert.match(String(error), /answered 404 inexistent_resource_server/);
  });

  test("find a connection by name, with its clients", async () => {
    const [a = ""] = await newClients(1);
    const { id, name } = await newConnection(a);
    const token = "auth0:index/getConnection:getConnection";
    const found = await bench.plugin.invoke(token, { name });
    assert.equal(found["id"], id);
    assert.equal(found["strategy"], "oauth2");
    assert.deepEqual(found["enabledClients"], [a]);
    assert.deepEqual(found["connectedAccounts"], [{ active: false }]);
    const error = await bench.plugin.invoke(token, { name: "none" }).catch(String);
    assert.match(String(error), /no connection named "none" \(404\)/);
  });

  test("find a client by name, with its secret as a secret", async () => {
    const name = crypto.randomUUID();
    const client = await bench.api("POST", "/clients", { name });
    const found = await bench.plugin.invoke("auth0:index/getClient:getClient", { name });
    assert.equal(found["clientId"], String(client["client_id"]));
    assert.deepEqual(found["clientSecret"], new Secret(String(client["client_secret"])));
  });

  test("refuse to look without a key, and a function that is not there", async () => {
    const token = "auth0:index/getClient:getClient";
    const without = await bench.plugin.invoke(token, {}).catch(String);
    assert.match(String(without), /one of the arguments clientId, name is required/);
    const none = await bench.plugin.invoke("auth0:index/getTenant:getTenant", {}).catch(String);
    assert.match(String(none), /TVK_PLUGINS=official/);
  });
});
