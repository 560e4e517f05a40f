/** @module An update of the helpdesk's process that was killed after it had reached the process, and is not wanted any more. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { freePorts } from "../free-ports.ts";
import { type KillBench, killBench, killNow } from "./kill-bench.ts";

let bench: KillBench;
let ports: readonly number[];

beforeAll(async () => {
  bench = await killBench();
  ports = [bench.project.helpdeskPort, ...(await freePorts(1))];
}, 120_000);
afterAll(() => bench?.close());

function configure(port: number | undefined): void {
  bench.project.configure("dev", { helpdesk: { mode: "process", port } });
}

/** Where the helpdesk runs, as the supervisor has it. */
function recorded(): string {
  return JSON.parse(
    readFileSync(join(bench.project.dir, ".tvk/services/dev-helpdesk.json"), "utf8"),
  ).url;
}

async function up(...flags: string[]): Promise<string> {
  const { exitCode, text } = await bench.run(["up", "--", ...flags]);
  expect(exitCode, text).toBe(0);
  return text;
}

suite.runIf(process.platform === "linux")(
  "a helpdesk at another port than the state has it",
  () => {
    test("is brought back by the next up", async () => {
      await bench.reset();
      configure(ports[0]);
      await up();
      expect(recorded()).toBe(`http://localhost:${ports[0]}`);
      configure(ports[1]);
      void bench.proxy.stopAt(Number.POSITIVE_INFINITY, "before");
      const killed = bench.start(["up"]);
      // It is written down when the process has been started, and before that process answers.
      await expect.poll(recorded, { interval: 5 }).toBe(`http://localhost:${ports[1]}`);
      await killNow(bench.pidOf("engine") ?? 0);
      await killed.ended;
      configure(ports[0]);
      await up();
      const { ok } = await fetch(`http://localhost:${ports[0]}/health`);
      expect(ok).toBe(true);
      expect(recorded()).toBe(`http://localhost:${ports[0]}`);
      await up("--expect-no-changes");
    }, 180_000);
  },
);
