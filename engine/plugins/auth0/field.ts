/** @module How one property of a resource maps to the Management API: the rows of the resource tables. */

import type { Plain } from "../protocol/value.ts";

/**
 * What a property holds, and how it looks on the wire.
 *
 * `json` is text that holds JSON and is that JSON on the wire; `tristate` is "true", "false" or "null" and a
 * boolean or null on the wire; `pairs` is a list of `{header, value}` and a map on the wire; a `single` is a
 * list of at most one block and a bare object on the wire; `unsupported` is accepted by the official plugin only.
 */
export type Kind =
  | "text"
  | "flag"
  | "number"
  | "json"
  | "tristate"
  | "texts"
  | "textSet"
  | "textMap"
  | "pairs"
  | "block"
  | "blocks"
  | "blockSet"
  | "single"
  | "raw"
  | "unsupported";

export interface Field {
  readonly kind: Kind;
  /** Name on the wire; by default the property's name in snake case. */
  readonly wire?: string;
  readonly required?: boolean;
  /** The tenant fills it when the program does not: never a difference when the program says nothing. */
  readonly computed?: boolean;
  /** Auth0 has no value that takes it away: what the program no longer says stays, and is no difference. */
  readonly lasting?: boolean;
  /** Only the tenant sets it. */
  readonly readOnly?: boolean;
  /** Secret in inputs and outputs, whatever the program said. */
  readonly secret?: boolean;
  /** A change needs a new object. */
  readonly replaces?: boolean;
  /** The tenant never answers it: what was sent is kept in the outputs. */
  readonly writeOnly?: boolean;
  /** Never kept in the outputs; whoever sets it says by another property when it changed. */
  readonly forgotten?: boolean;
  /** Output where the tenant's answer has nothing; by default the empty value of the kind. */
  readonly absent?: Plain;
  /** Sent to remove the value in an update; by default the empty value of the kind. */
  readonly clear?: Plain;
  readonly choices?: readonly string[];
  readonly pattern?: { readonly test: RegExp; readonly says: string };
  /** Bounds: characters of a text, value of a number, items of a list, entries of a map. */
  readonly min?: number;
  readonly max?: number;
  /** Most characters of an item of a list or of a value of a map. */
  readonly itemMax?: number;
  readonly fields?: Fields;
}

export type Fields = { readonly [property: string]: Field };

type Rest = Omit<Field, "kind">;

export const text = (rest: Rest = {}): Field => ({ kind: "text", ...rest });
export const flag = (rest: Rest = {}): Field => ({ kind: "flag", ...rest });
export const number = (rest: Rest = {}): Field => ({ kind: "number", ...rest });
export const texts = (rest: Rest = {}): Field => ({ kind: "texts", ...rest });
export const textSet = (rest: Rest = {}): Field => ({ kind: "textSet", ...rest });
export const textMap = (rest: Rest = {}): Field => ({ kind: "textMap", ...rest });
export const block = (fields: Fields, rest: Rest = {}): Field => ({
  kind: "block",
  fields,
  ...rest,
});
export const unsupported = (absent: Plain): Field => ({ kind: "unsupported", absent });

/** The property's name on the wire. */
export function wireName(property: string, field: Field): string {
  return field.wire ?? property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What an output holds when the tenant's answer has nothing there. */
export function absentValue(field: Field): Plain {
  if (field.absent !== undefined) return field.absent;
  switch (field.kind) {
    case "flag":
      return false;
    case "number":
      return 0;
    case "texts":
    case "textSet":
    case "pairs":
    case "blocks":
    case "blockSet":
    case "single":
      return [];
    case "textMap":
      return {};
    case "block":
    case "raw":
      return null;
    default:
      return "";
  }
}
