import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { clearDeadLocks, isLockedByLive } from "../../../engine/recovery/backend-locks.ts";
import { type StackBench, stackBench } from "./stack-bench.ts";

let stack: StackBench;
const children: ChildProcess[] = [];
beforeEach(() => {
  stack = stackBench();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  stack.remove();
});

function sleeper(): ChildProcess & { pid: number } {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  children.push(child);
  if (child.pid === undefined) throw new Error("sleep did not start");
  return Object.assign(child, { pid: child.pid });
}

async function deadPid(): Promise<number> {
  const child = sleeper();
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
  return child.pid;
}

function lockOf(pid: number, own: Record<string, unknown> = {}) {
  const timestamp = new Date().toISOString();
  return { pid, username: "ann", hostname: hostname(), timestamp, ...own };
}

suite("clearDeadLocks()", () => {
  test("clears a lock whose holder on this machine is dead", async () => {
    const lock = stack.writeLock("a", lockOf(await deadPid()));
    expect(await clearDeadLocks(stack)).toBe(1);
    expect(existsSync(lock)).toBe(false);
    expect(stack.notes).toEqual([]);
  });

  test("clears a lock whose pid is by now another process, which began later", async () => {
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const lock = stack.writeLock("a", lockOf(sleeper().pid, { timestamp: hourAgo }));
    expect(await clearDeadLocks(stack)).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  test("waits for a live holder, and says who it is", async () => {
    const holder = sleeper();
    const lock = stack.writeLock("a", lockOf(holder.pid));
    expect(isLockedByLive(stack)).toBe(true);
    setTimeout(() => rmSync(lock), 400);
    expect(await clearDeadLocks(stack)).toBe(0);
    expect(stack.notes.join()).toContain(`Waiting for process ${holder.pid} of ann on `);
    expect(isLockedByLive(stack)).toBe(false);
  });

  test("goes on when the holder dies while it waits", async () => {
    const holder = sleeper();
    stack.writeLock("a", lockOf(holder.pid));
    setTimeout(() => holder.kill("SIGKILL"), 400);
    expect(await clearDeadLocks(stack)).toBe(1);
  });

  test("refuses, naming the holder, when it has waited for long enough", async () => {
    const { pid } = sleeper();
    const lock = stack.writeLock("a", lockOf(pid));
    await expect(clearDeadLocks(stack, { timeoutMs: 300 })).rejects.toMatchObject({
      code: "STACK_BUSY",
      message: expect.stringContaining(`process ${pid} of ann`),
    });
    expect(existsSync(lock)).toBe(true);
  });

  test("refuses at once a holder on another machine, whose processes it can't see", async () => {
    const lock = stack.writeLock("a", lockOf(await deadPid(), { hostname: "elsewhere" }));
    await expect(clearDeadLocks(stack)).rejects.toMatchObject({
      code: "STACK_BUSY",
      message: expect.stringMatching(/of ann on elsewhere, since \d{4}-/),
      hint: expect.stringContaining("cancel"),
    });
    expect(existsSync(lock)).toBe(true);
  });

  test.each(["", "{", "null", '{"pid":"x"}'])(
    "clears a lock that can't be read (%j) when it is older than a few seconds",
    async (text) => {
      const lock = stack.writeLock("a", text);
      const old = new Date(Date.now() - 10_000);
      utimesSync(lock, old, old);
      expect(await clearDeadLocks(stack)).toBe(1);
      expect(existsSync(lock)).toBe(false);
    },
  );

  test("gives a lock that was made just now the time to be written", async () => {
    const lock = stack.writeLock("a", "");
    const holder = sleeper();
    const clearing = clearDeadLocks(stack);
    setTimeout(() => stack.writeLock("a", lockOf(holder.pid)), 300);
    await expect.poll(() => stack.notes.join()).toContain(`process ${holder.pid} of ann`);
    expect(existsSync(lock)).toBe(true);
    holder.kill("SIGKILL");
    expect(await clearing).toBe(1);
  });

  test("leaves the locks of other stacks alone", async () => {
    const text = JSON.stringify(lockOf(await deadPid()));
    const other = stack.write("locks/organization/desk/prod/a.json", text);
    expect(await clearDeadLocks(stack)).toBe(0);
    expect(existsSync(other)).toBe(true);
  });
});
