/** @module One at a time across processes, and no lock that outlives its holder. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { lockHolder, withLock } from "../../locks/file-lock.ts";

const lockModule = new URL("../../locks/file-lock.ts", import.meta.url).href;
let dir: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-lock-"));
  file = join(dir, "sub", "a.lock");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

/** A process that runs `work` (statements) under the lock. */
function locker(work: string): ChildProcess {
  const program = `import { withLock } from ${JSON.stringify(lockModule)};
    import { appendFileSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    await withLock(${JSON.stringify(file)}, {}, async () => { ${work} });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

/** A process that has the lock and keeps it. */
async function holder(): Promise<ChildProcess> {
  const child = locker("console.log('held'); await sleep(60_000);");
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

suite("withLock()", () => {
  test("lets one process at a time do its work", async () => {
    const log = join(dir, "log");
    const work = `for (const step of ["in", "out"]) {
      appendFileSync(${JSON.stringify(log)}, step + " " + process.pid + "\\n"); await sleep(20); }`;
    const ends = [1, 2, 3, 4].map(() => once(locker(work), "close"));
    await Promise.all(ends);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    for (let at = 0; at < 8; at += 2) {
      const pid = lines[at]?.split(" ")[1];
      expect(lines.slice(at, at + 2)).toEqual([`in ${pid}`, `out ${pid}`]);
    }
  });

  test("lets one caller of the same process at a time do its work", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, {}, work)));
    expect(most).toBe(1);
  });

  test("returns what the work returns", async () => {
    expect(await withLock(file, {}, () => 7)).toBe(7);
  });

  test("is free again after work that throws", async () => {
    const work = () => Promise.reject(new Error("no"));
    await expect(withLock(file, {}, work)).rejects.toThrow("no");
    expect(await withLock(file, { timeoutMs: 0 }, () => "free")).toBe("free");
  });

  test("is free at once when kill -9 ends its holder", async () => {
    const child = await holder();
    await expect(withLock(file, { timeoutMs: 0 }, () => {})).rejects.toMatchObject({
      code: "LOCK_TIMEOUT",
    });
    child.kill("SIGKILL");
    await once(child, "close");
    // The killed holder's name is still there, and decides nothing.
    expect(readFileSync(`${file}.holder`, "utf8")).toContain(`"pid":${child.pid}`);
    expect(lockHolder(file)).toBeUndefined();
    expect(await withLock(file, { timeoutMs: 0 }, () => "free")).toBe("free");
  });

  test("tells a waiter once whom it waits for", async () => {
    const child = await holder();
    const told: (number | undefined)[] = [];
    const options = {
      timeoutMs: 200,
      quietMs: 0,
      waiting: (by: { pid: number } | undefined) => told.push(by?.pid),
    };
    await expect(withLock(file, options, () => {})).rejects.toThrow(`by process ${child.pid} on `);
    expect(told).toEqual([child.pid]);
  });

  test("tells nobody of a wait that is shorter than what is worth telling", async () => {
    await holder();
    const told: unknown[] = [];
    const options = {
      timeoutMs: 200,
      waiting: (by: unknown) => told.push(by),
    };
    await expect(withLock(file, options, () => {})).rejects.toMatchObject({ code: "LOCK_TIMEOUT" });
    expect(told).toEqual([]);
  });

  test("ends the wait when the signal aborts", async () => {
    await holder();
    const signal = AbortSignal.timeout(50);
    await expect(withLock(file, { signal }, () => {})).rejects.toThrow(/abort/i);
  });

  test("names the file when its folder can't be made", async () => {
    writeFileSync(join(dir, "sub"), "a file where a folder should be");
    await expect(withLock(file, {}, () => {})).rejects.toMatchObject({
      code: "LOCK_FOLDER",
      message: expect.stringContaining(file),
    });
  });

  test("refuses a file that is no lock, and leaves it as it was", async () => {
    const other = join(dir, "letter");
    const text = "not a lock\n".repeat(200);
    writeFileSync(other, text);
    await expect(withLock(other, {}, () => {})).rejects.toMatchObject({ code: "LOCK_FOLDER" });
    expect(readFileSync(other, "utf8")).toBe(text);
  });
});

suite("lockHolder()", () => {
  test("names this process while it holds the lock, and nobody after", async () => {
    await withLock(file, {}, () => expect(lockHolder(file)?.pid).toBe(process.pid));
    expect(lockHolder(file)).toBeUndefined();
  });
});
