/** Objects that an interrupted run has made: found by their marks, taken over, never taken from anybody else. */
import { afterAll, assert, beforeAll, beforeEach, suite, test } from "vitest";
import type { PropertyMap } from "../../../engine/plugins/protocol/value.ts";
import type { ResourceClient } from "./plugin-client.ts";
import type { Fate } from "./recording-proxy.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";
import { types } from "./types.ts";

let bench: TenantBench;
beforeAll(async () => {
  bench = await tenantBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.proxy.fate = () => "pass";
});

/** A resource as a new run of the engine sees it: with a plugin that knows nothing yet. */
async function nextRun(type: string): Promise<ResourceClient> {
  return (await bench.another()).resource(type, "agent");
}

function marked(more: PropertyMap = {}): PropertyMap {
  return { tvk_stack: "kit/dev", tvk_urn: `urn:${crypto.randomUUID()}`, tvk_owner: "ann", ...more };
}

/** Passes the first create on and throws its answer away. */
function loseFirst(collection: string): (request: { method: string; path: string }) => Fate {
  let lost = 0;
  return ({ method, path }) =>
    method === "POST" && path.endsWith(collection) && lost++ === 0 ? "lose-answer" : "pass";
}

async function clientsNamed(name: string): Promise<string[]> {
  const pages = await Promise.all(
    [0, 1, 2].map((page) => bench.api("GET", `/clients?per_page=100&page=${page}`)),
  );
  return pages
    .flatMap((list) => Object.values(list))
    .filter((client) => String(client["name"]) === name)
    .map((client) => String(client["client_id"]));
}

suite("a client that bears marks", () => {
  test("is looked for before it is made, in one request", async () => {
    const client = await nextRun(types.client);
    bench.proxy.taken();
    await client.make({ name: "Agent", clientMetadata: marked() });
    assert.deepEqual(bench.proxy.taken(), ["GET /clients", "POST /clients"]);
  });

  test("is taken over when an earlier run has made it, and gets what is wanted now", async () => {
    const clientMetadata = marked();
    const first = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    const again = { name: "Agent", description: "second try", clientMetadata };
    const second = await (await nextRun(types.client)).make(again);
    assert.equal(second.id, first.id);
    assert.equal(second.outputs["description"], "second try");
  });

  test("is found behind a hundred others", async () => {
    const clientMetadata = marked();
    const first = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    for (let index = 0; index < 101; index++) {
      await bench.api("POST", "/clients", { name: `other ${index}` });
    }
    const second = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    assert.equal(second.id, first.id);
  });

  test("is another one where the stack or the owner is another", async () => {
    const clientMetadata = marked();
    const first = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    for (const other of [{ tvk_owner: "bob" }, { tvk_stack: "kit/prod" }]) {
      const theirs = { name: "Agent", clientMetadata: { ...clientMetadata, ...other } };
      assert.notEqual((await (await nextRun(types.client)).make(theirs)).id, first.id);
    }
  });

  test("is another one where only theirs names an owner", async () => {
    const { tvk_owner: owner = "", ...clientMetadata } = marked();
    const theirs = { name: "Agent", clientMetadata: { ...clientMetadata, tvk_owner: owner } };
    const first = await (await nextRun(types.client)).make(theirs);
    const second = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    assert.notEqual(second.id, first.id);
  });

  test("is the same one though its expiry is another", async () => {
    const clientMetadata = marked({ tvk_expires: "1" });
    const first = await (await nextRun(types.client)).make({ name: "Agent", clientMetadata });
    const later = { name: "Agent", clientMetadata: { ...clientMetadata, tvk_expires: "2" } };
    const second = await (await nextRun(types.client)).make(later);
    assert.equal(second.id, first.id);
    assert.deepEqual(second.outputs["clientMetadata"], later.clientMetadata);
  });

  test("is not taken for its own replacement", async () => {
    const program = { name: "Agent", clientMetadata: marked() };
    const first = await (await nextRun(types.client)).make(program);
    const run = await nextRun(types.client);
    await run.check(program, first.inputs);
    await run.diff(first, first.inputs);
    const replacement = await run.create((await run.check(program)).inputs);
    assert.notEqual(replacement.id, first.id);
    await run.delete(first);
    assert.isDefined(await run.read(replacement.id, replacement));
    assert.isUndefined(await run.read(first.id, first));
  });

  test("is not taken for its replacement either where the engine did not say its id", async () => {
    const program = { name: "Agent", clientMetadata: marked() };
    const first = await (await nextRun(types.client)).make(program);
    const run = await nextRun(types.client);
    await run.check(program, first.inputs);
    const replacement = await run.create((await run.check(program)).inputs);
    assert.notEqual(replacement.id, first.id);
  });

  test("is made once though the answer to its POST got lost", async () => {
    const name = crypto.randomUUID();
    bench.proxy.fate = loseFirst("/clients");
    const entry = await (await nextRun(types.client)).make({ name, clientMetadata: marked() });
    assert.deepEqual(await clientsNamed(name), [entry.id]);
  });

  test("is asked for again after trouble in the tenant, each time after a longer wait", async () => {
    const times: number[] = [];
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/clients") && times.push(performance.now()) < 3
        ? { status: 503 }
        : "pass";
    await (await nextRun(types.client)).make({ name: "Agent", clientMetadata: marked() });
    const [first = 0, second = 0, third = 0] = times;
    assert.isAtLeast(second - first, 500);
    assert.isAtLeast(third - second, 1000);
  });

  test("is not asked for again once the run is cancelled", async () => {
    const run = await bench.another();
    const client = run.resource(types.client, "agent");
    await client.make({ name: "Agent", clientMetadata: marked() });
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/clients") ? { status: 503 } : "pass";
    await run.cancel();
    bench.proxy.taken();
    const other = run.resource(types.client, "other");
    const error = await other.make({ name: "Other", clientMetadata: marked() }).catch(String);
    assert.match(String(error), /POST \/api\/v2\/clients answered 503/);
    const sent = bench.proxy.taken().filter((each) => each.startsWith("POST"));
    assert.deepEqual(sent, ["POST /clients"]);
  });
});

suite("a client without marks", () => {
  test("is not looked for, and not made twice when an answer got lost: the error says so", async () => {
    const name = crypto.randomUUID();
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/clients") ? "lose-answer" : "pass";
    const error = await (await nextRun(types.client)).make({ name }).catch(String);
    assert.match(String(error), /POST \/api\/v2\/clients: no answer from localhost/);
    assert.lengthOf(await clientsNamed(name), 1);
  });
});

suite("a connection", () => {
  const program = (metadata: PropertyMap = {}) => ({
    name: `desk-${crypto.randomUUID().slice(0, 8)}`,
    strategy: "oauth2",
    metadata,
    options: { clientId: "a", scopes: ["openid"] },
  });

  test("of a taken name with the same marks is taken over, and gets what is wanted now", async () => {
    const first = program(marked());
    const made = await (await nextRun(types.connection)).make(first);
    const connection = await nextRun(types.connection);
    bench.proxy.taken();
    const second = await connection.make({
      ...first,
      connectedAccounts: { active: true },
      options: { ...first.options, pkceEnabled: true },
    });
    assert.equal(second.id, made.id);
    assert.deepEqual(bench.proxy.taken(), [
      "POST /connections",
      "GET /connections",
      `PATCH /connections/${made.id}`,
    ]);
    assert.deepEqual(second.outputs["connectedAccounts"], { active: true });
    assert.isFalse((await connection.diff(second, second.inputs)).changes);
  });

  test.each([
    ["without marks", {}],
    ["with the marks of somebody else", marked({ tvk_urn: "urn:other" })],
  ])(
    "of a taken name %s is refused: the error names it and how to import it",
    async (_, metadata) => {
      const first = program(metadata);
      const { id } = await (await nextRun(types.connection)).make(first);
      const second = { ...first, metadata: marked() };
      const error = String(await (await nextRun(types.connection)).make(second).catch(String));
      assert.match(error, /POST \/api\/v2\/connections answered 409/);
      assert.include(error, `pulumi import ${types.connection} NAME ${id}`);
    },
  );

  test("whose name is still being deleted is made when the name is free", async () => {
    let refused = 0;
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/connections") && refused++ === 0
        ? { status: 409, body: { message: "A connection with this name is being deleted" } }
        : "pass";
    const entry = await (await nextRun(types.connection)).make(program());
    assert.equal(refused, 2);
    assert.match(entry.id, /^con_/);
  });

  test("is made once though the answer to its POST got lost", async () => {
    bench.proxy.fate = loseFirst("/connections");
    const first = program(marked());
    const entry = await (await nextRun(types.connection)).make(first);
    const list = await bench.api("GET", `/connections?name=${first.name}`);
    assert.deepEqual(
      Object.values(list).map((item) => String(item["id"])),
      [entry.id],
    );
  });
});
