/** @module Where a list goes on after a page: what a cursor holds, and where that is when rows have gone since. */
import { z } from "zod";

/** The row before the place and the one after it. */
const listPlace = z.strictObject({
  last: z.string().min(1),
  next: z.string().min(1),
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
  return { last: idOf(last), next: idOf(next) };
}

/**
 * The index at which the list goes on. Rows are listed to be deleted, so that the row that was given last is often
 * gone: then the first one that was not given is it. With both gone nothing tells where the place was, for others may
 * have come as well: the list begins again. That may give rows twice, but skips none that stays.
 */
export function startOf<T>(
  rows: readonly T[],
  { last, next }: ListPlace,
  idOf: (row: T) => string,
): number {
  const given = rows.findIndex((row) => idOf(row) === last);
  if (given >= 0) return given + 1;
  const following = rows.findIndex((row) => idOf(row) === next);
  return Math.max(0, following);
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
