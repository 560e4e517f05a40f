/** @module One collection of the tenant's store: a table of JSON texts, with an index for each field to find by. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { RememberedRows } from "./remembered-rows.ts";

/** Things of one kind by id, in the order in which they were first put. */
export interface Collection<T extends object> {
  get(id: string): T | undefined;
  /** Writes a thing, new or not. After `expiresAt` (epoch seconds) it is invisible, and swept later. */
  put(id: string, value: T, expiresAt?: number): void;
  /** Reads and deletes in one statement: of two takers of a single-use thing only one gets it. */
  take(id: string): T | undefined;
  /** Whether there was something to delete. */
  delete(id: string): boolean;
  /** Things whose indexed field (`indexes` in store.ts) has this value. */
  find(field: string, value: string): T[];
  all(): T[];
  /** The same with their ids. */
  entries(): [id: string, value: T][];
  /** The last ones that were put first, newest of them first. */
  latest(count: number): T[];
}

/** Seconds between two sweeps of expired rows. */
const sweepSeconds = 60;

/**
 * Opens a collection; its table and indexes are made when missing.
 *
 * @param fields What things can be found by.
 * @param now Epoch seconds.
 */
export function openCollection<T extends object>(
  database: DatabaseSync,
  name: string,
  fields: readonly string[],
  now: () => number,
  memory: RememberedRows,
): Collection<T> {
  database.exec(
    `CREATE TABLE IF NOT EXISTS "${name}" (id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, expires_at REAL)`,
  );
  for (const field of fields) {
    database.exec(
      `CREATE INDEX IF NOT EXISTS "${name}_${field}" ON "${name}" (json_extract(body, '$.${field}'))`,
    );
  }
  const alive = "(expires_at IS NULL OR expires_at > ?)";
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  // Statements are compiled when first used: a start compiles none of the 80 that exist.
  const sql = (text: string) => {
    const known = prepared.get(text);
    if (known) return known;
    const statement = database.prepare(text);
    prepared.set(text, statement);
    return statement;
  };
  /** Reads rows as texts, from the memory where they are in it. */
  const texts = (key: string, text: string, value: string): readonly string[] => {
    const known = memory.get(key);
    if (known !== undefined) return known;
    const rows = sql(text).all(value, now());
    const bodies = rows.map((row) => String(row["body"]));
    if (rows.every((row) => row["expires_at"] === null)) memory.set(key, bodies);
    return bodies;
  };
  const parse = (row: unknown): T | undefined =>
    row === undefined ? undefined : JSON.parse(String((row as { body: string }).body));
  const many = (text: string, ...values: SQLInputValue[]): T[] =>
    sql(text)
      .all(...values)
      .map((row) => JSON.parse(String(row["body"])));
  let nextSweep = 0;
  const sweep = () => {
    if (now() < nextSweep) return;
    nextSweep = now() + sweepSeconds;
    sql(`DELETE FROM "${name}" WHERE expires_at <= ?`).run(now());
  };
  return {
    get(id) {
      const query = `SELECT body, expires_at FROM "${name}" WHERE id = ? AND ${alive}`;
      const [body] = texts(`id=${id}`, query, id);
      return body === undefined ? undefined : JSON.parse(body);
    },
    put(id, value, expiresAt) {
      memory.forget();
      if (expiresAt !== undefined) sweep();
      sql(
        `INSERT INTO "${name}" (id, body, expires_at) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at`,
      ).run(id, JSON.stringify(value), expiresAt ?? null);
    },
    take(id) {
      memory.forget();
      const row = sql(`DELETE FROM "${name}" WHERE id = ? RETURNING body, expires_at`).get(id);
      const expiresAt = row?.["expires_at"];
      if (typeof expiresAt === "number" && expiresAt <= now()) return undefined;
      return parse(row);
    },
    delete(id) {
      memory.forget();
      return sql(`DELETE FROM "${name}" WHERE id = ? AND ${alive}`).run(id, now()).changes > 0;
    },
    find(field, value) {
      if (!fields.includes(field)) throw new TypeError(`"${field}" of ${name} has no index`);
      const query = `SELECT body, expires_at FROM "${name}" WHERE json_extract(body, '$.${field}') = ? AND ${alive} ORDER BY rowid`;
      return texts(`${field}=${value}`, query, value).map((body) => JSON.parse(body));
    },
    all: () => many(`SELECT body FROM "${name}" WHERE ${alive} ORDER BY rowid`, now()),
    latest: (count) =>
      many(`SELECT body FROM "${name}" WHERE ${alive} ORDER BY rowid DESC LIMIT ?`, now(), count),
    entries: () =>
      sql(`SELECT id, body FROM "${name}" WHERE ${alive} ORDER BY rowid`)
        .all(now())
        .map((row) => [String(row["id"]), JSON.parse(String(row["body"]))]),
  };
}
