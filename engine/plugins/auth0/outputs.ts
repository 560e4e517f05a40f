/** @module Outputs of a resource as the state keeps them, made of inputs, answers and what was there before. */

import { isPlainMap, type Plain, type PlainMap, same } from "../protocol/value.ts";
import { equal } from "./difference.ts";
import { absentValue, type Fields } from "./field.ts";
import { complete } from "./wire.ts";

/** Outputs of an update that has not happened: new inputs over old outputs. */
export function previewOutputs(inputs: PlainMap, old: PlainMap, fields: Fields): PlainMap {
  const outputs: PlainMap = { ...complete(inputs, fields) };
  for (const [property, field] of Object.entries(fields)) {
    const before = old[property];
    const input = inputs[property];
    if (before === undefined) continue;
    const stays = field.computed === true || field.readOnly === true || field.lasting === true;
    if (input === undefined && stays) {
      outputs[property] = before;
    } else if (field.kind === "block" && isPlainMap(input) && isPlainMap(before)) {
      outputs[property] = previewOutputs(input, before, field.fields ?? {});
    }
  }
  return "id" in old ? { ...outputs, id: old["id"] ?? null } : outputs;
}

/**
 * Puts sets into the order that the program or the state has, and keeps what the tenant does not answer: it
 * withholds secrets from a Management API client that lacks the scope to read them. What the program no longer
 * says is not kept, unless the tenant owns it.
 *
 * @param wanted The program's inputs, then what the state had.
 */
export function aligned(outputs: PlainMap, wanted: readonly PlainMap[], fields: Fields): PlainMap {
  const result: PlainMap = {};
  for (const [property, field] of Object.entries(fields)) {
    const output = outputs[property] ?? null;
    const candidates = wanted.map((map) => map[property]).filter((value) => value !== undefined);
    result[property] = output;
    if (field.forgotten === true) continue;
    const withheld = field.secret === true && same(output, absentValue(field));
    const said = field.computed === true ? candidates[0] : wanted[0]?.[property];
    if (field.writeOnly === true || withheld) result[property] = said ?? output;
    else if (field.kind === "block" && isPlainMap(output)) {
      result[property] = aligned(output, candidates.filter(isPlainMap), field.fields ?? {});
    } else if (["textSet", "blockSet", "pairs"].includes(field.kind)) {
      const match = candidates.find((value) => value !== null && equal(value, output, field));
      if (match !== undefined) result[property] = inShape(match, field.fields);
    }
  }
  return result;
}

function inShape(value: Plain, fields: Fields | undefined): Plain {
  if (fields === undefined || !Array.isArray(value)) return value;
  return value.map((item) => (isPlainMap(item) ? complete(item, fields) : item));
}
