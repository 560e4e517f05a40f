/** @module The tenant's store: one SQLite file. Its SQL is here and in collection.ts, and nowhere else. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Collection, openCollection } from "./collection.ts";
import { openAlone } from "./database.ts";
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
