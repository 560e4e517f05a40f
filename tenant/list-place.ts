/** @module Where a list goes on after a page: what a cursor holds, and where that is when rows have gone since. */
import { z } from "zod";

/** The row before the place and the one after it, and how many rows there were before it and in all. */
const listPlace = z.strictObject({
  last: z.string().min(1),
  next: z.string().min(1),
  before: z.int().min(1),
  total: z.int().min(1),
  /** Epoch seconds; for cursors that end. */
  until: z.number().optional(),
});

export type ListPlace = z.output<typeof listPlace>;

/** The place after the first `end` rows; undefined where no row is left. */
export function placeAfter<T>(
  rows: readonly T[],
  end: number,
  idOf: (row: T) => string,
): ListPlace | undefined {
  const last = rows[end - 1];
  const next = rows[end];
  if (last === undefined || next === undefined) return undefined;
  return { last: idOf(last), next: idOf(next), before: end, total: rows.length };
}

/**
 * The index at which the list goes on. Rows are listed to be deleted, so that the row that was given last is often
 * gone: then the first one that was not given is it. With both gone the place moves up by as many rows as have gone
 * from the whole list. That may give rows again, but skips none: no more than these were before the place.
 */
export function startOf<T>(
  rows: readonly T[],
  { last, next, before, total }: ListPlace,
  idOf: (row: T) => string,
): number {
  const given = rows.findIndex((row) => idOf(row) === last);
  if (given >= 0) return given + 1;
  const following = rows.findIndex((row) => idOf(row) === next);
  if (following >= 0) return following;
  const gone = Math.max(0, total - rows.length);
  return Math.max(0, before - gone);
}

export function writePlace(place: ListPlace): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** Undefined: the text is no cursor of ours. */
export function readPlace(cursor: string): ListPlace | undefined {
  try {
    return listPlace.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString())).data;
  } catch {
    return undefined;
  }
}
