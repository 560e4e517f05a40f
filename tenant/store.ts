/** @module The tenant's store: one SQLite file, and the only SQL of the tenant. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { ClientRow } from "./models/client.ts";
import type { ClientGrantRow } from "./models/client-grant.ts";
import type { CodeRow } from "./models/code.ts";
import type { ConnectedAccountRow } from "./models/connected-account.ts";
import type { ConnectionRow } from "./models/connection.ts";
import type { LogBatch } from "./models/log-entry.ts";
import type { RefreshTokenRow } from "./models/refresh-token.ts";
import type { ResourceServerRow } from "./models/resource-server.ts";
import type { SessionRow } from "./models/session.ts";
import type { ConnectSessionRow, TransactionRow } from "./models/transaction.ts";
import type { UserRow } from "./models/user.ts";
import { type RememberedRows, rememberedRows } from "./remembered-rows.ts";
import { TenantError } from "./tenant-error.ts";

/** Things of one kind by id, in the order in which they were first put. */
export interface Collection<T extends object> {
  get(id: string): T | undefined;
  /** Writes a thing, new or not. After `expiresAt` (epoch seconds) it is invisible, and swept later. */
  put(id: string, value: T, expiresAt?: number): void;
  /** Reads and deletes in one statement: of two takers of a single-use thing only one gets it. */
  take(id: string): T | undefined;
  /** Whether there was something to delete. */
  delete(id: string): boolean;
  /** Things whose indexed field (`indexes` below) has this value. */
  find(field: string, value: string): T[];
  all(): T[];
  /** The same with their ids. */
  entries(): [id: string, value: T][];
  /** The last ones that were put first, newest of them first. */
  latest(count: number): T[];
}

/** Everything that the tenant remembers. */
export interface Store {
  /** By client_id. */
  readonly clients: Collection<ClientRow>;
  /** By id. */
  readonly connections: Collection<ConnectionRow>;
  /** By id. */
  readonly resourceServers: Collection<ResourceServerRow>;
  /** By id. */
  readonly clientGrants: Collection<ClientGrantRow>;
  /** By user_id. */
  readonly users: Collection<UserRow>;
  /** By id. */
  readonly connectedAccounts: Collection<ConnectedAccountRow>;
  /** By id; found by token_hash. */
  readonly refreshTokens: Collection<RefreshTokenRow>;
  /** By id. */
  readonly sessions: Collection<SessionRow>;
  /** By code_hash. */
  readonly codes: Collection<CodeRow>;
  /** By id. */
  readonly transactions: Collection<TransactionRow>;
  /** By id. */
  readonly connectSessions: Collection<ConnectSessionRow>;
  /** By the log_id of the first of its entries (tenant/log-entries.ts). */
  readonly logs: Collection<LogBatch>;
  /** By name: the tenant's own facts and settings. */
  readonly settings: Collection<Record<string, unknown>>;
  /** Runs synchronous work that is written wholly or not at all. */
  transaction<R>(work: () => R): R;
  /**
   * The same, but the commit does not wait for the disk: what it wrote outlives this process, and may be lost
   * with the machine's power. For what nobody was told is kept.
   */
  hasty<R>(work: () => R): R;
  close(): void;
}

/** Which JSON fields can be found by, for each collection. */
const indexes = {
  clients: ["name"],
  connections: ["name", "strategy"],
  resourceServers: ["identifier"],
  clientGrants: ["client_id", "audience"],
  users: ["email", "username"],
  connectedAccounts: ["user_id", "connection_id", "connection"],
  refreshTokens: ["token_hash", "user_id", "client_id", "session_id", "family_id"],
  sessions: ["user_id"],
  codes: ["session_id", "user_id"],
  transactions: [],
  connectSessions: ["user_id"],
  logs: [],
  // What a user has allowed is among them.
  settings: ["user_id", "client_id", "audience"],
} as const satisfies Record<
  Exclude<keyof Store, "transaction" | "hasty" | "close">,
  readonly string[]
>;

/** How long another process may hold the file while it closes, in milliseconds. */
const lockWaitMs = 2_000;

/** Seconds between two sweeps of expired rows. */
const sweepSeconds = 60;

/**
 * Opens `DIR/tenant.db`, made when missing, and holds it alone until {@link Store.close}.
 *
 * An acknowledged write is on disk: WAL with a sync at each commit. The lock is the operating
 * system's and ends with the process, so kill -9 leaves nothing to clean.
 *
 * @throws {TenantError} `DIR_IN_USE`: another live process has the file. `DATA_DAMAGED`: it is no whole
 * database.
 */
export function openStore(dir: string, now: () => number): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = openAlone(join(dir, "tenant.db"), dir);
  const memories: RememberedRows[] = [];
  let depth = 0;
  const transaction = <R>(work: () => R): R => {
    if (depth > 0) return work();
    database.exec("BEGIN IMMEDIATE");
    depth = 1;
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      database.exec("ROLLBACK");
      // What was read since the beginning may be what was just undone.
      for (const memory of memories) memory.forget();
      throw error;
    } finally {
      depth = 0;
    }
  };
  const hasty = <R>(work: () => R): R => {
    if (depth > 0) return work();
    database.exec("PRAGMA synchronous = NORMAL");
    try {
      return transaction(work);
    } finally {
      database.exec("PRAGMA synchronous = FULL");
    }
  };
  const open = <T extends object>(name: keyof typeof indexes): Collection<T> => {
    const memory = rememberedRows();
    memories.push(memory);
    return openCollection<T>(database, name, indexes[name], now, memory);
  };
  const store: Store = transaction(() => ({
    clients: open<ClientRow>("clients"),
    connections: open<ConnectionRow>("connections"),
    resourceServers: open<ResourceServerRow>("resourceServers"),
    clientGrants: open<ClientGrantRow>("clientGrants"),
    users: open<UserRow>("users"),
    connectedAccounts: open<ConnectedAccountRow>("connectedAccounts"),
    refreshTokens: open<RefreshTokenRow>("refreshTokens"),
    sessions: open<SessionRow>("sessions"),
    codes: open<CodeRow>("codes"),
    transactions: open<TransactionRow>("transactions"),
    connectSessions: open<ConnectSessionRow>("connectSessions"),
    logs: open<LogBatch>("logs"),
    settings: open<Record<string, unknown>>("settings"),
    transaction,
    hasty,
    close: () => database.close(),
  }));
  return store;
}

/** An exclusive lock from the first statement on: SQLite would only take it at the first write. */
function openAlone(file: string, dir: string): DatabaseSync {
  // Made by us first, for its mode: it holds secrets, and SQLite's own files beside it take the mode over.
  closeSync(openSync(file, "a", 0o600));
  // Written after the first objects were: with it, an empty database has lost them.
  const isOld = existsSync(join(dir, "management-client.json"));
  if (isOld && statSync(file).size === 0) throw damaged(file, "it is empty");
  const database = new DatabaseSync(file, { timeout: lockWaitMs });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    const [found] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (found !== "ok") throw damaged(file, String(found));
    return database;
  } catch (error) {
    database.close();
    if (isDamage(error)) throw damaged(file, error.message, error);
    if (!isBusy(error)) throw error;
    throw new TenantError("DIR_IN_USE", `the folder ${dir} is in use by another tenant process`, {
      hint: "Stop that one first (`tvk tenant stop`), or start this one with another --dir.",
      cause: error,
    });
  }
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY is 5, SQLITE_LOCKED is 6.
  return [5, 6].includes(sqliteCode(error));
}

function isDamage(error: unknown): error is Error {
  // SQLITE_CORRUPT is 11, SQLITE_NOTADB is 26.
  return [11, 26].includes(sqliteCode(error));
}

/** Extended codes keep the code in the low byte. */
function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

function damaged(file: string, found: string, cause?: unknown): TenantError {
  return new TenantError("DATA_DAMAGED", `${file} is damaged: ${found}`, {
    hint: "Put a copy of it back, or begin anew, without its users and accounts: `tvk tenant reset --yes`, then `tvk up`.",
    cause,
  });
}

function openCollection<T extends object>(
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
