/** Signals, closed pipes and company: how a run of `tvk` ends, and how the next begins. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { allProcesses, isEngine, startedWith } from "../../engine/recovery/process-table.ts";
import { type KillBench, killBench } from "./kill-bench.ts";

let bench: KillBench;
/** Which request of a first up creates the client. */
let createClient: number;
let dir: string;

beforeAll(async () => {
  bench = await killBench();
  dir = bench.project.dir;
  await bench.count();
  createClient = bench.proxy.seen.indexOf("POST /api/v2/clients") + 1;
}, 300_000);
afterAll(() => bench?.close());

/** What the engine says to the first signal. */
const cancelling = /\^C received; cancelling/;

const backend = () => join(dir, ".tvk/stacks/dev/backend/.pulumi");

function locks(): string[] {
  const folder = join(backend(), "locks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".json"));
}

function state(): { pending: unknown[]; names: string[] } {
  const file = join(backend(), "stacks/token-vault-kit/dev.json");
  const { latest } = JSON.parse(readFileSync(file, "utf8")).checkpoint;
  return {
    pending: latest.pending_operations ?? [],
    names: (latest.resources ?? []).map(({ urn }: { urn: string }) => urn.split("::").at(-1)),
  };
}

function engines(): number[] {
  const home = join(dir, ".tvk/stacks/dev/home");
  return allProcesses()
    .filter((each) => isEngine(each) && startedWith(each.pid, "PULUMI_HOME") === home)
    .map(({ pid }) => pid);
}

/** A first up, stopped where the tenant has made the client and nobody has heard of it. */
async function upInCreate() {
  await bench.reset();
  const there = bench.proxy.stopAt(createClient, "applied");
  const run = bench.start(["up"]);
  await Promise.race([
    there,
    run.ended.then(({ text }) => Promise.reject(new Error(`it ended before:\n${text}`))),
  ]);
  return run;
}

async function convergesNow(): Promise<void> {
  const next = await bench.start(["up"]).ended;
  expect(next.exitCode, next.text).toBe(0);
  expect(await bench.problems()).toEqual([]);
}

suite.runIf(process.platform === "linux")("tvk up, interrupted", () => {
  beforeEach(() => bench.reset());

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s once finishes its request, writes it down and leaves no lock",
    async (signal) => {
      const run = await upInCreate();
      process.kill(run.pid, signal);
      await run.says(cancelling);
      bench.proxy.release("pass");
      const { exitCode } = await run.ended;
      expect(exitCode).not.toBe(0);
      expect(locks()).toEqual([]);
      expect(state().pending).toEqual([]);
      expect(state().names).toContain("agent-client");
      await convergesNow();
    },
    120_000,
  );

  test("by SIGINT twice ends at once, and the next up finds what was made", async () => {
    const run = await upInCreate();
    process.kill(run.pid, "SIGINT");
    await run.says(cancelling);
    process.kill(run.pid, "SIGINT");
    const ended = await Promise.race([run.ended, sleep(30_000, undefined)]);
    bench.proxy.release("pass");
    expect(ended?.exitCode).toBeGreaterThan(0);
    await convergesNow();
  }, 120_000);

  test("by a reader that goes (`tvk up | head -1`) goes on to the end", async () => {
    const command = `"${process.execPath}" cli/tvk.mjs up | head -1`;
    const { exitCode, text } = await bench.project.run("sh", ["-c", command]);
    expect(exitCode, text).toBe(0);
    while (engines().length > 0) await sleep(100);
    expect(locks()).toEqual([]);
    expect(state().pending).toEqual([]);
    expect(state().names).toContain("agent-helpdesk");
    expect(await bench.problems()).toEqual([]);
  }, 120_000);
});

suite.runIf(process.platform === "linux")("tvk up and its neighbours", () => {
  test("two at once: the second waits for the first, naming it, and finds nothing to do", async () => {
    const first = await upInCreate();
    const second = bench.start(["up"]);
    await second.says(/Waiting for /);
    bench.proxy.release("pass");
    const [one, two] = await Promise.all([first.ended, second.ended]);
    expect([one.exitCode, two.exitCode], one.text + two.text).toEqual([0, 0]);
    expect(two.stderr).toContain(`Waiting for process ${first.pid} on `);
    expect(two.stdout).toMatch(/Resources:\s+\d+ unchanged/);
    expect(await bench.problems()).toEqual([]);
  }, 120_000);

  test("a plain pulumi that holds the stack is waited for, and named", async () => {
    const shell = await bench.project.tvk(["shell"]);
    writeFileSync(join(dir, "shell.env"), shell.stdout);
    await bench.reset();
    await bench.project.tvk(["shell"]);
    const there = bench.proxy.stopAt(createClient, "applied");
    const script = ". ./shell.env; exec pulumi up --yes --skip-preview --non-interactive";
    const plain = spawn("sh", ["-c", script], {
      cwd: dir,
      env: { ...process.env, ...bench.proxy.env },
      stdio: "ignore",
    });
    const plainEnded = new Promise<number | null>((settle) => plain.on("exit", settle));
    await there;
    const second = bench.start(["up"]);
    await second.says(/Waiting for /);
    bench.proxy.release("pass");
    expect(await plainEnded).toBe(0);
    const { exitCode, stderr, text } = await second.ended;
    expect(exitCode, text).toBe(0);
    expect(stderr).toContain(`Waiting for process ${plain.pid} of `);
  }, 120_000);
});

suite.runIf(process.platform === "linux")("what a killed run left", () => {
  test.each(["engine", "auth0 plugin"] as const)(
    "after kill -9 of the %s in a create, destroy removes that object too",
    async (victim) => {
      const run = await upInCreate();
      const pid = bench.pidOf(victim);
      if (pid === undefined) throw new Error(`no ${victim}`);
      process.kill(pid, "SIGKILL");
      bench.proxy.release("drop");
      await run.ended;
      const { exitCode, text } = await bench.project.tvk(["destroy"]);
      expect(exitCode, text).toBe(0);
      expect(text).toContain('client "Token Vault agent"');
      const clients = (await bench.project.management("GET", "/clients")) as { name: string }[];
      expect(clients.map(({ name }) => name)).not.toContain("Token Vault agent");
      await expect(
        fetch(`http://localhost:${bench.project.helpdeskPort}/health`),
      ).rejects.toThrow();
    },
    120_000,
  );

  test("an attribute file that a kill has torn (pulumi: failed to load checkpoint: EOF) is no hindrance", async () => {
    await bench.start(["up"]).ended;
    const torn = join(backend(), "stacks/token-vault-kit/dev.json.attrs");
    const old = new Date(Date.now() - 5_000);
    writeFileSync(torn, "");
    utimesSync(torn, old, old);
    const plain = await bench.project.tvk(["pulumi", "--", "stack", "export"]);
    expect(plain.text).toContain("failed to load checkpoint: EOF");
    await convergesNow();
  }, 120_000);

  test("a state that a full disk has truncated is restored, and the next up makes nothing twice", async () => {
    await bench.reset();
    // The copy is of the time before the first up: all that it made has to be found again.
    const up = await bench.start(["up"]).ended;
    expect(up.exitCode, up.text).toBe(0);
    for (const name of readdirSync(join(backend(), "stacks/token-vault-kit"))) {
      if (!name.endsWith(".attrs")) {
        writeFileSync(join(backend(), "stacks/token-vault-kit", name), '{"version":3,"check');
      }
    }
    for (const name of readdirSync(join(backend(), "history"), { recursive: true }).map(String)) {
      if (name.endsWith(".json")) writeFileSync(join(backend(), "history", name), "");
    }
    const next = await bench.start(["up"]).ended;
    expect(next.exitCode, next.text).toBe(0);
    expect(next.stderr.match(/The state of "dev" was damaged/g)).toHaveLength(1);
    expect(await bench.problems()).toEqual([]);
  }, 120_000);
});
