/** @module The small part of the Lucene query syntax that searches of users and logs take here. */
import { ManagementError } from "./management-error.ts";

/**
 * Reads `field:value` and `field:"value"` terms joined by AND or OR (not mixed), each optionally
 * with NOT or `-` before it; `*` stands for anything, `_exists_:field` for a field that is there.
 *
 * @returns Whether a row matches.
 * @throws {ManagementError} 400 for the rest of the syntax, rather than a wrong answer.
 */
export function searchQuery(query: string): (row: object) => boolean {
  const text = query.trim();
  if (text === "" || text === "*") return () => true;
  const parts = text.split(/\s+(AND|OR)\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/);
  const joins = new Set(parts.filter((_, index) => index % 2 === 1));
  if (joins.size > 1) throw unsupported(query);
  const terms = parts.filter((_, index) => index % 2 === 0).map((part) => term(part, query));
  return joins.has("OR")
    ? (row) => terms.some((matches) => matches(row))
    : (row) => terms.every((matches) => matches(row));
}

function term(part: string, query: string): (row: object) => boolean {
  const found = /^(NOT\s+|-)?([\w.]+):(?:"([^"]*)"|([^\s"()[\]{}]+))$/.exec(part.trim());
  if (!found) throw unsupported(query);
  const [, not, field = "", quoted, bare] = found;
  const path = field.split(".");
  const wanted = (quoted ?? bare ?? "").toLowerCase();
  const matches = (row: object) =>
    field === "_exists_"
      ? values(row, wanted.split(".")).length > 0
      : values(row, path).some((value) => accepts(wanted, String(value).toLowerCase()));
  return not ? (row) => !matches(row) : matches;
}

/** Whether a text is `wanted`, where `*` stands for anything; in linear time, whatever is asked. */
function accepts(wanted: string, text: string): boolean {
  const [first = "", ...pieces] = wanted.split("*");
  const last = pieces.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What is at a path; through arrays, as `identities.connection` goes. */
function values(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => values(item, path));
  const [key, ...rest] = path;
  if (key === undefined) return value === undefined || value === null ? [] : [value];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return [];
  return values((value as Record<string, unknown>)[key], rest);
}

function unsupported(query: string): ManagementError {
  return new ManagementError(
    400,
    `Query validation error: 'this local tenant reads field:"value" terms joined by AND or OR only: ${query}' on property q.`,
    "invalid_query_string",
  );
}
