/** @module The supervisor as a process, as a Pulumi command calls it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, suite, test } from "vitest";
import { withLock } from "../../locks/file-lock.ts";
import { eachTest, greeting, spec } from "./service-fixture.ts";

const fixture = eachTest();
const mainFile = new URL("../../services/main.ts", import.meta.url).pathname;

/** Runs the process until its output is closed, as a command provider does. */
async function run(command: string, env: Record<string, string> = {}) {
  return outcome(started(command, env));
}

function started(command: string, env: Record<string, string>) {
  return spawn(process.execPath, [mainFile, command], {
    cwd: fixture.dir,
    env: { ...process.env, TVK_SERVICES_DIR: "services", ...env },
  });
}

async function outcome(child: ChildProcessWithoutNullStreams) {
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { stdout, stderr, code };
}

suite("node services/main.ts", () => {
  test("ensure prints one JSON line and ends, with its output closed, while the service runs on", async () => {
    const { stdout, stderr, code } = await run("ensure", {
      // Both folders are taken from the folder that the process runs in.
      TVK_SERVICE: JSON.stringify(spec(fixture, { cwd: ".", instance: "one" })),
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.endsWith("\n")).toBe(true);
    expect(JSON.parse(stdout)).toEqual({
      name: "desk",
      url: `http://localhost:${fixture.port}`,
      pid: fixture.services.live("desk")?.pid,
      instance: "one",
      outcome: "started",
    });
    expect(await greeting(fixture)).toBe("hello");
  });

  test("stop ends the described instance and no other", async () => {
    await fixture.services.ensure(spec(fixture, { instance: "two" }));
    const other = await run("stop", {
      TVK_SERVICE: JSON.stringify(spec(fixture, { instance: "one" })),
    });
    expect(JSON.parse(other.stdout)).toEqual({ name: "desk", outcome: "not_running" });
    expect(fixture.services.live("desk")?.instance).toBe("two");
    const it = await run("stop", {
      TVK_SERVICE: JSON.stringify({ name: "desk", instance: "two" }),
    });
    expect(JSON.parse(it.stdout)).toEqual({ name: "desk", outcome: "stopped" });
    expect(fixture.services.live("desk")).toBeUndefined();
  });

  test("says whom it waits for while another is at the same service, and goes on when that is done", async () => {
    const lock = join(fixture.dir, "services", "desk.lock");
    const waits = Promise.withResolvers<void>();
    const turn = withLock(lock, {}, () => waits.promise);
    const child = started("ensure", { TVK_SERVICE: JSON.stringify(spec(fixture)) });
    child.stderr.on("data", () => waits.resolve());
    const [{ stderr, code }] = await Promise.all([outcome(child), turn]);
    expect(stderr).toMatch(
      new RegExp(
        `^Waiting for process ${process.pid} on \\S+, since \\S+Z, which starts or stops the service "desk"\\.\n$`,
      ),
    );
    expect(code).toBe(0);
    expect(await greeting(fixture)).toBe("hello");
  });

  test("secret prints 32 random bytes in hexadecimal and nothing else", async () => {
    const [first, second] = await Promise.all([run("secret"), run("secret")]);
    expect(first?.stdout).toMatch(/^[0-9a-f]{64}$/);
    expect(first?.stdout).not.toBe(second?.stdout);
  });

  test("a failed start exits 1 with message and hint, and prints nothing on standard output", async () => {
    const failing = spec(fixture, {
      command: ["node", "-e", "console.log(process.env.API_TOKEN); process.exit(3)"],
      env: { API_TOKEN: "t0ken-in-the-log" },
    });
    const { stdout, stderr, code } = await run("ensure", { TVK_SERVICE: JSON.stringify(failing) });
    expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
    expect(stderr).toContain("exit code 3");
    expect(stderr).toContain("desk.log");
    expect(stderr).not.toContain("t0ken-in-the-log");
  });

  test.each([
    ["an unknown command", "start", {}, '"start" is no command'],
    ["no description", "ensure", { TVK_SERVICE: "" }, "TVK_SERVICE is not set"],
    [
      "a description that is no JSON",
      "ensure",
      { TVK_SERVICE: '{"secret": "abc' },
      "TVK_SERVICE is no JSON",
    ],
  ])("exits 2 with its usage for %s", async (_, command, env, message) => {
    const { stdout, stderr, code } = await run(command, env);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toContain(message);
    expect(stderr).toContain("usage:");
    expect(stderr).not.toContain("abc");
  });
});
