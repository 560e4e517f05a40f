/** @module A plugin that is killed in a create, and a next program that does not want what was made. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type KillBench, killBench, killNow } from "./kill-bench.ts";

let bench: KillBench;

beforeAll(async () => {
  bench = await killBench();
}, 120_000);
afterAll(() => bench?.close());

const helpdesk = { mode: "process" };
const github = { strategy: "github", clientId: "a", scopes: ["read:user"] };

function withGitHub(): void {
  const secret = { githubClientSecret: "not-used" };
  bench.project.configure("dev", { helpdesk, builtInConnections: [github], ...secret });
}

/** The strategies of the connections that the stack made. */
async function strategies(): Promise<string[]> {
  const all = (await bench.project.management("GET", "/connections")) as {
    strategy: string;
    metadata?: Record<string, string>;
  }[];
  return all
    .filter(({ metadata }) => metadata?.["tvk_urn"] !== undefined)
    .map(({ strategy }) => strategy)
    .sort();
}

/** kill -9 of the plugin when GitHub's connection is made, and its answer not heard: no state has it. */
async function killed(): Promise<void> {
  for (let request = 1; request < 20; request++) {
    await bench.reset();
    withGitHub();
    const there = bench.proxy.stopAt(request, "applied").then(() => true);
    const up = bench.start(["up"]);
    const stopped = await Promise.race([there, up.ended.then(() => false)]);
    const isIt = (await strategies()).includes("github");
    const pid = stopped && isIt ? bench.pidOf("auth0 plugin") : undefined;
    if (pid !== undefined) await killNow(pid);
    bench.proxy.release(pid === undefined ? "pass" : "drop");
    await up.ended;
    if (pid !== undefined) return;
  }
  throw new Error("the up never made GitHub's connection");
}

suite.runIf(process.platform === "linux")(
  "what a killed plugin made and nobody wants any more",
  () => {
    test("is removed by the next up that succeeds", async () => {
      await killed();
      bench.project.configure("dev", { helpdesk });
      const { exitCode, text } = await bench.run(["up"]);
      expect(exitCode, text).toBe(0);
      expect(text).toContain('Removed what a killed run had left: connection "github"');
      expect(await strategies()).toEqual(["oauth2"]);
      expect(await bench.problems()).toEqual([]);
      const again = await bench.run(["up", "--", "--expect-no-changes"]);
      expect(again.text).not.toContain("Removed");
    }, 300_000);
  },
);
