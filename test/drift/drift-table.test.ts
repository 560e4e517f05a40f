/** Every property of every resource type, edited by somebody else: a refresh finds it, an update repairs it. */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { clientCredentialsTable } from "../../engine/plugins/auth0/client-credentials.ts";
import { clientGrantFields } from "../../engine/plugins/auth0/client-grant-table.ts";
import { clientFields } from "../../engine/plugins/auth0/client-table.ts";
import { connectionFields } from "../../engine/plugins/auth0/connection-table.ts";
import type { Fields } from "../../engine/plugins/auth0/field.ts";
import { resourceServerFields } from "../../engine/plugins/auth0/resource-server-table.ts";
import type { PropertyMap } from "../../engine/plugins/protocol/value.ts";
import type { ResourceClient } from "../engine/plugins/plugin-client.ts";
import { type TenantBench, tenantBench } from "../engine/plugins/tenant-bench.ts";
import { types } from "../engine/plugins/types.ts";
import { clientBase, clientExceptions, clientRows } from "./client-rows.ts";
import {
  connectionExceptions,
  databaseExceptions,
  databaseRows,
  oauth2Options,
  oauth2Rows,
} from "./connection-rows.ts";
import {
  apiExceptions,
  apiRows,
  credentialsExceptions,
  credentialsRows,
  grantExceptions,
  grantRows,
} from "./other-rows.ts";
import { drift, type Exception, type Row } from "./row.ts";

let bench: TenantBench;
beforeAll(async () => {
  bench = await tenantBench();
});
afterAll(() => bench?.close());

interface Subject {
  readonly what: string;
  readonly type: string;
  readonly fields: Fields;
  readonly rows: readonly Row[];
  readonly exceptions: readonly Exception[];
  path(id: string): string;
  /** All that the program declares for a row. */
  inputs(row: Row): Promise<PropertyMap> | PropertyMap;
}

let count = 0;

const subjects: readonly Subject[] = [
  {
    what: "Client",
    type: types.client,
    fields: clientFields,
    rows: clientRows,
    exceptions: clientExceptions,
    path: (id) => `/clients/${id}`,
    inputs: ({ inputs }) => ({ ...clientBase, ...inputs }),
  },
  {
    what: "Connection (oauth2)",
    type: types.connection,
    fields: connectionFields("oauth2"),
    rows: oauth2Rows,
    exceptions: connectionExceptions,
    path: (id) => `/connections/${id}`,
    inputs: ({ inputs }) => connection("oauth2", oauth2Options, inputs),
  },
  {
    what: "Connection (auth0)",
    type: types.connection,
    fields: connectionFields("auth0"),
    rows: databaseRows,
    exceptions: databaseExceptions,
    path: (id) => `/connections/${id}`,
    inputs: ({ inputs }) => connection("auth0", {}, inputs),
  },
  {
    what: "ResourceServer",
    type: types.resourceServer,
    fields: resourceServerFields,
    rows: apiRows,
    exceptions: apiExceptions,
    path: (id) => `/resource-servers/${id}`,
    inputs: ({ inputs }) => ({ identifier: `https://${crypto.randomUUID()}.test/`, ...inputs }),
  },
  {
    what: "ClientCredentials",
    type: types.clientCredentials,
    fields: clientCredentialsTable.fields({}),
    rows: credentialsRows,
    exceptions: credentialsExceptions,
    path: (id) => `/clients/${id}`,
    inputs: async ({ inputs }) => ({ clientId: await newClient(), ...inputs }),
  },
  {
    what: "ClientGrant",
    type: types.clientGrant,
    fields: clientGrantFields,
    rows: grantRows,
    exceptions: grantExceptions,
    path: (id) => `/client-grants/${id}`,
    inputs: async ({ inputs }) => ({
      clientId: await newClient(),
      audience: await newApi(),
      ...inputs,
    }),
  },
];

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
    const [mine, theirs] = [await newClient(), await newClient()];
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
    const client = await newClient();
    const id = await newConnection();
    const made = await all.make({ connectionId: id, enabledClients: [client] });
    await bench.api("DELETE", `/connections/${id}`);
    assert.isUndefined(await all.read(id, made));
  });

  test("of which one was disabled by somebody: a refresh takes it for gone, a create enables it", async () => {
    const client = await newClient();
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

function connection(strategy: string, base: PropertyMap, { options, ...rest }: PropertyMap) {
  count++;
  const own = typeof options === "object" && !Array.isArray(options) ? options : {};
  return { name: `desk-${count}`, strategy, options: { ...base, ...own }, ...rest };
}

async function newClient(): Promise<string> {
  const client = await bench.api("POST", "/clients", { name: "c", app_type: "regular_web" });
  return String(client["client_id"]);
}

async function newConnection(): Promise<string> {
  const name = `c-${crypto.randomUUID()}`;
  const { id } = await bench.api("POST", "/connections", { name, strategy: "oauth2", options: {} });
  return String(id);
}

async function newApi(): Promise<string> {
  const identifier = `https://${crypto.randomUUID()}.test/`;
  await bench.api("POST", "/resource-servers", {
    identifier,
    scopes: [{ value: "read:all" }],
    authorization_details: [{ type: "payment" }],
  });
  return identifier;
}
