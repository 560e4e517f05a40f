/** Every property of every resource type, edited by somebody else: a refresh finds it, an update repairs it. */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import type { Fields } from "../../engine/plugins/auth0/field.ts";
import type { ResourceClient } from "../engine/plugins/plugin-client.ts";
import { type TenantBench, tenantBench } from "../engine/plugins/tenant-bench.ts";
import { types } from "../engine/plugins/types.ts";
import { drift } from "./row.ts";
import { newClient, subjectsOn } from "./subjects.ts";

let bench: TenantBench;
beforeAll(async () => {
  bench = await tenantBench();
});
afterAll(() => bench?.close());

const subjects = subjectsOn(() => bench);

for (const { what, type, fields, rows, exceptions, path, inputs } of subjects) {
  suite(`an outside edit of a ${what}`, () => {
    test.each(rows.map((row) => [row.property, row] as const))(
      "of %s is found by a refresh and repaired by an update",
      async (property, row) => {
        const resource = bench.plugin.resource(type, "one");
        const outcome = await drift(bench, resource, path, await inputs(row), row.edit);
        const found = Object.keys(outcome.found.detail);
        assert.isTrue(
          found.some((each) => each === property || each.startsWith(`${property}[`)),
          `found ${found.join(", ") || "nothing"}`,
        );
        // The engine replaces by top-level property.
        const [top = ""] = property.split(".");
        assert.deepEqual(outcome.found.replaces, row.replaces === true ? [top] : []);
        if (row.replaces === true) return;
        assert.deepEqual(outcome.left.detail, {});
        assert.deepEqual(outcome.after?.outputs, outcome.made.outputs);
      },
    );

    test("has a row, or a reason for none, for each property that can be declared", () => {
      const covered = [...rows, ...exceptions].map(({ property }) => property);
      assert.sameMembers([...new Set(covered)], declarable(fields));
    });
  });
}

suite("an outside delete", () => {
  test.each(subjects.map((subject) => [subject.what, subject] as const))(
    "of a %s is found by a refresh, and the next create makes it again",
    async (_, { type, rows, path, inputs }) => {
      const [row] = rows;
      assert.isDefined(row);
      if (row === undefined) return;
      const resource = bench.plugin.resource(type, "one");
      const program = await inputs(row);
      const made = await resource.make(program);
      await bench.api("DELETE", path(made.id));
      assert.isUndefined(await resource.read(made.id, made));
      // Credentials are a client's: what is made again is the client, and they after it.
      const again = type === types.clientCredentials ? await inputs(row) : program;
      const next = await (await bench.another()).resource(type, "one").make(again);
      assert.notEqual(next.id, made.id);
    },
  );
});

suite("the clients of a connection", () => {
  let all: ResourceClient;
  let one: ResourceClient;
  beforeAll(() => {
    all = bench.plugin.resource(types.connectionClients, "all");
    one = bench.plugin.resource(types.connectionClient, "one");
  });

  test("disabled or added by somebody are found by a refresh and put right by an update", async () => {
    const [mine, theirs] = [await newClient(bench), await newClient(bench)];
    const id = await newConnection();
    const made = await all.make({ connectionId: id, enabledClients: [mine] });
    for (const edit of [
      [{ client_id: mine, status: false }],
      [{ client_id: theirs, status: true }],
    ]) {
      await bench.api("PATCH", `/connections/${id}/clients`, edit);
      const read = await all.read(id, made);
      assert.isDefined(read);
      if (read === undefined) return;
      const { detail } = await all.diff(read, made.inputs);
      assert.deepEqual(Object.keys(detail), ["enabledClients"]);
      const repaired = await all.update(read, made.inputs);
      assert.deepEqual(repaired, made);
      assert.deepEqual(await all.read(id, repaired), made);
    }
  });

  test("are gone with the connection that somebody has deleted", async () => {
    const client = await newClient(bench);
    const id = await newConnection();
    const made = await all.make({ connectionId: id, enabledClients: [client] });
    await bench.api("DELETE", `/connections/${id}`);
    assert.isUndefined(await all.read(id, made));
  });

  test("of which one was disabled by somebody: a refresh takes it for gone, a create enables it", async () => {
    const client = await newClient(bench);
    const connectionId = await newConnection();
    const program = { connectionId, clientId: client };
    const made = await one.make(program);
    const disabled = [{ client_id: client, status: false }];
    await bench.api("PATCH", `/connections/${connectionId}/clients`, disabled);
    assert.isUndefined(await one.read(made.id, made));
    assert.deepEqual(await one.make(program), made);
    assert.deepEqual(await one.read(made.id, made), made);
  });
});

/** Paths of all inputs of a table; a list of blocks is one property. */
function declarable(fields: Fields, at = ""): string[] {
  return Object.entries(fields).flatMap(([property, field]) => {
    if (field.readOnly === true || field.kind === "unsupported") return [];
    const path = `${at}${property}`;
    return field.kind === "block" ? declarable(field.fields ?? {}, `${path}.`) : [path];
  });
}

async function newConnection(): Promise<string> {
  const name = `c-${crypto.randomUUID()}`;
  const { id } = await bench.api("POST", "/connections", { name, strategy: "oauth2", options: {} });
  return String(id);
}
