import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type Kill, type KillBench, killBench } from "./kill-bench.ts";

let bench: KillBench;
let requests: string[];

beforeAll(async () => {
  bench = await killBench();
  await bench.count();
  requests = [...bench.proxy.seen];
}, 300_000);
afterAll(() => bench?.close());

/** Which request of a first `up` is the first of these. */
function numberOf(request: string): number {
  const index = requests.indexOf(request);
  if (index < 0) throw new Error(`no ${request} among ${requests.join(", ")}`);
  return index + 1;
}

// All points are in test/long/; Linux only, where a process can be found by its environment.
suite.runIf(process.platform === "linux")("kill -9 in a first up (a sample)", () => {
  test.each<[Kill["victim"], string, Kill["point"]]>([
    ["engine", "POST /api/v2/clients", "applied"],
    ["engine", "POST /api/v2/connections", "applied"],
    ["auth0 plugin", "POST /api/v2/clients", "applied"],
    ["tvk", "POST /api/v2/client-grants", "before"],
  ])(
    "of the %s with %s %s: the next up puts all right, and makes nothing twice",
    async (victim, request, point) => {
      const outcome = await bench.kill({ victim, request: numberOf(request), point });
      expect(outcome.problems).toEqual([]);
      expect(outcome.killed).toBe(true);
    },
    120_000,
  );
});
