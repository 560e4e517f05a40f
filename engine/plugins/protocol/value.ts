/** @module A Pulumi property value inside a plugin: JSON, plus unknown, secret and resource reference. */

export class Unknown {
  readonly unknown = true;
}

/** Stands for a value that the engine does not know yet (during a preview). */
export const UNKNOWN = new Unknown();

/** JSON with holes: what remains of a property value when its secrets are opened. */
export type Plain = null | boolean | number | string | Unknown | Plain[] | PlainMap;

export interface PlainMap {
  [key: string]: Plain;
}

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | Unknown
  | Secret
  | ResourceReference
  | PropertyValue[]
  | PropertyMap;

export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value that the engine encrypts in the state and masks on the screen. */
export class Secret {
  readonly value: PropertyValue;
  constructor(value: PropertyValue) {
    this.value = value;
  }
}

/** Another resource, passed as a value. */
export class ResourceReference {
  readonly urn: string;
  /** Undefined for a component; {@link UNKNOWN} for a resource that is still to be created. */
  readonly id: string | Unknown | undefined;
  constructor(urn: string, id?: string | Unknown) {
    this.urn = urn;
    this.id = id;
  }
}

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Secret) &&
    !(value instanceof ResourceReference)
  );
}

export function isPlainMap(value: Plain | undefined): value is PlainMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown)
  );
}

/** Opens every secret in the value. The result is for requests and comparisons, never for a log. */
function reveal(value: PropertyValue): Plain {
  if (value instanceof Secret) return reveal(value.value);
  if (value instanceof ResourceReference) return value.id ?? value.urn;
  if (Array.isArray(value)) return value.map(reveal);
  if (isMap(value)) return revealMap(value);
  return value;
}

/** Opens every secret in the map. */
export function revealMap(map: PropertyMap): PlainMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, reveal(value)]));
}

/** Whether anything in the value is unknown. */
export function hasUnknown(value: Plain): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isPlainMap(value) && Object.values(value).some(hasUnknown);
}

/** Whether two values are the same; the order of a map's keys does not count. Unknown equals nothing. */
export function same(left: Plain | undefined, right: Plain | undefined): boolean {
  if (left === UNKNOWN || right === UNKNOWN) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (isPlainMap(left) && isPlainMap(right)) {
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
    );
  }
  return left === right;
}
