/** @module The locks of Pulumi's file backend: who holds a stack, and which of them are dead. */
import { rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { namesIfThere, textIfThere } from "../../locks/if-there.ts";
import type { GuardedStack } from "./guarded-stack.ts";
import { allProcesses, isEngine, processOf, startedWith } from "./process-table.ts";
import { RecoveryError } from "./recovery-error.ts";

/** How to wait for a live holder. */
export interface LockWait {
  /** In milliseconds. Default ten minutes. */
  readonly timeoutMs?: number;
}

/** The text of a lock, as the engine writes it. */
export interface LockText {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/** A lock and what is known of its holder. `garbled`: an engine was killed as it wrote it. */
type Lock = { readonly file: string } & (
  | { readonly state: "dead" | "garbled" }
  | { readonly state: "live" | "elsewhere"; readonly holder: LockText }
);

const defaultWaitMs = 600_000;
const lookAgainMs = 250;
/** Between a process's start by the kernel's clock and by ours, and the rounding of both. */
const clockSlackMs = 2_000;
/** An engine writes its lock at once: a lock that can't be read is left alone for so long. */
const writingMs = 3_000;

/**
 * Clears the locks of this stack whose holder is dead, and waits for a live one on this machine.
 *
 * A lock is cleared only if its host is ours and no process with its pid has been running since
 * before the lock was taken. The caller holds our own lock of the stack.
 *
 * @returns How many locks were cleared.
 * @throws {RecoveryError} `STACK_BUSY`: the holder is on another machine, or kept it for too long.
 */
export async function clearDeadLocks(stack: GuardedStack, wait: LockWait = {}): Promise<number> {
  const timeoutMs = wait.timeoutMs ?? defaultWaitMs;
  const deadline = performance.now() + timeoutMs;
  const told = new Set<string>();
  let cleared = 0;
  for (;;) {
    const locks = readLocks(stack);
    for (const { file, state } of locks) {
      if (state === "dead" || (state === "garbled" && clear(file, stack))) {
        remove(file);
        cleared += 1;
      }
    }
    const elsewhere = locks.find((lock) => lock.state === "elsewhere");
    if (elsewhere?.state === "elsewhere") throw heldElsewhere(stack, elsewhere.holder);
    const live = locks.find((lock) => lock.state === "live");
    const writing = locks.some(({ file, state }) => state === "garbled" && !isGone(file));
    if (live === undefined && !writing) return cleared;
    if (live?.state === "live" && !told.has(live.file)) {
      told.add(live.file);
      stack.note(`Waiting for ${named(live.holder)}, which runs the stack "${stack.stack}".`);
    }
    if (performance.now() >= deadline) throw heldTooLong(stack, live, timeoutMs);
    await sleep(lookAgainMs);
  }
}

/** True when an engine, ours or a plain `pulumi`, has the stack locked and lives. */
export function isLockedByLive(stack: GuardedStack): boolean {
  return readLocks(stack).some(({ state }) => state === "live" || state === "elsewhere");
}

function readLocks(stack: GuardedStack): Lock[] {
  const dir = join(
    ...[stack.backendDir, ".pulumi", "locks", "organization", stack.project, stack.stack],
  );
  return namesIfThere(dir)
    .filter((name) => name.endsWith(".json"))
    .map((name) => judged(join(dir, name), stack))
    .filter((lock) => lock !== undefined);
}

function judged(file: string, stack: GuardedStack): Lock | undefined {
  const text = textIfThere(file);
  // Its holder has just let it go.
  if (text === undefined) return undefined;
  const holder = parsed(text);
  if (holder === undefined) return { file, state: "garbled" };
  if (holder.hostname !== hostname()) return { file, state: "elsewhere", holder };
  return isHeld(holder, stack) ? { file, state: "live", holder } : { file, state: "dead" };
}

function parsed(text: string): LockText | undefined {
  try {
    const holder: Partial<LockText> | null = JSON.parse(text);
    const { pid, username = "?", hostname: host, timestamp } = holder ?? {};
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    if (typeof timestamp !== "string" || Number.isNaN(Date.parse(timestamp))) return undefined;
    return { pid, username, hostname: host, timestamp };
  } catch {
    return undefined;
  }
}

/**
 * A process that began after the lock is another one with the same pid. Not so an engine of this very
 * stack: there it is the clock that was moved.
 */
function isHeld({ pid, timestamp }: LockText, stack: GuardedStack): boolean {
  const found = processOf(pid);
  if (found === undefined) return false;
  if (found.startedMs <= Date.parse(timestamp) + clockSlackMs) return true;
  return isEngine(found) && startedWith(pid, "PULUMI_HOME") === stack.home;
}

/** Whether a lock that can't be read may go: it is not being written just now, and no engine of the stack lives. */
function clear(file: string, { home }: GuardedStack): boolean {
  const writtenMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - writtenMs) < writingMs) return false;
  return !allProcesses().some(
    (each) => isEngine(each) && startedWith(each.pid, "PULUMI_HOME") === home,
  );
}

function remove(file: string): void {
  for (const each of [file, `${file}.attrs`]) rmSync(each, { force: true });
}

function isGone(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) === undefined;
}

function named({ pid, username, hostname: host, timestamp }: LockText): string {
  return `process ${pid} of ${username} on ${host}, since ${timestamp.slice(0, 19)}Z`;
}

function heldElsewhere({ stack }: GuardedStack, holder: LockText): RecoveryError {
  return new RecoveryError(
    "STACK_BUSY",
    `the stack "${stack}" is locked by ${named(holder)}; this machine is ${hostname()}`,
    "Wait for it. If you know that it is dead, run: tvk pulumi -- cancel --yes, and then this again.",
  );
}

function heldTooLong(
  { stack }: GuardedStack,
  live: Lock | undefined,
  timeoutMs: number,
): RecoveryError {
  const who = live?.state === "live" ? named(live.holder) : "a process that is writing its lock";
  return new RecoveryError(
    "STACK_BUSY",
    `the stack "${stack}" has been locked for more than ${timeoutMs / 1000} s by ${who}`,
    live?.state === "live"
      ? `Wait for process ${live.holder.pid}, or interrupt it, and run again.`
      : "Run again.",
  );
}
