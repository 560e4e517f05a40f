/**
 * @module Compares wanted inputs with what the state says is there.
 *
 * The comparison is with the outputs, so that drift which a refresh brought in is repaired. What the program
 * does not mention differs only where the tenant does not own it and it is not empty.
 */

import type { Path } from "../protocol/path.ts";
import type { Change } from "../protocol/plugin.ts";
import { hasUnknown, isPlainMap, type Plain, type PlainMap, same } from "../protocol/value.ts";
import { absentValue, type Field, type Fields } from "./field.ts";
import { complete } from "./wire.ts";

/** Every place at which the object must change. */
export function changesOf(
  inputs: PlainMap,
  oldInputs: PlainMap,
  outputs: PlainMap,
  fields: Fields,
  at: Path = [],
): Change[] {
  return Object.entries(fields).flatMap(([property, field]) =>
    valueChanges(
      inputs[property] ?? undefined,
      oldInputs[property] ?? undefined,
      outputs[property] ?? undefined,
      field,
      [...at, property],
    ),
  );
}

function valueChanges(
  input: Plain | undefined,
  oldInput: Plain | undefined,
  output: Plain | undefined,
  field: Field,
  path: Path,
): Change[] {
  const replaces = field.replaces === true;
  if (field.readOnly === true || field.forgotten === true) return [];
  if (field.kind === "unsupported") return [];
  if (input === undefined) {
    const stays = field.computed === true || field.lasting === true;
    if (stays || output === undefined || isEmpty(output, field)) return [];
    return [{ path, kind: "delete", replaces }];
  }
  if (field.writeOnly === true) {
    if (oldInput !== undefined && same(input, oldInput)) return [];
    return [{ path, kind: oldInput === undefined ? "add" : "update", replaces, inputOnly: true }];
  }
  if (field.kind === "block" && isPlainMap(input) && isPlainMap(output)) {
    const old = isPlainMap(oldInput) ? oldInput : {};
    return changesOf(input, old, output, field.fields ?? {}, path);
  }
  if (!hasUnknown(input) && equal(input, output, field)) return [];
  const kind = output === undefined || isEmpty(output, field) ? "add" : "update";
  return [{ path, kind, replaces }];
}

/** Whether an input asks for what the output holds. */
export function equal(input: Plain, output: Plain | undefined, field: Field): boolean {
  const there = output ?? absentValue(field);
  switch (field.kind) {
    case "textSet":
      return same(sorted(input), sorted(there));
    case "pairs":
    case "blockSet":
      return same(sorted(completed(input, field)), sorted(completed(there, field)));
    case "blocks":
    case "single":
      return (
        Array.isArray(input) &&
        Array.isArray(there) &&
        input.length === there.length &&
        input.every((item, index) => blockEqual(item, there[index], field))
      );
    case "json":
      return same(parsed(input), parsed(there));
    default:
      return same(input, there);
  }
}

function blockEqual(input: Plain, output: Plain | undefined, field: Field): boolean {
  return (
    isPlainMap(input) &&
    isPlainMap(output) &&
    changesOf(input, {}, output, field.fields ?? {}).length === 0
  );
}

/** A switch that is off and a block of nothing are empty too, wherever the tenant tells them from a missing one. */
function isEmpty(output: Plain, field: Field): boolean {
  if (output === null || output === false || same(output, absentValue(field))) return true;
  if (field.kind !== "block" || !isPlainMap(output)) return false;
  return Object.entries(field.fields ?? {}).every(([property, each]) =>
    isEmpty(output[property] ?? null, each),
  );
}

function completed(value: Plain, field: Field): Plain {
  if (Array.isArray(value)) return value.map((item) => completed(item, field));
  return isPlainMap(value) ? complete(value, field.fields ?? {}) : value;
}

function sorted(value: Plain): Plain {
  if (!Array.isArray(value)) return value;
  const key = (item: Plain) => JSON.stringify(ordered(item));
  return [...value].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

function ordered(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key] ?? null)]),
  );
}

function parsed(value: Plain): Plain {
  if (typeof value !== "string" || value === "") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
