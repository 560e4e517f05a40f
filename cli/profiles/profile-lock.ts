/** @module One `tvk` at a time changes a profile; whoever waits is told for whom. */
import { say } from "../output.ts";

/**
 * Runs `work` while holding the lock of `file`. It dies with its process.
 *
 * @param what What the holder does, for whoever waits: `exchanges a token`.
 * @throws {LockError} `LOCK_TIMEOUT`: somebody else kept it for longer than `timeoutMs`.
 */
export async function withProfileLock<Result>(
  file: string,
  timeoutMs: number,
  what: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  // Loaded by who writes: most commands only read.
  const { holderInWords, withLock } = await import("../../locks/file-lock.ts");
  const waiting: Parameters<typeof withLock>[1]["waiting"] = (holder) =>
    say(`Waiting for ${holderInWords(holder)}, which ${what}.`);
  return withLock(file, { timeoutMs, waiting }, work);
}
