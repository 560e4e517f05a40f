/** @module The process table where ps is asked, as on macOS; on Linux the other tests of recovery read /proc. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { processStart } from "../../../locks/process-start.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk a b-"));
});
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(dir, { recursive: true });
});

/** What a process that is told it runs on macOS makes of `expression`. */
async function onMac(module: string, expression: string): Promise<unknown> {
  const url = new URL(`../../../engine/recovery/${module}`, import.meta.url);
  const source = `Object.defineProperty(process, "platform", { value: "darwin" });
    const module = await import(${JSON.stringify(url)});
    process.stdout.write(JSON.stringify(await (${expression})) ?? "null");`;
  const env = { ...process.env, TZ: "Asia/Tokyo" };
  const args = ["--input-type=module", "-e", source];
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
}

async function started(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

const stays = "console.log(1); setInterval(() => {}, 1e6);";

// A small container can be without it.
suite.runIf(existsSync("/bin/ps"))("the process table of ps", () => {
  test("knows the engine by its program's path, a space in it or not, and its start in any zone", async () => {
    mkdirSync(join(dir, "bin"));
    const program = join(dir, "bin", "pulumi");
    symlinkSync(process.execPath, program);
    const child = await started(program, ["-e", stays]);
    const found = `[module.processOf(${child.pid})].map((each) => [module.isEngine(each), each])[0]`;
    const [isEngine, { startedMs, words }] = (await onMac("process-table.ts", found)) as [
      boolean,
      { startedMs: number; words: string[] },
    ];
    expect(isEngine).toBe(true);
    expect(words.slice(0, 2)).toEqual([program, "-e"]);
    expect(Math.abs(Date.now() - startedMs)).toBeLessThan(60_000);
  });

  test("has one whose program is gone, however long its arguments are", async () => {
    const child = spawn(process.execPath, ["-e", stays, "x".repeat(5_000)], {
      argv0: "/gone/bin/node",
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    const found = (await onMac("process-table.ts", `module.allProcesses()`)) as { pid: number }[];
    expect(found.map(({ pid }) => pid)).toContain(child.pid);
  });

  test("has the plugins of a home with a space in its path", async () => {
    const home = join(dir, "home");
    mkdirSync(join(home, "plugins"), { recursive: true });
    const file = join(home, "plugins", "plugin.mjs");
    writeFileSync(file, stays);
    const child = await started(process.execPath, [file]);
    const ended = await onMac("orphans.ts", `module.endOrphans(${JSON.stringify(home)})`);
    expect(ended).toEqual([child.pid]);
    expect(processStart(child.pid ?? 0)).toBeUndefined();
  });
});
