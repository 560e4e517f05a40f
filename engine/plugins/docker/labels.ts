/** @module Labels of Docker objects: pairs in a program, a map in the daemon, and the mark of the stack among them. */

import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

/** The label that holds the URN of the resource, where the program sets it (components/marks.ts). */
export const urnLabel = "tvk_urn";
/** The label that holds `PROJECT/STACK`, where the program sets it. */
export const stackLabel = "tvk_stack";
/** The label that holds the same on an image and its layers: another one, since containers inherit it. */
export const buildLabel = "tvk_built_by";

/** `PROJECT/STACK` of a resource's URN, `urn:pulumi:STACK::PROJECT::…`, as components/marks.ts writes it. */
export function stackOfUrn(urn: string): string {
  const [, stack = "", project = ""] = /^urn:pulumi:(.*?)::(.*?)::/.exec(urn) ?? [];
  return `${project}/${stack}`.slice(0, 255);
}

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

/** A name that an image has; an older build's is gone, and the daemon then tells none or a stand-in. */
export function tagOf(tags: readonly string[] | null | undefined): string | undefined {
  return tags?.find((tag) => !tag.startsWith("<none>"));
}
