/** @module The tenant's database file: held alone, and looked at before anything is read from it. */
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TenantError } from "./tenant-error.ts";

/** How long another process may hold the file while it closes, in milliseconds. */
const lockWaitMs = 2_000;

/**
 * An exclusive lock from the first statement on: SQLite would only take it at the first write.
 *
 * @throws {TenantError} `DIR_IN_USE`, `DATA_DAMAGED`.
 */
export function openAlone(file: string, dir: string): DatabaseSync {
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
