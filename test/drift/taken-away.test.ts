/**
 * Every property of every resource type, no longer declared: an update takes it away, or Auth0 has no way to and
 * it stays; either way the tenant takes what is sent, and nothing is left to do afterwards.
 */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { isMap, type PropertyMap } from "../../engine/plugins/protocol/value.ts";
import type { ResourceClient, StateEntry } from "../engine/plugins/plugin-client.ts";
import { type TenantBench, tenantBench } from "../engine/plugins/tenant-bench.ts";
import { subjectsOn } from "./subjects.ts";

let bench: TenantBench;
beforeAll(async () => {
  bench = await tenantBench();
});
afterAll(() => bench?.close());

for (const { what, type, rows, path, inputs } of subjectsOn(() => bench)) {
  const cases = rows.map((row) => [row.property, row] as const);
  suite(`a property of a ${what}`, () => {
    test.each(cases)(
      "%s that was declared and is no more leaves nothing to do after an update",
      async (property, row) => {
        const resource = bench.plugin.resource(type, "one");
        const declared = await inputs(row);
        const made = await resource.make(declared);
        const rest = without(declared, property);
        const { inputs: news, failures } = await resource.check(rest, made.inputs);
        // It can't be left out.
        if (failures.length > 0) return;
        await settles(resource, made, news);
        // The next one may want what no two can have.
        await bench.api("DELETE", path(made.id));
      },
    );

    test.each(cases)(
      "%s that only somebody else has set leaves nothing to do after an update",
      async (property, row) => {
        const resource = bench.plugin.resource(type, "one");
        const declared = await inputs(row);
        const { inputs: news, failures } = await resource.check(without(declared, property));
        if (failures.length > 0) return;
        const made = await resource.create(news);
        const theirs = await resource.check(declared, made.inputs);
        const { changes, replaces } = await resource.diff(made, theirs.inputs);
        // As it is made, or not to be set afterwards.
        if (!changes || replaces.length > 0) return;
        await resource.update(made, theirs.inputs);
        const read = await resource.read(made.id, made);
        assert.isDefined(read);
        if (read !== undefined) await settles(resource, read, news);
        await bench.api("DELETE", path(made.id));
      },
    );
  });
}

/** Updates where there is something to do, and sees that afterwards there is not. */
async function settles(resource: ResourceClient, entry: StateEntry, news: PropertyMap) {
  const { changes, replaces } = await resource.diff(entry, news);
  if (!changes || replaces.length > 0) return;
  const updated = await resource.update(entry, news);
  assert.deepEqual((await resource.diff(updated, news)).detail, {});
  const read = await resource.read(entry.id, updated);
  assert.isDefined(read);
  if (read !== undefined) assert.deepEqual((await resource.diff(read, news)).detail, {});
}

/** What is declared without a property; a block goes as a whole, since Auth0 takes no half of most. */
function without(map: PropertyMap, property: string): PropertyMap {
  const [first = "", ...deeper] = property.split(".");
  const { [first]: value, ...rest } = map;
  if (first !== "options" || !isMap(value)) return rest;
  return { ...rest, options: without(value, deeper.join(".")) };
}
