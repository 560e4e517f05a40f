/** @module Keeps what was secret in the inputs secret in the outputs. */

import type { Path } from "./path.ts";
import { isMap, type PlainMap, type PropertyMap, type PropertyValue, Secret } from "./value.ts";

/** The places of all outermost secrets in a property bag. */
export function secretPaths(map: PropertyMap): Path[] {
  const found: Path[] = [];
  collect(map, [], found);
  return found;
}

/**
 * Marks the places in `plain` as secret; a place that `plain` does not have is passed over.
 *
 * A secret inside a list makes the whole list secret, because the tenant may answer it in another order.
 */
export function seal(plain: PlainMap, paths: readonly Path[]): PropertyMap {
  let sealed: PropertyMap = { ...plain };
  for (const path of paths) {
    const index = path.findIndex((part) => typeof part === "number");
    const next = sealAt(sealed, index < 0 ? path : path.slice(0, index));
    if (isMap(next)) sealed = next;
  }
  return sealed;
}

function collect(value: PropertyValue, path: Path, found: Path[]): void {
  if (value instanceof Secret) found.push(path);
  else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(item, [...path, index], found);
    });
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) collect(item, [...path, key], found);
  }
}

function sealAt(value: PropertyValue, path: Path): PropertyValue {
  if (value instanceof Secret) return value;
  const [key, ...rest] = path;
  if (key === undefined) return new Secret(value);
  if (!isMap(value) || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: sealAt(value[key] ?? null, rest) };
}

/** Every text that is secret in a property bag, longest first. Short ones are too common to be told apart. */
export function secretTexts(map: PropertyMap): string[] {
  const found: string[] = [];
  gather(map, false, found);
  return found.sort((left, right) => right.length - left.length);
}

/** Shortest text that is masked wherever it appears. */
const shortest = 4;

function gather(value: PropertyValue, secret: boolean, found: string[]): void {
  if (value instanceof Secret) gather(value.value, true, found);
  else if (typeof value === "string") {
    if (!secret) return;
    // A secret variable is hidden by its value too, which is how a log repeats it.
    const [, inner = ""] = /^\w+=(.*)$/s.exec(value) ?? [];
    found.push(...[value, inner].filter((each) => each.length >= shortest));
  } else if (Array.isArray(value)) {
    for (const item of value) gather(item, secret, found);
  } else if (isMap(value)) {
    for (const item of Object.values(value)) gather(item, secret, found);
  }
}
