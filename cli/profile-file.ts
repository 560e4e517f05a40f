/** @module A file that several processes change: written as a whole, one writer at a time. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { CliError, exitCodes } from "./exit-codes.ts";

/** How long to wait for another process, and how often to look. */
const WAIT_MS = 10_000;
const LOOK_MS = 20;

/** Writes a file so that a crash leaves the old or the new one, readable by the owner only. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/**
 * Runs `work` while no other process runs its own for this path. A lock whose holder has died is taken.
 *
 * @throws {CliError} `storage_error`: another process held it all the time; the message names it.
 */
export async function withFileLock<T>(path: string, work: () => T): Promise<T> {
  const lock = `${path}.lock`;
  const until = Date.now() + WAIT_MS;
  while (!take(lock)) {
    if (Date.now() > until) {
      throw new CliError(
        "storage_error",
        `${lock} is held by process ${holder(lock) ?? "unknown"}`,
        {
          exitCode: exitCodes.general,
          hint: "Wait for that process, or end it.",
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const pid = holder(lock);
  if (pid !== undefined && !alive(pid)) rmSync(lock, { force: true });
  return false;
}

function holder(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
