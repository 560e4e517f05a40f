/** @module What tells a process from a later one with its pid. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
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

  // A small container can be without ps.
  const asked = test.runIf(existsSync("/bin/ps"));
  asked("says the same whatever the time zone, where ps is asked (macOS)", () => {
    const module = new URL("../../locks/process-start.ts", import.meta.url);
    const source = `Object.defineProperty(process, "platform", { value: "darwin" });
      const { processStart } = await import(${JSON.stringify(module)});
      process.stdout.write(String(processStart(${process.pid})));`;
    const inZone = (TZ: string) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", source], {
        env: { ...process.env, TZ },
        encoding: "utf8",
      });
    const start = inZone("Asia/Tokyo");
    expect(Date.parse(start)).toBeLessThan(Date.now() + 86_400_000);
    expect(inZone("America/New_York")).toBe(start);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 40])("knows no process %d", (pid) => {
    expect(processStart(pid)).toBeUndefined();
  });
});
