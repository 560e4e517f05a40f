/** @module One row of the drift table, and the life that the rule gives it: made, edited by somebody, found, repaired. */
import type { PropertyMap } from "../../engine/plugins/protocol/value.ts";
import { isPlainMap, type PlainMap } from "../../engine/plugins/protocol/value.ts";
import type { Diffed, ResourceClient, StateEntry } from "../engine/plugins/plugin-client.ts";
import type { TenantBench } from "../engine/plugins/tenant-bench.ts";

export interface Row {
  /** Path of the property, as the program writes it. */
  readonly property: string;
  /** What the program declares, laid over the resource's own declaration. */
  readonly inputs: PropertyMap;
  /** What somebody sends to the Management API, laid over what the tenant has. */
  readonly edit: PlainMap;
  /** The edit can only be undone by a new object. */
  readonly replaces?: boolean;
}

/** A property that no outside edit can change, and why. */
export interface Exception {
  readonly property: string;
  readonly reason: string;
}

export interface DriftOutcome {
  /** What a refresh followed by the program's own inputs shows. */
  readonly found: Diffed;
  readonly made: StateEntry;
  /** What a refresh reads after the repair. */
  readonly after: StateEntry | undefined;
  readonly left: Diffed;
}

/** Makes the resource, edits it past the plugin, refreshes, repairs, refreshes again. */
export async function drift(
  bench: TenantBench,
  resource: ResourceClient,
  path: (id: string) => string,
  inputs: PropertyMap,
  edit: PlainMap,
): Promise<DriftOutcome> {
  const made = await resource.make(inputs);
  const before = await resource.read(made.id, made);
  if (before === undefined) throw new Error(`${made.id} is not there after its create`);
  if ((await resource.diff(before, made.inputs)).changes) {
    throw new Error(`${made.id} differs before anybody has edited it`);
  }
  await editOutside(bench, path(made.id), edit);
  const read = await resource.read(made.id, before);
  if (read === undefined) throw new Error(`${made.id} is gone after an edit`);
  const found = await resource.diff(read, made.inputs);
  if (!found.changes || found.replaces.length > 0) return { found, made, after: read, left: found };
  const repaired = await resource.update(read, made.inputs);
  const after = await resource.read(made.id, repaired);
  if (after === undefined) throw new Error(`${made.id} is gone after its repair`);
  return { found, made: before, after, left: await resource.diff(after, made.inputs) };
}

/** PATCH as a person's tool sends it: what is there, with the edit laid over it. */
async function editOutside(bench: TenantBench, path: string, edit: PlainMap): Promise<void> {
  const there = (await bench.api("GET", path)) as unknown as PlainMap;
  const body = Object.fromEntries(
    Object.entries(edit).map(([key, value]) => [key, laidOver(there[key] ?? null, value)]),
  );
  await bench.api("PATCH", path, body);
}

function laidOver(there: PlainMap[string], edit: PlainMap[string]): PlainMap[string] {
  if (!isPlainMap(there) || !isPlainMap(edit)) return edit;
  const merged = { ...there };
  for (const [key, value] of Object.entries(edit))
    merged[key] = laidOver(there[key] ?? null, value);
  return merged;
}
