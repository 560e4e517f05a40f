/** @module One at a time across processes: a lock on a file that ends with its holder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "./process-start.ts";

/** How to wait for a lock. */
export interface LockOptions {
  /** Called when the lock is taken, and again whenever it passes to another holder. */
  readonly waiting?: (holder: LockHolder | undefined) => void;
  /** How long a wait lasts before `waiting` is told of it, in milliseconds. Default 1,000: most are shorter. */
  readonly quietMs?: number;
  /** Ends the wait, not the work. */
  readonly signal?: AbortSignal;
  /** How long to wait, in milliseconds. Default: for as long as it takes. */
  readonly timeoutMs?: number;
}

/** Who holds a lock, for messages. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** {@link processStart} of `pid`. */
  readonly processStart: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Why a lock was not had. */
export type LockErrorCode = "LOCK_TIMEOUT" | "LOCK_FOLDER";

/** The lock was not had: nothing was done. */
export class LockError extends Error {
  readonly code: LockErrorCode;
  readonly hint: string;
  constructor(code: LockErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "LockError";
    this.code = code;
    this.hint = hint;
  }
}

/** From when on a wait is worth a line, in milliseconds. */
const defaultQuietMs = 1_000;
/** How often a taken lock is tried again. */
const retryEveryMs = 50;
/** SQLite's result codes: another connection has the lock. */
const sqliteBusy = 5;
const sqliteLocked = 6;

/**
 * Runs `work` while holding the lock of `file`, alone among all processes that do the same.
 *
 * The lock is the kernel's (SQLite's exclusive transaction on an empty database): it is gone the
 * moment its holder is, so that none is ever left to clear by hand. `file` itself stays, empty.
 * `FILE.holder` says who holds it; it is for people and decides nothing.
 *
 * @throws {LockError} `LOCK_TIMEOUT`: somebody else kept it for longer than `timeoutMs`.
 * @throws {LockError} `LOCK_FOLDER`: the file can't be made or is no lock.
 */
export async function withLock<Result>(
  file: string,
  options: LockOptions,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const database = open(file);
  try {
    await take(database, file, options);
    sign(file);
    try {
      return await work();
    } finally {
      rmSync(`${file}.holder`, { force: true });
    }
  } finally {
    database.close();
  }
}

/** Who holds the lock of `file` now. Undefined when nobody does, or just took it. */
export function lockHolder(file: string): LockHolder | undefined {
  try {
    const holder: LockHolder = JSON.parse(readFileSync(`${file}.holder`, "utf8"));
    const gone = holder.host === hostname() && processStart(holder.pid) !== holder.processStart;
    return gone ? undefined : holder;
  } catch {
    return undefined;
  }
}

/** Who holds a lock, for a message: `process 4711 on desk, since 2026-11-27T02:16:49Z`. */
export function holderInWords(holder: LockHolder | undefined): string {
  if (holder === undefined) return "another process";
  return `process ${holder.pid} on ${holder.host}, since ${holder.since.slice(0, 19)}Z`;
}

function open(file: string): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return new DatabaseSync(file, { timeout: 0 });
  } catch (cause) {
    throw unusable(file, cause);
  }
}

async function take(database: DatabaseSync, file: string, options: LockOptions): Promise<void> {
  const begun = performance.now();
  const quietMs = options.quietMs ?? defaultQuietMs;
  const deadline = begun + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  let told: string | undefined;
  for (let tries = 0; !tryOnce(database, file); tries++) {
    const holder = lockHolder(file);
    const name = `${holder?.pid}/${holder?.processStart}`;
    // One that has just taken it signs in a moment.
    const isSigning = holder === undefined && tries === 0;
    if (!isSigning && name !== told && performance.now() - begun >= quietMs) {
      options.waiting?.(holder);
      told = name;
    }
    if (performance.now() >= deadline) throw timedOut(file, options.timeoutMs ?? 0, holder);
    await sleep(retryEveryMs, undefined, { signal: options.signal });
  }
}

function tryOnce(database: DatabaseSync, file: string): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (cause) {
    const code = (cause as { errcode?: number }).errcode;
    if (code === sqliteBusy || code === sqliteLocked) return false;
    throw unusable(file, cause);
  }
}

function sign(file: string): void {
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid) ?? "",
    since: new Date().toISOString(),
  };
  try {
    writeFileSync(`${file}.holder`, JSON.stringify(holder), { mode: 0o600 });
  } catch (cause) {
    throw unusable(file, cause);
  }
}

function timedOut(file: string, timeoutMs: number, holder: LockHolder | undefined): LockError {
  return new LockError(
    "LOCK_TIMEOUT",
    `${file} has been held for more than ${timeoutMs / 1000} s by ${holderInWords(holder)}`,
    holder === undefined
      ? "Run again."
      : `Wait for process ${holder.pid}, or end it, and run again.`,
  );
}

function unusable(file: string, cause: unknown): LockError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LockError(
    "LOCK_FOLDER",
    `${file} can't be locked: ${reason}`,
    `Make ${dirname(file)} writable, and remove ${file} if it is no lock.`,
    cause,
  );
}
