/** @module Checks a resource's inputs against its table: every problem at once, each with its place. */

import type { Path } from "../protocol/path.ts";
import { type Failure, kindOf } from "../protocol/plugin.ts";
import { isPlainMap, type Plain, type PlainMap, UNKNOWN } from "../protocol/value.ts";
import type { Field, Fields } from "./field.ts";

/** All that is wrong with the inputs. Unknown values are accepted: the run after the preview checks them. */
export function failuresOf(inputs: PlainMap, fields: Fields, at: Path = []): Failure[] {
  const failures: Failure[] = [];
  for (const [property, field] of Object.entries(fields)) {
    const value = inputs[property];
    const path = [...at, property];
    if (value === undefined || value === null) {
      if (field.required === true) failures.push({ path, reason: "is required" });
    } else if (field.readOnly === true) {
      failures.push({ path, reason: "is set by the tenant and cannot be an input" });
    } else failures.push(...valueFailures(value, field, path));
  }
  for (const property of Object.keys(inputs)) {
    if (Object.hasOwn(fields, property)) continue;
    failures.push({ path: [...at, property], reason: "is not a property of this resource" });
  }
  return failures;
}

function valueFailures(value: Plain, field: Field, path: Path): Failure[] {
  if (value === UNKNOWN) return [];
  const fail = (reason: string): Failure[] => [{ path, reason }];
  switch (field.kind) {
    case "unsupported":
      return fail(
        "is not supported by the kit's auth0 plugin. Set TVK_PLUGINS=official to use the official plugin",
      );
    case "flag":
      return typeof value === "boolean" ? [] : fail(`must be a boolean, not ${kindOf(value)}`);
    case "number":
      if (typeof value !== "number") return fail(`must be a number, not ${kindOf(value)}`);
      return bounded(value, field, path, "", value);
    case "text":
    case "tristate":
      return typeof value === "string"
        ? textFailures(value, field, path)
        : fail(`must be a string, not ${kindOf(value)}`);
    case "json":
      if (typeof value !== "string") return fail(`must be a string, not ${kindOf(value)}`);
      return isJson(value) ? [] : fail("must be JSON");
    case "texts":
    case "textSet":
      return listFailures(value, field, path, (item, itemPath) =>
        typeof item === "string"
          ? itemFailures(item, field, itemPath)
          : [{ path: itemPath, reason: `must be a string, not ${kindOf(item)}` }],
      );
    case "textMap":
      return mapFailures(value, field, path);
    case "pairs":
    case "blocks":
    case "blockSet":
    case "single":
      return listFailures(value, field, path, (item, itemPath) =>
        blockFailures(item, field, itemPath),
      );
    case "block":
      return blockFailures(value, field, path);
    default:
      return [];
  }
}

function blockFailures(value: Plain, field: Field, path: Path): Failure[] {
  if (value === UNKNOWN) return [];
  return isPlainMap(value)
    ? failuresOf(value, field.fields ?? {}, path)
    : [{ path, reason: `must be an object, not ${kindOf(value)}` }];
}

function textFailures(value: string, field: Field, path: Path): Failure[] {
  if (field.choices !== undefined && !field.choices.includes(value)) {
    return [{ path, reason: `must be one of ${field.choices.join(", ")}`, ...seen(value, field) }];
  }
  if (field.pattern !== undefined && !field.pattern.test.test(value)) {
    return [{ path, reason: field.pattern.says, ...seen(value, field) }];
  }
  return bounded(value.length, field, path, " characters", value.length);
}

function listFailures(
  value: Plain,
  field: Field,
  path: Path,
  each: (item: Plain, path: Path) => Failure[],
): Failure[] {
  if (!Array.isArray(value)) return [{ path, reason: `must be a list, not ${kindOf(value)}` }];
  return [
    ...bounded(value.length, field, path, " items", value.length),
    ...value.flatMap((item, index) => (item === UNKNOWN ? [] : each(item, [...path, index]))),
  ];
}

function mapFailures(value: Plain, field: Field, path: Path): Failure[] {
  if (!isPlainMap(value)) return [{ path, reason: `must be an object, not ${kindOf(value)}` }];
  const keys = Object.keys(value);
  return [
    ...bounded(keys.length, field, path, " entries", keys.length),
    ...keys.flatMap((key) => {
      const item = value[key];
      if (item === UNKNOWN || item === undefined) return [];
      if (field.choices !== undefined && !field.choices.includes(key)) {
        return [{ path: [...path, key], reason: `is not one of ${field.choices.join(", ")}` }];
      }
      return typeof item === "string"
        ? itemFailures(item, field, [...path, key])
        : [{ path: [...path, key], reason: `must be a string, not ${kindOf(item)}` }];
    }),
  ];
}

function itemFailures(item: string, field: Field, path: Path): Failure[] {
  const wrong = field.kind === "textMap" ? undefined : field.choices;
  if (wrong !== undefined && !wrong.includes(item)) {
    return [{ path, reason: `must be one of ${wrong.join(", ")}`, ...seen(item, field) }];
  }
  return field.itemMax !== undefined && item.length > field.itemMax
    ? [{ path, reason: `must have at most ${field.itemMax} characters, has ${item.length}` }]
    : [];
}

function bounded(size: number, field: Field, path: Path, unit: string, shown: number): Failure[] {
  const { min, max } = field;
  if (max !== undefined && size > max) {
    return [{ path, reason: `must be at most ${max}${unit}, is ${shown}` }];
  }
  if (min !== undefined && size < min) {
    return [{ path, reason: `must be at least ${min}${unit}, is ${shown}` }];
  }
  return [];
}

function seen(value: string, field: Field): Pick<Failure, "seen"> {
  return field.secret === true ? {} : { seen: value };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
