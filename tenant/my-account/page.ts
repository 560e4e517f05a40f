/** @module Pages of a list: `from` and `take` in, `next` out. */
import type { Context } from "hono";
import { placeAfter, readPlace, startOf, writePlace } from "../list-place.ts";
import { validationProblem } from "./problem.ts";

export interface Page<T> {
  readonly items: T[];
  /** Absent on the last page. */
  readonly next?: string;
}

const defaultTake = 10;
const maxTake = 20;

/**
 * Cuts a page out of a list whose order doesn't change. The cursor names the items on both sides of its place, so that
 * none is skipped when others go meanwhile.
 *
 * `next` is taken like `from`: Auth0's own Next.js SDK sends the cursor back under that name.
 *
 * @throws {Problem} 400 for a `take` outside 1 to 20 or a cursor that is not ours.
 */
export function pageOf<T>(
  context: Context,
  list: readonly T[],
  idOf: (item: T) => string,
): Page<T> {
  const take = readTake(context.req.query("take"));
  const cursor = context.req.query("from") ?? context.req.query("next");
  const start = cursor === undefined ? 0 : cursorStart(list, idOf, cursor);
  const items = list.slice(start, start + take);
  const place = placeAfter(list, start + take, idOf);
  return { items, ...(place === undefined ? {} : { next: writePlace(place) }) };
}

function readTake(text: string | undefined): number {
  if (text === undefined) return defaultTake;
  const take = Number(text);
  if (/^\d{1,4}$/.test(text) && take >= 1 && take <= maxTake) return take;
  throw validationProblem([
    { detail: `take must be an integer from 1 to ${maxTake}`, field: "take", source: "query" },
  ]);
}

function cursorStart<T>(list: readonly T[], idOf: (item: T) => string, cursor: string): number {
  const place = readPlace(cursor);
  if (place === undefined) {
    throw validationProblem([
      { detail: "from is not a cursor of this list", field: "from", source: "query" },
    ]);
  }
  return startOf(list, place, idOf);
}
