/** @module One property of a Docker resource: what it holds, and what a change of it means. */

import type { Path } from "../protocol/path.ts";
import { type Failure, kindOf } from "../protocol/plugin.ts";
import {
  hasUnknown,
  isPlainMap,
  type Plain,
  type PlainMap,
  same,
  UNKNOWN,
} from "../protocol/value.ts";
import { nanosecondsOf } from "./duration.ts";

/** `textSet` and `blocks` are lists whose order does not count; of a `duration` only its length counts. */
export type Kind =
  | "text"
  | "duration"
  | "number"
  | "flag"
  | "texts"
  | "textSet"
  | "textMap"
  | "block"
  | "blocks";

export interface Property {
  readonly kind: Kind;
  readonly required?: boolean;
  /** What Docker does where the program says nothing; kept in the outputs, as the official provider does. */
  readonly default?: Plain;
  /** A change does not need a new object. */
  readonly inPlace?: boolean;
  /** Docker fills it where the program says nothing: no difference then. */
  readonly computed?: boolean;
  /** An output only. */
  readonly readOnly?: boolean;
  readonly choices?: readonly string[];
  readonly fields?: Properties;
}

export type Properties = { readonly [property: string]: Property };

type Rest = Omit<Property, "kind">;

export const text = (rest: Rest = {}): Property => ({ kind: "text", ...rest });
export const duration = (): Property => ({ kind: "duration", default: "0s" });
export const number = (rest: Rest = {}): Property => ({ kind: "number", ...rest });
export const flag = (rest: Rest = {}): Property => ({ kind: "flag", ...rest });
export const texts = (rest: Rest = {}): Property => ({ kind: "texts", ...rest });
export const textSet = (rest: Rest = {}): Property => ({ kind: "textSet", ...rest });
export const textMap = (rest: Rest = {}): Property => ({ kind: "textMap", ...rest });
export const block = (fields: Properties, rest: Rest = {}): Property => ({
  kind: "block",
  fields,
  ...rest,
});
export const blocks = (fields: Properties, rest: Rest = {}): Property => ({
  kind: "blocks",
  fields,
  ...rest,
});

/** `{label, value}` pairs, as every Docker resource has them. */
export const labels = (): Property =>
  blocks({ label: text({ required: true }), value: text({ required: true }) });

const elsewhere =
  "is not supported by the kit's docker plugin. Set TVK_PLUGINS=official to use the official plugin";

/**
 * Every input that is wrong, with its place. Unknown values are accepted.
 *
 * @param others Properties that only the official plugin has.
 */
export function failuresOf(
  inputs: PlainMap,
  properties: Properties,
  others: readonly string[] = [],
  at: Path = [],
): Failure[] {
  const failures: Failure[] = [];
  for (const [name, property] of Object.entries(properties)) {
    if (property.required === true && (inputs[name] ?? null) === null) {
      failures.push({ path: [...at, name], reason: "is required" });
    }
  }
  for (const [name, value] of Object.entries(inputs)) {
    const property = properties[name];
    const path = [...at, name];
    if (others.includes(name)) failures.push({ path, reason: elsewhere });
    else if (property === undefined)
      failures.push({ path, reason: "is not a property of this resource" });
    else if (property.readOnly === true)
      failures.push({ path, reason: "is set by Docker and cannot be an input" });
    else failures.push(...valueFailures(value, property, path));
  }
  return failures;
}

function valueFailures(value: Plain, property: Property, path: Path): Failure[] {
  if (value === UNKNOWN || value === null) return [];
  const wrong = (wanted: string) => [{ path, reason: `must be ${wanted}, not ${kindOf(value)}` }];
  switch (property.kind) {
    case "text": {
      if (typeof value !== "string") return wrong("a string");
      const { choices } = property;
      return choices === undefined || choices.includes(value)
        ? []
        : [{ path, reason: `must be one of ${choices.join(", ")}`, seen: value }];
    }
    case "duration":
      if (typeof value !== "string") return wrong("a string");
      return nanosecondsOf(value) === undefined
        ? [{ path, reason: "must be a duration, like 30s or 1m30s", seen: value }]
        : [];
    case "number":
      return typeof value === "number" ? [] : wrong("a number");
    case "flag":
      return typeof value === "boolean" ? [] : wrong("a boolean");
    case "texts":
    case "textSet":
      return Array.isArray(value) &&
        value.every((item) => typeof item === "string" || item === UNKNOWN)
        ? []
        : wrong("a list of strings");
    case "textMap":
      return isPlainMap(value) &&
        Object.values(value).every((item) => typeof item === "string" || item === UNKNOWN)
        ? []
        : wrong("an object of strings");
    case "block":
      return isPlainMap(value)
        ? failuresOf(value, property.fields ?? {}, [], path)
        : wrong("an object");
    default:
      return Array.isArray(value)
        ? value.flatMap((item, index) =>
            valueFailures(item, { ...property, kind: "block" }, [...path, index]),
          )
        : wrong("a list of objects");
  }
}

/** What an output holds where there is nothing. */
export function absentValue({ kind, default: given }: Property): Plain {
  if (given !== undefined) return given;
  switch (kind) {
    case "number":
      return 0;
    case "flag":
      return false;
    case "text":
      return "";
    case "textMap":
      return {};
    case "block":
      return null;
    default:
      return [];
  }
}

/** Whether two values of a property mean the same. */
export function equal(
  left: Plain | undefined,
  right: Plain | undefined,
  property: Property,
): boolean {
  const [one, other] = [left, right].map((value) => canonical(value ?? null, property));
  return same(one, other);
}

/** The value with its gaps filled, a duration as a number and, where order does not count, in one order. */
function canonical(value: Plain, property: Property): Plain {
  if (property.kind === "duration") {
    const text = value ?? absentValue(property);
    return typeof text === "string" ? (nanosecondsOf(text) ?? text) : text;
  }
  if (value === null)
    return property.kind === "block" ? null : sorted(absentValue(property), property);
  if (property.kind === "block" && isPlainMap(value))
    return completed(value, property.fields ?? {});
  return sorted(value, property);
}

function sorted(value: Plain, { kind, fields = {} }: Property): Plain {
  if (!Array.isArray(value) || kind === "texts" || hasUnknown(value)) return value;
  const items = value.map((item) => (isPlainMap(item) ? completed(item, fields) : item));
  const key = (item: Plain) => JSON.stringify(item);
  return items.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function completed(map: PlainMap, fields: Properties): PlainMap {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, canonical(map[name] ?? null, field)]),
  );
}
