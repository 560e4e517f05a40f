/** @module Inputs of a resource: defaults filled in, secrets wrapped; and inputs back from outputs. */

import type { Path } from "../protocol/path.ts";
import {
  isMap,
  isPlainMap,
  type Plain,
  type PlainMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  same,
} from "../protocol/value.ts";
import { equal } from "./difference.ts";
import { absentValue, type Field, type Fields } from "./field.ts";

/**
 * The inputs without what is null, where the program said nothing, and without what is Pulumi's own: names with
 * two underscores beside the properties, and at any depth the list `__defaults` that its bridge to Terraform
 * providers writes. Other names below a property are the program's.
 */
export function withoutNulls(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(dropNullsIn(map)).filter(([key]) => !key.startsWith("__")),
  );
}

/** The places that are secret whatever the program said. */
export function secretFieldPaths(fields: Fields, at: Path = []): Path[] {
  return Object.entries(fields).flatMap(([property, field]) => {
    const path = [...at, property];
    if (field.secret === true) return [path];
    return field.kind === "block" ? secretFieldPaths(field.fields ?? {}, path) : [];
  });
}

/** Inputs that would make the outputs, for an import: all that is not empty and can be an input. */
export function inputsFrom(outputs: PlainMap, fields: Fields): PlainMap {
  const inputs: PlainMap = {};
  for (const [property, field] of Object.entries(fields)) {
    const value = outputs[property] ?? null;
    if (field.readOnly === true || field.kind === "unsupported" || value === null) continue;
    if (same(value, absentValue(field)) && field.required !== true) continue;
    inputs[property] = blocksOf(value, field, inputsFrom);
  }
  return inputs;
}

/** The old inputs with what drifted in the tenant, for a refresh. */
export function refreshedInputs(inputs: PlainMap, outputs: PlainMap, fields: Fields): PlainMap {
  const refreshed: PlainMap = {};
  for (const [property, input] of Object.entries(inputs)) {
    const field = fields[property];
    const output = outputs[property] ?? null;
    if (field === undefined || field.writeOnly === true) refreshed[property] = input;
    else if (field.kind === "block" && isPlainMap(input) && isPlainMap(output)) {
      refreshed[property] = refreshedInputs(input, output, field.fields ?? {});
    } else if (equal(input, output, field)) refreshed[property] = input;
    else if (!isEmptyOutput(output, field))
      refreshed[property] = blocksOf(output, field, inputsFrom);
  }
  return refreshed;
}

function isEmptyOutput(output: Plain, field: Field): boolean {
  return (
    output === null || output === "" || (field.kind === "block" && same(output, absentValue(field)))
  );
}

function blocksOf(
  value: Plain,
  field: Field,
  map: (outputs: PlainMap, fields: Fields) => PlainMap,
): Plain {
  const { fields } = field;
  if (fields === undefined) return value;
  if (Array.isArray(value))
    return value.map((item) => (isPlainMap(item) ? map(item, fields) : item));
  return isPlainMap(value) ? map(value, fields) : value;
}

function dropNulls(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) {
    const inner = dropNulls(value.value);
    return inner === null ? null : new Secret(inner);
  }
  if (Array.isArray(value)) return value.map(dropNulls);
  return isMap(value) ? dropNullsIn(value) : value;
}

function dropNullsIn(map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => {
      const kept = dropNulls(value);
      const bridges = key === "__defaults" && Array.isArray(value);
      return kept === null || bridges ? [] : [[key, kept]];
    }),
  );
}
