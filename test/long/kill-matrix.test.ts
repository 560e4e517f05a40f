/**
 * kill -9 of every process at every request of a first `up`. Takes hours. `tvk`, the language host and the program
 * are killed in runs of a `tvk` of their own, the others where `tvk` stays in one process (test/standing/).
 *
 * TVK_KILL=engine,tvk takes these victims only; TVK_KILL_POINTS=applied these points only,
 * TVK_KILL_EVERY=4 every fourth request only.
 */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  type Form,
  type KillBench,
  killBench,
  type Victim,
  victimNames,
} from "../e2e/kill-bench.ts";
import { points } from "../e2e/stopping-proxy.ts";

const hourMs = 3_600_000;
const every = Number(process.env["TVK_KILL_EVERY"] ?? 1);
const wholeOnly: readonly Victim[] = ["tvk", "language host", "program"];
const formOf = (victim: Victim): Form => (wholeOnly.includes(victim) ? "whole" : "standing");
const benches = new Map<Form, { readonly bench: KillBench; readonly requests: number }>();

beforeAll(async () => {
  for (const form of new Set(chosen("TVK_KILL", victimNames()).map(formOf))) {
    const bench = await killBench(form);
    benches.set(form, { bench, requests: await bench.count() });
  }
}, 600_000);
afterAll(() => Promise.all([...benches.values()].map(({ bench }) => bench.close())));

/** Those that the environment names, or all. */
function chosen<const Name extends string>(variable: string, all: readonly Name[]): Name[] {
  const wanted = process.env[variable]?.split(",");
  return all.filter((name) => wanted === undefined || wanted.includes(name));
}

function benchFor(victim: Victim) {
  const found = benches.get(formOf(victim));
  if (found === undefined) throw new Error(`no bench for the ${victim}`);
  return found;
}

for (const victim of chosen("TVK_KILL", victimNames())) {
  suite.runIf(process.platform === "linux")(`kill -9 of the ${victim} (found by /proc)`, () => {
    test.each(chosen("TVK_KILL_POINTS", points))(
      "%s each request of a first up: the next up puts all right, and makes nothing twice",
      async (point) => {
        const { bench, requests } = benchFor(victim);
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
