/** Clocks that are off, and clocks that somebody sets in the middle of a run. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { supervisor } from "../../services/supervisor.ts";
import { type KillBench, killBench, killNow } from "./kill-bench.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

const minutesMs = 180_000;
const hourMs = 3_600_000;
const clock = join(import.meta.dirname, "clock.cjs");

/** Variables of a Node process whose clock is off; `jumpsWith` a file, from when that is there. */
function clockOff(offMs: number, jumpsWith?: string): Record<string, string> {
  const jump = jumpsWith === undefined ? {} : { CLOCK_JUMPS_WITH: jumpsWith };
  return { NODE_OPTIONS: `--require="${clock}"`, CLOCK_OFF_MS: String(offMs), ...jump };
}

/** Puts a process with another clock in the place of a service's: the supervisor takes it for the same run. */
async function withClock({ dir }: ProjectFolder, name: string, env: Record<string, string>) {
  const file = join(dir, ".tvk/services", `${name}.json`);
  const record = JSON.parse(readFileSync(file, "utf8")) as { pid: number; ready: object };
  const own = (what: string) =>
    readFileSync(`/proc/${record.pid}/${what}`, "utf8").split("\0").slice(0, -1);
  const [program = "", ...args] = own("cmdline");
  const environ = Object.fromEntries(own("environ").map((line) => line.split(/=(.*)/s)));
  await killNow(record.pid);
  const child = spawn(program, args, {
    cwd: dir,
    env: { ...environ, ...env },
    detached: true,
    stdio: "ignore",
  });
  const { pid = 0 } = child;
  const renewed = { ...record, pid, processStart: processStart(pid) };
  writeFileSync(file, JSON.stringify(renewed));
  const services = supervisor(join(dir, ".tvk/services"));
  const ready = async () => (await services.status()).find((each) => each.name === name)?.ready;
  await expect.poll(ready).toBe(true);
  return pid;
}

function pidOf({ dir }: ProjectFolder, name: string): number {
  return JSON.parse(readFileSync(join(dir, ".tvk/services", `${name}.json`), "utf8")).pid;
}

suite.runIf(process.platform === "linux")("a clock that is off by an hour", () => {
  let project: ProjectFolder;
  beforeAll(async () => {
    project = await projectFolder();
    const up = await project.tvk(["up"]);
    if (up.exitCode !== 0) throw new Error(up.text);
  }, minutesMs);
  afterAll(() => project?.remove());

  async function wholeChain(env: Record<string, string> = {}): Promise<void> {
    const { exitCode, text } = await project.tvk(["dev", "--keep"], { env });
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/#42 {2}P2 {2}payments/);
  }

  test.each([
    ["behind", -hourMs],
    ["ahead", hourMs],
  ])(
    "%s, in tvk and in the program: the whole chain runs",
    // Services get nothing of NODE_OPTIONS: tenant and helpdesk stay with the real time.
    (_, off) => wholeChain(clockOff(off)),
    minutesMs,
  );

  test.each([
    ["the tenant's ahead and the helpdesk's behind", hourMs, -hourMs],
    ["the tenant's behind and the helpdesk's ahead", -hourMs, hourMs],
  ])(
    "%s: the whole chain runs, and the stack sees no change",
    async (_, tenantOff, helpdeskOff) => {
      const tenant = await withClock(project, "tenant", clockOff(tenantOff));
      const helpdesk = await withClock(project, "dev-helpdesk", clockOff(helpdeskOff));
      const logout = await project.tvk(["logout", "--local"]);
      expect(logout.exitCode, logout.text).toBe(0);
      await wholeChain();
      const again = await project.tvk(["up", "--", "--refresh", "--expect-no-changes"]);
      expect(again.exitCode, again.text).toBe(0);
      // They were adopted, and their clocks were the ones that counted.
      expect([pidOf(project, "tenant"), pidOf(project, "dev-helpdesk")]).toEqual([
        tenant,
        helpdesk,
      ]);
    },
    minutesMs,
  );
});

suite.runIf(process.platform === "linux")("a clock that is set in the middle of a run", () => {
  let bench: KillBench;
  let createClient: number;
  beforeAll(async () => {
    bench = await killBench();
    await bench.count();
    createClient = bench.proxy.seen.indexOf("POST /api/v2/clients") + 1;
  }, minutesMs);
  afterAll(() => bench?.close());

  test.each([
    ["back", -hourMs],
    ["forward", hourMs],
  ])(
    "an hour %s, in tvk, its program and the tenant: the run ends right, and a second up is a no-op",
    async (_, off) => {
      await bench.reset();
      const set = join(bench.project.dir, "clock-is-set");
      onTestFinished(() => rmSync(set, { force: true }));
      const env = clockOff(off, set);
      await withClock(bench.project, "tenant", env);
      const there = bench.proxy.stopAt(createClient, "applied");
      const run = bench.start(["up"], env);
      await Promise.race([there, run.ended.then(({ text }) => Promise.reject(new Error(text)))]);
      writeFileSync(set, "");
      // One that comes now sees a lock from a time that is not yet, or long gone, and its holder lives.
      const second = bench.start(["up", "--", "--expect-no-changes"], env);
      await second.says(new RegExp(`Waiting for process ${run.pid} `));
      bench.proxy.release("pass");
      for (const { exitCode, text } of await Promise.all([run.ended, second.ended])) {
        expect(exitCode, text).toBe(0);
      }
      expect(await bench.problems()).toEqual([]);
    },
    minutesMs,
  );
});
