/** @module Labels of Docker objects: pairs in a program, a map in the daemon, and the mark of the stack among them. */

import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

/** The label that holds the URN of the resource, where the program sets it (components/docker-marks.ts). */
const urnLabel = "tvk_urn";

/** The daemon's map of a resource's labels. */
export function labelsOf(inputs: PlainMap): Record<string, string> {
  const { labels } = inputs;
  if (!Array.isArray(labels)) return {};
  return Object.fromEntries(
    labels.filter(isPlainMap).map(({ label, value }) => [String(label), String(value)]),
  );
}

/** A daemon's map as pairs, without those that an image brought along. */
export function labelPairs(
  map: Readonly<Record<string, string>> | null | undefined,
  inherited: Readonly<Record<string, string>> | null | undefined = {},
): Plain[] {
  return Object.entries(map ?? {})
    .filter(([label, value]) => inherited?.[label] !== value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}

/**
 * Whether an object that is in the way was made for the same resource: a killed run made it and
 * could not record it.
 */
export function isOurs(
  found: Readonly<Record<string, string>> | null | undefined,
  inputs: PlainMap,
): boolean {
  const mark = labelsOf(inputs)[urnLabel];
  return mark !== undefined && found?.[urnLabel] === mark;
}
