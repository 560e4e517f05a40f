import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { endOrphans } from "../../../engine/recovery/orphans.ts";
import { processStart } from "../../../locks/process-start.ts";
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

/** A program that stays, in a file of this name. */
function program(name: string, text = "console.log(process.pid); setInterval(() => {}, 1e6);") {
  const file = join(stack.home, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function started(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  children.push(child);
  const [chunk] = await once(child.stdout, "data");
  return Number(String(chunk));
}

const plugin = () => program("plugins/resource-auth0-v1/plugin-1.mjs");

suite("endOrphans()", () => {
  test("ends a plugin of the stack whose engine is gone, by its pid", async () => {
    const pid = await started(process.execPath, [plugin()]);
    expect(await endOrphans(stack.home)).toEqual([pid]);
    expect(processStart(pid)).toBeUndefined();
  });

  test("kills one that does not listen", async () => {
    const file = program(
      "plugins/resource-deaf-v1/plugin-1.mjs",
      'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1e6);',
    );
    const pid = await started(process.execPath, [file]);
    await endOrphans(stack.home);
    expect(processStart(pid)).toBeUndefined();
  });

  test.runIf(process.platform === "linux")(
    "ends a language host, which it knows by its environment (Linux)",
    async () => {
      const host = program("pulumi-language-nodejs");
      const pid = await started(process.execPath, [host], { PULUMI_HOME: stack.home });
      expect(await endOrphans(stack.home)).toEqual([pid]);
    },
  );

  test("leaves a plugin alone whose engine lives", async () => {
    const engine = join(stack.dir, "pulumi");
    symlinkSync(process.execPath, engine);
    const parent = program(
      "parent.mjs",
      `import { spawn } from "node:child_process";
      spawn(process.execPath, [${JSON.stringify(plugin())}], { stdio: "inherit" });`,
    );
    const pid = await started(engine, [parent]);
    expect(await endOrphans(stack.home)).toEqual([]);
    expect(processStart(pid)).toBeDefined();
    process.kill(pid, "SIGKILL");
  });

  test.runIf(process.platform === "linux")(
    "leaves a shell alone whose script names a plugin of the stack",
    async () => {
      const script = `ls ${join(stack.home, "plugins/")}; echo $$; sleep 60`;
      mkdirSync(join(stack.home, "plugins"), { recursive: true });
      const pid = await started("sh", ["-c", script]);
      expect(await endOrphans(stack.home)).toEqual([]);
      expect(processStart(pid)).toBeDefined();
    },
  );

  test("leaves the user's own programs alone, and those of other stacks", async () => {
    const own = await started(process.execPath, [program("editor.mjs")], {
      PULUMI_HOME: stack.home,
    });
    const other = await started(process.execPath, [plugin()]);
    expect(await endOrphans(join(stack.dir, "other-home"))).toEqual([]);
    expect([processStart(own), processStart(other)]).not.toContain(undefined);
  });
});
