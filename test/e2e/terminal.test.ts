/** `tvk up` on a real terminal: Ctrl-C once and twice, SIGTERM, and a terminal or pipe that closes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { type KillBench, killBench } from "./kill-bench.ts";
import { onTerminal, type Terminal } from "./terminal.ts";

let bench: KillBench;
/** Which request of a first up creates the client. */
let createClient: number;

beforeAll(async () => {
  bench = await killBench();
  await bench.count();
  createClient = bench.proxy.seen.indexOf("POST /api/v2/clients") + 1;
}, 300_000);
afterAll(() => bench?.close());

/** What the engine says to the first signal. */
const cancelling = /\^C received; cancelling/;

const backend = () => join(bench.project.dir, ".tvk/stacks/dev/backend/.pulumi");

function locks(): string[] {
  const folder = join(backend(), "locks");
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
  return names.filter((name) => name.endsWith(".json"));
}

function state(): { pending: unknown[]; names: string[] } {
  const file = join(backend(), "stacks/token-vault-kit/dev.json");
  const { latest } = JSON.parse(readFileSync(file, "utf8")).checkpoint;
  return {
    pending: latest.pending_operations ?? [],
    names: (latest.resources ?? []).map(({ urn }: { urn: string }) => urn.split("::").at(-1)),
  };
}

/** A first up, unasked, stopped where the tenant has made the client and nobody has heard of it. */
async function upInCreate(): Promise<Terminal> {
  const there = bench.proxy.stopAt(createClient, "applied");
  const words = [process.execPath, "cli/tvk.mjs", "up", "--yes"];
  const config = join(bench.project.dir, "config");
  const env = { CI: "true", TVK_CONFIG_DIR: config, ...bench.proxy.env };
  const run = onTerminal(words, { cwd: bench.project.dir, env });
  const over = run.ended.then(() => Promise.reject(new Error(`it ended before:\n${run.text}`)));
  over.catch(() => {});
  await Promise.race([there, over]);
  return run;
}

/** Waits for tvk and its engine to be gone: a terminal that has closed tells nobody. */
async function gone(pid: number): Promise<void> {
  await expect.poll(() => processStart(pid), { timeout: 30_000 }).toBeUndefined();
  await expect.poll(() => bench.pidOf("engine"), { timeout: 30_000 }).toBeUndefined();
}

async function convergesNow(): Promise<void> {
  const next = await bench.start(["up"]).ended;
  expect(next.exitCode, next.text).toBe(0);
  expect(await bench.problems()).toEqual([]);
}

suite.runIf(process.platform === "linux")("tvk up on a terminal, in the middle of a create", () => {
  beforeEach(() => bench.reset());

  test("Ctrl-C once: the request is finished and written down, no lock is left, exit is not 0", async () => {
    const run = await upInCreate();
    run.type("\x03");
    await run.until(cancelling);
    bench.proxy.release("pass");
    expect(await run.ended).not.toBe(0);
    expect(locks()).toEqual([]);
    expect(state().pending).toEqual([]);
    expect(state().names).toContain("agent-client");
    expect(run.text).not.toMatch(/\n\s+at /);
    await convergesNow();
  }, 120_000);

  test("Ctrl-C twice: it ends at once, and the next up finds what was made", async () => {
    const run = await upInCreate();
    run.type("\x03");
    await run.until(cancelling);
    run.type("\x03");
    const ended = await Promise.race([run.ended, sleep(30_000, "it runs on")]);
    bench.proxy.release("pass");
    expect(ended).toBeGreaterThan(0);
    await convergesNow();
  }, 120_000);

  test("SIGTERM is as Ctrl-C", async () => {
    const run = await upInCreate();
    process.kill(await run.pid(), "SIGTERM");
    await run.until(cancelling);
    bench.proxy.release("pass");
    expect(await run.ended).not.toBe(0);
    expect(locks()).toEqual([]);
    expect(state().pending).toEqual([]);
    expect(state().names).toContain("agent-client");
    await convergesNow();
  }, 120_000);

  test("a terminal that closes: the engine finishes by itself, and the state is whole", async () => {
    const run = await upInCreate();
    const pid = await run.pid();
    run.hangUp();
    await sleep(500);
    bench.proxy.release("pass");
    await gone(pid);
    expect(locks()).toEqual([]);
    expect(state().pending).toEqual([]);
    expect(state().names).toContain("agent-client");
    await convergesNow();
  }, 120_000);

  test("a pipe that closes behind it (`tvk up | head -1` typed at a prompt): it goes on to the end", async () => {
    void bench.proxy.stopAt(Number.POSITIVE_INFINITY, "before");
    const command = `"${process.execPath}" cli/tvk.mjs up --yes | head -1; echo "piped"`;
    const config = join(bench.project.dir, "config");
    const run = onTerminal(["sh", "-c", command], {
      cwd: bench.project.dir,
      env: { CI: "true", TVK_CONFIG_DIR: config, ...bench.proxy.env },
    });
    const pid = await run.pid();
    await run.until(/piped/);
    expect(await run.ended, run.text).toBe(0);
    await gone(pid);
    expect(locks()).toEqual([]);
    expect(state().names).toContain("agent-helpdesk");
    expect(await bench.problems()).toEqual([]);
  }, 120_000);
});
