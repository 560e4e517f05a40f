import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { requireFreeSpace } from "../../../engine/recovery/free-space.ts";
import { guardedRun } from "../../../engine/recovery/guarded-run.ts";
import { runKind } from "../../../engine/recovery/run-kind.ts";
import { type StackBench, stackBench } from "./stack-bench.ts";

let stack: StackBench;
beforeEach(() => {
  stack = stackBench();
});
afterEach(() => stack.remove());

const pending = [{ type: "creating", resource: { urn: "urn:pulumi:dev::desk::a:b:C::agent" } }];
const done = async () => ({ exitCode: 0 });
const failed = async () => ({ exitCode: 1 });
const clearing = "refresh --yes --skip-preview --non-interactive --clear-pending-creates";

suite("guardedRun()", () => {
  test("starts no engine of its own where no run was killed", async () => {
    stack.writeState();
    await guardedRun(stack, ["up", "--yes"], done);
    expect(stack.runs).toEqual([]);
    expect(stack.notes).toEqual([]);
  });

  test.each(["up", "preview", "refresh", "destroy"])(
    "settles pending operations before %s, and says which",
    async (command) => {
      stack.writeState(pending);
      stack.onRun = () => stack.writeState();
      let ran = false;
      await guardedRun(stack, [command], async () => {
        expect(stack.runs).toEqual([clearing]);
        ran = true;
        return { exitCode: 0 };
      });
      expect(ran).toBe(true);
      expect(stack.notes.join()).toContain("was killed while creating agent");
    },
  );

  test.each([[["destroy"]], [["stack", "rm", "--yes"]]])(
    "does not run %j when pending creates could not be settled",
    async (args) => {
      stack.writeState(pending);
      await expect(
        guardedRun(stack, args, () => Promise.reject(new Error("it ran"))),
      ).rejects.toMatchObject({ code: "RECOVERY_FAILED" });
    },
  );

  test("refreshes with no torn attribute file in the way, and not with one that was torn just now either", async () => {
    stack.writeState(pending);
    const attributes = stack.write("stacks/desk/dev.json.attrs", "");
    // A dying engine tears another one while recovery waits for what it had sent.
    const tearing = setTimeout(() => stack.write("stacks/desk/dev.json.bak.attrs", "{"), 1_200);
    stack.onRun = () => {
      expect(existsSync(attributes)).toBe(false);
      expect(existsSync(`${stack.stateFile}.bak.attrs`)).toBe(false);
      stack.writeState();
    };
    await guardedRun(stack, ["up"], done);
    clearTimeout(tearing);
    expect(stack.runs).toEqual([clearing]);
  });

  test("says what the engine said when recovery fails, and keeps all of it", async () => {
    stack.writeState(pending);
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const failing = {
      ...stack,
      pulumi: async () => ({
        exitCode: 1,
        stdout: lines.join("\n"),
        stderr: "error: failed to load checkpoint: EOF",
      }),
    };
    const error = await guardedRun(failing, ["up"], done).catch((each: unknown) => each);
    const kept = join(stack.dir, "recovery.log");
    expect(error).toMatchObject({
      code: "RECOVERY_FAILED",
      message: expect.stringMatching(
        /killed \(exit 1\):[\s\S]*line 39\n {4}error: failed to load checkpoint: EOF$/,
      ),
      hint: expect.stringContaining(kept),
    });
    expect(readFileSync(kept, "utf8")).toContain("line 0\n");
    expect(statSync(kept).mode & 0o777).toBe(0o600);
  });

  test("sweeps what no state knows after destroy and after an up that followed a kill, and before them what is in their way", async () => {
    const swept: string[] = [];
    const sweeping = (what: string) => ({
      ...stack,
      sweep: async (_known: unknown, moment: string) => {
        swept.push(`${moment} ${what}`);
        return moment === "after" ? ['client "agent"'] : [];
      },
    });
    stack.writeState();
    await guardedRun(sweeping("up"), ["up"], done);
    expect(swept).toEqual([]);
    await guardedRun(sweeping("a destroy that fails"), ["destroy"], failed);
    await guardedRun(sweeping("destroy"), ["destroy"], done);
    stack.writeState(pending);
    stack.onRun = () => stack.writeState();
    await guardedRun(sweeping("up after a kill"), ["up"], done);
    expect(swept).toEqual([
      "before a destroy that fails",
      ...["before destroy", "after destroy"],
      ...["before up after a kill", "after up after a kill"],
    ]);
    swept.length = 0;
    // A killed plugin leaves its run's failure alone.
    await guardedRun(sweeping("up that fails"), ["up"], failed);
    await guardedRun(sweeping("refresh"), ["refresh"], done);
    await guardedRun(sweeping("up that fails, too"), ["up"], failed);
    await guardedRun(sweeping("up after a failure"), ["up"], done);
    await guardedRun(sweeping("another up"), ["up"], done);
    expect(swept).toEqual([
      "before up that fails, too",
      ...["before up after a failure", "after up after a failure"],
    ]);
    expect(stack.notes.join()).toContain('Removed what a killed run had left: client "agent"');
  });

  test.each([
    ...[["--force"], ["--force=true"], ["--force=TRUE"], ["-f"], ["-f=1"]],
    ...[["-fy"], ["-yf"], ["-ef"], ["-fs"], ["-fsdev"]],
  ])("leaves all that a stack has when it is removed with %s", async (force) => {
    const swept: string[] = [];
    const sweep = async (_known: unknown, moment: string) => {
      swept.push(moment);
      return [];
    };
    stack.writeState();
    const rm = (...args: string[]) =>
      guardedRun({ ...stack, sweep }, ["stack", "rm", ...args], async () => {
        rmSync(stack.stateFile, { force: true });
        return { exitCode: 0 };
      });
    await rm("dev", force);
    expect(swept).toEqual([]);
    await rm("-sfoo", "--yes");
    // Here the letter stands for --skip-preview.
    await guardedRun({ ...stack, sweep }, ["destroy", "-f"], done);
    expect(swept).toEqual(["before", "after", "before", "after"]);
  });

  test("sweeps in the up after a run in which tvk itself was killed, whatever the state says", async () => {
    stack.writeState();
    const { dir, home, backendDir } = stack;
    const module = new URL("../../../engine/recovery/guarded-run.ts", import.meta.url);
    const given = { dir, home, backendDir, project: "desk", stack: "dev" };
    const source = `import { guardedRun } from ${JSON.stringify(module)};
      await guardedRun(${JSON.stringify(given)}, ["up"], () => process.kill(process.pid, "SIGKILL"));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGKILL");
    const swept: string[] = [];
    const sweep = async (_known: unknown, moment: string) => {
      swept.push(moment);
      return [];
    };
    await guardedRun({ ...stack, sweep }, ["up"], done);
    await guardedRun({ ...stack, sweep }, ["up"], done);
    expect(swept).toEqual(["before", "after"]);
  });

  test("after a killed or failed run the next up looks at services again, and destroy does not", async () => {
    stack.writeState(pending);
    stack.onRun = () => stack.writeState();
    await guardedRun(stack, ["up"], failed);
    expect(stack.renewals).toEqual([[]]);
    await guardedRun(stack, ["destroy"], failed);
    expect(stack.renewals).toHaveLength(1);
    const said = '{"name":"dev-helpdesk","pid":4711,"instance":"i"}\n';
    const command = { urn: "urn:c", type: "command:local:Command", id: "c1" };
    stack.writeState([], [{ ...command, outputs: { stdout: said } }]);
    await guardedRun(stack, ["up"], done);
    expect(stack.renewals).toEqual([[], [said]]);
    await guardedRun(stack, ["up"], done);
    expect(stack.renewals).toHaveLength(2);
  });

  test("a run that damages the state ends as it ended, and the copy of before stays", async () => {
    stack.writeState();
    const result = await guardedRun(stack, ["up"], async () => {
      writeFileSync(stack.stateFile, '{"version":3,"check');
      return failed();
    });
    expect(result).toEqual({ exitCode: 1 });
    await guardedRun(stack, ["up"], done);
    expect(stack.notes.join()).toContain('The state of "dev" was damaged');
  });

  test("lets one run at a time change the stack, and says whom it waits for", async () => {
    stack.writeState();
    const order: string[] = [];
    const run = (name: string) =>
      guardedRun(stack, ["up"], async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 200));
        order.push(`${name} out`);
        return { exitCode: 0 };
      });
    await Promise.all([run("one"), run("two")]);
    expect(order).toEqual(["one in", "one out", "two in", "two out"]);
    expect(stack.notes.join()).toMatch(/^Waiting for .*, which runs the stack "dev"\.$/);
  });

  test("does not make a preview wait for a run", async () => {
    stack.writeState();
    const up = Promise.withResolvers<{ exitCode: number }>();
    const running = guardedRun(stack, ["up"], () => up.promise);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await guardedRun(stack, ["preview"], done);
    up.resolve({ exitCode: 0 });
    await running;
    expect(stack.notes).toEqual([]);
  });

  test("clears a dead run's lock without any engine", async () => {
    stack.writeState();
    const child = spawn("true");
    await once(child, "close");
    const timestamp = new Date().toISOString();
    const lock = stack.writeLock("a", { pid: child.pid, hostname: hostname(), timestamp });
    await guardedRun(stack, ["up"], done);
    expect(existsSync(lock)).toBe(false);
    expect(stack.runs).toEqual([]);
  });

  test("looks up what was done since, after a damaged state was restored", async () => {
    stack.writeState();
    await guardedRun(stack, ["up"], done);
    writeFileSync(stack.stateFile, "{");
    await guardedRun(stack, ["up"], done);
    expect(stack.runs).toEqual([clearing]);
  });

  test("runs what needs no sound state whatever that is", async () => {
    writeFileSync(stack.write("stacks/desk/dev.json", "{"), "{");
    expect(await guardedRun(stack, ["cancel", "--yes"], done)).toEqual({ exitCode: 0 });
  });
});

suite("requireFreeSpace()", () => {
  test("refuses a file system without room, with what is free and what is needed", () => {
    // A file system on which nothing is ever free.
    const full = process.platform === "linux" ? "/proc" : "/dev";
    expect(() => requireFreeSpace(full)).toThrow(/only 0 MB are free .* needs 50 MB/);
    expect(() => requireFreeSpace(join(stack.dir))).not.toThrow();
  });
});

suite("runKind()", () => {
  test.each([
    [["up", "--yes"], "changes"],
    [["--color", "never"], "other"],
    [["--color", "never", "up", "--yes"], "changes"],
    [["--color=never", "up"], "changes"],
    [["-v", "3", "-C", ".", "destroy"], "removes"],
    [["stack", "-s", "dev", "rm"], "removes"],
    [["--yes", "refresh"], "changes"],
    [["destroy"], "removes"],
    [["destroy", "--preview-only"], "previews"],
    [["preview", "--json"], "previews"],
    [["stack", "rm", "dev"], "removes"],
    [["stack", "output", "--json"], "other"],
    [["state", "delete", "urn:a"], "changes"],
    [["cancel"], "other"],
    [["up", "--help"], "other"],
    [["config", "set", "up", "1"], "other"],
    [[], "other"],
  ] as const)("%j is %s", (args, kind) => {
    expect(runKind(args)).toBe(kind);
  });
});
