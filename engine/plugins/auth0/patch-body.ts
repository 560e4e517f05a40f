/** @module The body of an update: what the program says, and what it no longer says. */

import type { Change } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { absentValue, type Fields, wireName } from "./field.ts";
import { toWire } from "./wire.ts";

/** All inputs that may be changed, and an empty value for each property that went. */
export function patchBody(
  inputs: PlainMap,
  outputs: PlainMap,
  fields: Fields,
  changes: readonly Change[],
): PlainMap {
  return {
    ...toWire(updatable(inputs, fields), fields),
    ...cleared(inputs, outputs, fields, changes),
  };
}

/** Inputs that a PATCH may hold: a property that replaces the object is never among them. */
function updatable(inputs: PlainMap, fields: Fields): PlainMap {
  return Object.fromEntries(
    Object.entries(inputs).filter(([property]) => fields[property]?.replaces !== true),
  );
}

/** Empty values for what the program no longer says, and null for each key of a map that went. */
function cleared(
  inputs: PlainMap,
  outputs: PlainMap,
  fields: Fields,
  changes: readonly Change[],
): PlainMap {
  const body: PlainMap = {};
  for (const { path } of changes) {
    const property = String(path[0]);
    const field = fields[property];
    if (field === undefined || path.length !== 1) continue;
    const input = inputs[property];
    const output = outputs[property];
    if (input === undefined && field.clear !== undefined) {
      body[wireName(property, field)] = field.clear;
    } else if (field.kind === "textMap" && isPlainMap(output)) {
      const gone = Object.keys(output).filter(
        (key) => !isPlainMap(input) || !Object.hasOwn(input, key),
      );
      const kept = isPlainMap(input) ? input : {};
      body[wireName(property, field)] = {
        ...kept,
        ...Object.fromEntries(gone.map((key) => [key, null])),
      };
    } else if (input === undefined) {
      body[wireName(property, field)] = absentValue(field);
    }
  }
  return body;
}
