/** @module What tells a process from a later one with its pid. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";

suite("processStart()", () => {
  test("says the same of a process for as long as it lives", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const first = processStart(child.pid ?? 0);
    expect(first).toBeTypeOf("string");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(processStart(child.pid ?? 0)).toBe(first);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(processStart(child.pid ?? 0)).toBeUndefined();
  });

  test("tells two processes apart", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    expect(processStart(child.pid ?? 0)).not.toBe(processStart(process.pid));
    child.kill("SIGKILL");
  });

  test("counts an ended process that its parent has not collected as gone", async () => {
    // `sleep 60` takes the shell's place and never collects the shell's child.
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]);
    const [line] = await once(parent.stdout.setEncoding("utf8"), "data");
    const zombie = Number(line);
    await expect.poll(() => processStart(zombie)).toBeUndefined();
    expect(() => process.kill(zombie, 0)).not.toThrow();
    parent.kill("SIGKILL");
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 40])("knows no process %d", (pid) => {
    expect(processStart(pid)).toBeUndefined();
  });
});
