/** @module A resource that a {@link ResourceTable} describes: one object of the Management API. */

import { autoName } from "../protocol/auto-name.ts";
import { type Path, within } from "../protocol/path.ts";
import type { Change, Resource } from "../protocol/plugin.ts";
import { seal, secretPaths } from "../protocol/secrets.ts";
import {
  isPlainMap,
  type PlainMap,
  type PropertyMap,
  revealMap,
  same,
  UNKNOWN,
} from "../protocol/value.ts";
import { absent } from "./absent.ts";
import { failuresOf } from "./check.ts";
import { changesOf } from "./difference.ts";
import type { Fields } from "./field.ts";
import { inputsFrom, refreshedInputs, secretFieldPaths, withoutNulls } from "./inputs.ts";
import type { KnownObjects } from "./known-objects.ts";
import type { Management } from "./management.ts";
import { aligned, previewOutputs } from "./outputs.ts";
import { patchBody } from "./patch-body.ts";
import { withProperty } from "./property-of.ts";
import type { ResourceTable } from "./resource-table.ts";
import { complete, fromWire, toWire } from "./wire.ts";

/**
 * Makes the resource of a table.
 *
 * @param tenant The tenant's client; asked for only when there is something to send.
 * @param known What this deployment has learned about objects of the type.
 */
export function tableResource(
  table: ResourceTable,
  tenant: () => Management,
  known: KnownObjects,
): Resource {
  const outputsOf = (answer: PlainMap, inputs: PropertyMap, old: PlainMap): PropertyMap => {
    const plain = revealMap(inputs);
    const fields = table.fields({ ...old, ...plain });
    const outputs = aligned(fromWire(answer, fields), [plain, old], fields);
    outputs["id"] = String(answer[table.idKey]);
    return seal(outputs, [...secretFieldPaths(fields), ...secretPaths(inputs)]);
  };

  const difference = (
    news: PlainMap,
    oldInputs: PlainMap,
    outputs: PlainMap,
    ignored: readonly Path[],
  ) =>
    changesOf(news, oldInputs, outputs, table.fields(news)).filter(
      (change) =>
        !ignored.some((prefix) => within(change.path, prefix)) &&
        table.ignores?.(change, outputs) !== true,
    );

  const object = async (id: string) => {
    const answer = await tenant().request("GET", pathOf(table, id));
    return isPlainMap(answer) ? answer : {};
  };

  const patch = async (
    id: string,
    inputs: PlainMap,
    outputs: PlainMap,
    changes: readonly Change[],
    existing?: PlainMap,
  ) => {
    const fields = table.fields(inputs);
    const whole = patchBody(inputs, outputs, fields, changes);
    const there = async () => existing ?? object(id);
    const context = { inputs, outputs, changes, there };
    const body = (await table.updateBody?.(whole, context)) ?? whole;
    // Auth0 refuses an update of nothing.
    if (Object.keys(body).length === 0) return there();
    const answer = await tenant()
      .request("PATCH", pathOf(table, id), body)
      .catch((error: unknown) => {
        throw withProperty(error, fields);
      });
    return isPlainMap(answer) ? answer : {};
  };

  /** Makes an object that exists hold what is wanted: no request where it already does. */
  const mended = async (
    existing: PlainMap,
    inputs: PlainMap,
    ignored: readonly Path[],
  ): Promise<PlainMap> => {
    const outputs = fromWire(existing, table.fields(inputs));
    const changes = difference(inputs, {}, outputs, ignored);
    if (changes.length === 0) return existing;
    const id = String(existing[table.idKey]);
    return { ...existing, ...(await patch(id, inputs, outputs, changes, existing)) };
  };

  return {
    check(request) {
      if (Object.keys(request.olds).length > 0) known.seen(request.urn);
      const inputs: PropertyMap = { ...table.defaults, ...withoutNulls(request.news) };
      const name = table.autoNamed === true ? autoName(request) : undefined;
      if (name !== undefined) inputs["name"] = name;
      const plain = revealMap(inputs);
      const fields = table.fields(plain);
      const failures = [...failuresOf(plain, fields), ...(table.check?.(plain) ?? [])];
      return { inputs: sealInputs(inputs, fields), failures };
    },

    diff(request) {
      known.is(request.urn, request.id);
      const news = revealMap(request.news);
      const outputs = revealMap(request.outputs);
      const changes = difference(
        news,
        revealMap(request.oldInputs),
        outputs,
        request.ignoreChanges,
      );
      const replaces = changes.some((change) => change.replaces);
      const { unique } = table;
      return {
        changes,
        stables: table.stables,
        deleteBeforeReplace:
          replaces && unique !== undefined && same(news[unique] ?? null, outputs[unique] ?? null),
      };
    },

    async create({ urn, news, preview }) {
      const inputs = revealMap(news);
      const fields = table.fields(inputs);
      if (preview) {
        const outputs = complete(inputs, fields, UNKNOWN);
        return {
          id: "",
          outputs: seal(outputs, [...secretFieldPaths(fields), ...secretPaths(news)]),
        };
      }
      const management = tenant();
      const body = { ...toWire(inputs, fields), ...table.createBody?.(inputs) };
      const adopt = (existing: PlainMap) => mended(existing, inputs, []);
      const context = {
        management,
        inputs,
        body,
        adopt,
        known: known.ids(urn),
        mayAdopt: known.mayAdopt(urn),
      };
      const made = await table.create(context).catch((error: unknown) => {
        throw withProperty(error, fields);
      });
      const id = String(made[table.idKey]);
      known.created(id);
      return { id, outputs: outputsOf(made, news, {}) };
    },

    async read({ id, urn, inputs, outputs }) {
      const answer = await tenant().request("GET", pathOf(table, id)).catch(absent);
      if (!isPlainMap(answer)) return undefined;
      known.is(urn, id);
      const read = outputsOf(answer, keepSecrets(inputs, outputs), revealMap(outputs));
      const plain = revealMap(read);
      const fields = table.fields(plain);
      const imported = Object.keys(inputs).length === 0;
      const found = imported
        ? inputsFrom(plain, fields)
        : refreshedInputs(revealMap(inputs), plain, fields);
      return {
        id: String(answer[table.idKey]),
        inputs: seal(found, [...secretFieldPaths(fields), ...secretPaths(inputs)]),
        outputs: read,
      };
    },

    async update(request) {
      known.is(request.urn, request.id);
      const inputs = revealMap(request.news);
      const old = revealMap(request.outputs);
      const fields = table.fields(inputs);
      if (request.preview) {
        const outputs = previewOutputs(inputs, old, fields);
        return seal(outputs, [
          ...secretFieldPaths(fields),
          ...secretPaths(request.news),
          ...secretPaths(request.outputs),
        ]);
      }
      const changes = difference(inputs, revealMap(request.oldInputs), old, request.ignoreChanges);
      // Asked for without a change: a create that failed half done. What the object lacks only it can tell.
      const answer =
        changes.length > 0
          ? await patch(request.id, inputs, old, changes)
          : await mended(await object(request.id), inputs, request.ignoreChanges);
      return outputsOf({ [table.idKey]: request.id, ...answer }, request.news, old);
    },

    async delete({ id, outputs }) {
      // The id of an adopted object: this delete is meant for what it stood for before.
      if (known.wasCreated(id) || table.deletable?.(revealMap(outputs)) === false) return;
      if (table.remove !== undefined) await table.remove(tenant(), id).catch(absent);
      else await tenant().request("DELETE", pathOf(table, id)).catch(absent);
    },
  };
}

function pathOf(table: ResourceTable, id: string): string {
  return `${table.path}/${encodeURIComponent(id)}`;
}

function sealInputs(inputs: PropertyMap, fields: Fields): PropertyMap {
  const plain = revealMap(inputs);
  return seal(plain, [...secretPaths(inputs), ...secretFieldPaths(fields)]);
}

/** What was secret in the state stays so, even where the old inputs do not say it. */
function keepSecrets(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return Object.keys(inputs).length > 0 ? inputs : outputs;
}
