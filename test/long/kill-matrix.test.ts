/**
 * kill -9 of every process at every request of a first `up`. Takes hours.
 *
 * TVK_KILL=engine,tvk takes these victims only; TVK_KILL_POINTS=applied these points only,
 * TVK_KILL_EVERY=4 every fourth request only.
 */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type KillBench, killBench, victimNames } from "../e2e/kill-bench.ts";
import { points } from "../e2e/stopping-proxy.ts";

const hourMs = 3_600_000;
const every = Number(process.env["TVK_KILL_EVERY"] ?? 1);
let bench: KillBench;
let requests: number;

beforeAll(async () => {
  bench = await killBench();
  requests = await bench.count();
}, 600_000);
afterAll(() => bench?.close());

/** Those that the environment names, or all. */
function chosen<const Name extends string>(variable: string, all: readonly Name[]): Name[] {
  const wanted = process.env[variable]?.split(",");
  return all.filter((name) => wanted === undefined || wanted.includes(name));
}

for (const victim of chosen("TVK_KILL", victimNames())) {
  suite.runIf(process.platform === "linux")(`kill -9 of the ${victim} (found by /proc)`, () => {
    test.each(chosen("TVK_KILL_POINTS", points))(
      "%s each request of a first up: the next up puts all right, and makes nothing twice",
      async (point) => {
        const findings: string[] = [];
        let killed = 0;
        for (let request = 1; request <= requests; request += every) {
          const outcome = await bench.kill({ victim, request, point });
          if (outcome.killed) killed += 1;
          const where = `${victim} ${point} ${request}. ${outcome.request ?? "(over)"}`;
          const said = outcome.problems.join("; ") || (outcome.killed ? "ok" : "not running then");
          process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${where}: ${said}\n`);
          findings.push(...outcome.problems.map((problem) => `${where}: ${problem}`));
        }
        expect(findings).toEqual([]);
        expect(killed, "it ran at some of the points").toBeGreaterThan(0);
      },
      6 * hourMs,
    );
  });
}
