/** @module The helpdesk's SQLite database: opened, brought to the current schema. */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** How long to wait for another process that writes. */
const lockTimeoutMs = 5000;

/** One step each; the position of the last one taken is the file's `user_version`. */
const migrations = [
  `CREATE TABLE users (
     id TEXT PRIMARY KEY,
     email TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     password_hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE tickets (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     title TEXT NOT NULL,
     description TEXT NOT NULL,
     status TEXT NOT NULL,
     priority TEXT NOT NULL,
     type TEXT NOT NULL,
     team TEXT NOT NULL,
     assignee TEXT REFERENCES users (email),
     reporter TEXT NOT NULL REFERENCES users (email),
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE oauth_artifacts (
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     grant_id TEXT,
     uid TEXT,
     payload TEXT NOT NULL,
     consumed_at INTEGER,
     expires_at INTEGER,
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX oauth_artifacts_grant ON oauth_artifacts (grant_id) WHERE grant_id IS NOT NULL;
   CREATE INDEX oauth_artifacts_uid ON oauth_artifacts (kind, uid) WHERE uid IS NOT NULL;
   CREATE INDEX oauth_artifacts_expiry ON oauth_artifacts (expires_at);`,
];

/**
 * Opens the database and brings its schema up to date, in one transaction.
 *
 * A file is made with mode 0600, its folder where missing with 0700. Write-ahead logging keeps it
 * whole when the process is killed at any moment.
 *
 * @param file Path of the file; in memory where none is given.
 *
 * @throws {Error} The file was written by a newer version, or is no database.
 */
export function openDatabase(file?: string): DatabaseSync {
  if (file === undefined) return prepared(new DatabaseSync(":memory:"));
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600));
    return prepared(new DatabaseSync(file, { timeout: lockTimeoutMs }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the database ${file} can't be used: ${reason}`, { cause });
  }
}

/** Runs the work in one write transaction, which is undone when it throws. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function prepared(database: DatabaseSync): DatabaseSync {
  try {
    // NORMAL: a kill loses nothing; a power failure may lose the last moments, never the file.
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
    );
    transaction(database, () => migrate(database));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new Error(
      `it has schema version ${version}, this helpdesk knows up to ${migrations.length}; ` +
        "start the version that wrote it, or set DATABASE to another file",
    );
  }
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
}
