/** @module Both pagination styles of the Management API. */
import { z } from "zod";
import { placeAfter, readPlace, startOf, writePlace } from "../list-place.ts";
import type { ManagementAnswer } from "./endpoint.ts";
import { ManagementError } from "./management-error.ts";
import { queryBoolean, queryInteger } from "./validate.ts";

/** The parameters of both styles; lists of the first style ignore `take` and `from`. */
export interface PageQuery {
  page?: number | undefined;
  per_page?: number | undefined;
  include_totals?: boolean | undefined;
  from?: string | undefined;
  take?: number | undefined;
}

/**
 * Rows of a page when none were asked for: half of the public cloud's maximum of 50, so that a
 * program that forgets to page fails here too.
 */
const defaultRows = 25;

/** How long a cursor is good, in seconds. */
const cursorSeconds = 86_400;

/** Page parameters as zod fields; `maxTake` is 100 but for few lists. */
export function pageFields(maxTake = 100) {
  return {
    page: queryInteger(0, 1_000_000),
    per_page: queryInteger(0, 100),
    include_totals: queryBoolean(),
    from: z.string().max(1_000).optional(),
    take: queryInteger(1, maxTake),
  };
}

/** How rows become an answer. */
export interface PageOptions<T> {
  /** What a cursor names; its own for each row. */
  id: (row: T) => string;
  /** Epoch seconds. */
  now: number;
  /** What is answered of a row. Default: the row. */
  show?: (row: T) => unknown;
}

/**
 * `page`/`per_page`: an array, or with `include_totals` an envelope. Past the end: empty.
 *
 * @param options `length`: the envelope also counts the rows of the page, as users and logs do.
 */
export function offsetPage<T>(
  rows: readonly T[],
  query: PageQuery,
  collection: string,
  options: { show?: (row: T) => unknown; length?: boolean } = {},
): ManagementAnswer {
  // `per_page=0` is allowed on some lists and means the default (inferred).
  const limit = query.per_page || defaultRows;
  const start = (query.page ?? 0) * limit;
  const { show = (row: T) => row } = options;
  const page = rows.slice(start, start + limit).map(show);
  if (query.include_totals !== true) return { status: 200, body: page };
  const length = options.length ? { length: page.length } : {};
  const body = { total: rows.length, start, limit, ...length, [collection]: page };
  return { status: 200, body };
}

/**
 * `take`/`from`: an envelope without totals; `next` is absent on the last page.
 *
 * A cursor names the rows on both sides of its place, so rows that come or go don't shift what follows.
 */
export function checkpointPage<T>(
  rows: readonly T[],
  query: PageQuery,
  collection: string,
  options: PageOptions<T>,
): ManagementAnswer {
  const { show = (row: T) => row } = options;
  const start = query.from ? cursorStart(rows, query.from, options) : 0;
  const end = start + (query.take ?? defaultRows);
  const page = rows.slice(start, end);
  const place = placeAfter(rows, end, options.id);
  const next =
    place === undefined
      ? {}
      : { next: writePlace({ ...place, until: options.now + cursorSeconds }) };
  return { status: 200, body: { [collection]: page.map(show), ...next } };
}

/** The style that the parameters ask for: `take` or `from` win over page parameters. */
export function anyPage<T>(
  rows: readonly T[],
  query: PageQuery,
  collection: string,
  options: PageOptions<T>,
): ManagementAnswer {
  const checkpoint = query.take !== undefined || query.from !== undefined;
  return checkpoint
    ? checkpointPage(rows, query, collection, options)
    : offsetPage(rows, query, collection, options);
}

function cursorStart<T>(
  rows: readonly T[],
  cursor: string,
  { id, now }: { id: (row: T) => string; now: number },
): number {
  const place = readPlace(cursor);
  if (place?.until === undefined || place.until < now) {
    const reason = "Query validation error: 'Invalid or expired cursor' on property from.";
    throw new ManagementError(400, reason, "invalid_query_string");
  }
  return startOf(rows, place, id);
}
