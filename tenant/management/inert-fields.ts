/** @module Finds request fields that are set to something but have no effect on this tenant. */

/**
 * Paths among `inert` that the body sets. A path that ends in `=value` counts any value but that
 * one; others count any value but false, null and empty ones, which ask for nothing.
 */
export function setInertFields(body: unknown, inert: readonly string[]): string[] {
  return inert.flatMap((entry) => {
    const [path = "", harmless] = entry.split("=");
    const value = read(body, path.split("."));
    if (isOff(value)) return [];
    return harmless?.split("|").includes(String(value)) ? [] : [path];
  });
}

function read(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
