/** @module Pages of a list: `from` and `take` in, `next` out. */
import type { Context } from "hono";
import { validationProblem } from "./problem.ts";

export interface Page<T> {
  readonly items: T[];
  /** Absent on the last page. */
  readonly next?: string;
}

const defaultTake = 10;
const maxTake = 20;

/**
 * Cuts a page out of a list whose order doesn't change. The cursor names the last item given, so that items that
 * come or go meanwhile repeat or skip nothing.
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
  const start = cursor === undefined ? 0 : afterCursor(list, idOf, cursor);
  const items = list.slice(start, start + take);
  const last = items.at(-1);
  const more = start + take < list.length;
  return { items, ...(more && last !== undefined ? { next: encode(idOf(last)) } : {}) };
}

function readTake(text: string | undefined): number {
  if (text === undefined) return defaultTake;
  const take = Number(text);
  if (/^\d{1,4}$/.test(text) && take >= 1 && take <= maxTake) return take;
  throw validationProblem([
    { detail: `take must be an integer from 1 to ${maxTake}`, field: "take", source: "query" },
  ]);
}

function afterCursor<T>(list: readonly T[], idOf: (item: T) => string, cursor: string): number {
  const [order = "", id = ""] = Buffer.from(cursor, "base64url").toString("utf8").split("\n");
  if (order !== "after" || id === "") {
    throw validationProblem([
      { detail: "from is not a cursor of this list", field: "from", source: "query" },
    ]);
  }
  const at = list.findIndex((item) => idOf(item) === id);
  return at < 0 ? list.length : at + 1;
}

function encode(id: string): string {
  return Buffer.from(`after\n${id}`).toString("base64url");
}
