/**
 * @module The marks by which a create finds an object that an interrupted run has already made.
 *
 * A program sets them as metadata of a client or connection: `tvk_urn` and, beside it, `tvk_stack` and others.
 * An object is ours only if every mark but the changing ones is the same: two people's stacks can have one URN.
 */

import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

const urnMark = "tvk_urn";
/** Marks that differ from run to run. */
const changing = new Set(["tvk_expires", "tvk_expiry"]);

/** The marks in some metadata; undefined where the URN's is missing. */
export function marksOf(metadata: Plain | undefined): PlainMap | undefined {
  if (!isPlainMap(metadata) || typeof metadata[urnMark] !== "string") return undefined;
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith("tvk_")));
}

/** Whether an object's metadata bears the same marks: these and no others. */
export function bears(metadata: Plain | undefined, marks: PlainMap): boolean {
  const theirs = marksOf(metadata);
  return (
    theirs !== undefined &&
    [...Object.keys(marks), ...Object.keys(theirs)].every(
      (key) => changing.has(key) || theirs[key] === marks[key],
    )
  );
}
