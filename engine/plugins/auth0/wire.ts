/** @module Properties of a resource to the Management API's JSON and back, by the resource's table. */

import { isPlainMap, type Plain, type PlainMap, UNKNOWN } from "../protocol/value.ts";
import { absentValue, type Field, type Fields, wireName } from "./field.ts";

/** A request body: only what the inputs hold; nothing is made up. */
export function toWire(inputs: PlainMap, fields: Fields): PlainMap {
  const body: PlainMap = {};
  for (const [property, field] of Object.entries(fields)) {
    const value = inputs[property];
    if (value === undefined || value === null || field.readOnly === true) continue;
    body[wireName(property, field)] = valueToWire(value, field);
  }
  return body;
}

/** The outputs that an answer stands for: every property of the table, absent ones with their empty value. */
export function fromWire(answer: PlainMap, fields: Fields): PlainMap {
  const outputs: PlainMap = {};
  for (const [property, field] of Object.entries(fields)) {
    outputs[property] = valueFromWire(answer[wireName(property, field)], field);
  }
  return outputs;
}

/**
 * Inputs in the shape of outputs: absent properties get their empty value, so that both can be compared.
 *
 * @param computed What a computed property without an input becomes: unknown in a preview.
 */
export function complete(inputs: PlainMap, fields: Fields, computed?: Plain): PlainMap {
  const outputs: PlainMap = {};
  for (const [property, field] of Object.entries(fields)) {
    const value = inputs[property];
    const servers = field.computed === true || field.readOnly === true;
    if (value !== undefined && value !== null) {
      outputs[property] = completeValue(value, field, computed);
    } else {
      outputs[property] = servers && computed !== undefined ? computed : absentValue(field);
    }
  }
  return outputs;
}

function completeValue(value: Plain, field: Field, computed?: Plain): Plain {
  if (field.fields === undefined || value === UNKNOWN) return value;
  if (Array.isArray(value)) return value.map((item) => completeValue(item, field, computed));
  return isPlainMap(value) ? complete(value, field.fields, computed) : value;
}

function valueToWire(value: Plain, field: Field): Plain {
  switch (field.kind) {
    case "json":
      return typeof value === "string" && value !== "" ? JSON.parse(value) : null;
    case "tristate":
      return value === "null" ? null : value === "true" ? true : value === "false" ? false : value;
    case "pairs":
      return Object.fromEntries(
        (Array.isArray(value) ? value : [])
          .filter(isPlainMap)
          .map((pair) => [String(pair["header"]), pair["value"] ?? ""]),
      );
    case "block":
      return blockToWire(value, field);
    case "blocks":
    case "blockSet": {
      const items = (Array.isArray(value) ? value : []).map((item) => blockToWire(item, field));
      return items.includes(null) ? null : items;
    }
    case "single":
      return blockToWire(Array.isArray(value) ? (value[0] ?? null) : value, field);
    default:
      return value;
  }
}

/** A block with `disable: true` is null on the wire; `disable` itself is never sent. */
function blockToWire(value: Plain, field: Field): Plain {
  if (!isPlainMap(value) || value["disable"] === true) return null;
  const { disable: _, ...rest } = value;
  return toWire(rest, field.fields ?? {});
}

function valueFromWire(value: Plain | undefined, field: Field): Plain {
  if (value === undefined || value === null) return absentValue(field);
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? value : String(value);
    case "json":
      return JSON.stringify(value);
    case "tristate":
      return String(value);
    case "texts":
    case "textSet":
      // Auth0 answers a connection's scope as a text where it was set as one.
      return typeof value === "string" ? value.split(/[ ,]+/).filter((item) => item !== "") : value;
    case "textMap":
      return isPlainMap(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item ?? "")]))
        : absentValue(field);
    case "pairs":
      return isPlainMap(value)
        ? Object.entries(value).map(([header, item]) => ({ header, value: item }))
        : absentValue(field);
    case "block":
      return isPlainMap(value) ? fromWire(value, field.fields ?? {}) : absentValue(field);
    case "blocks":
    case "blockSet":
      return Array.isArray(value)
        ? value.map((item) => (isPlainMap(item) ? fromWire(item, field.fields ?? {}) : item))
        : absentValue(field);
    case "single":
      return isPlainMap(value) ? [fromWire(value, field.fields ?? {})] : absentValue(field);
    case "unsupported":
      return absentValue(field);
    default:
      return value;
  }
}
