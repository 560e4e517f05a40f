/**
 * @module What the command line takes to start, from the packed build: `tvk --version` beside `node -e 0`,
 * and a warm `tvk fetch` beside a script that does one fetch.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { interval, line } from "./statistics.ts";
import { startWorld } from "./world.ts";

/** Runs of each, one after the other in turn, so that all meet the same machine. */
const RUNS = Number(process.env["RUNS"] ?? 60);
const WARM_UP_RUNS = 5;

const folder = mkdtempSync(join(tmpdir(), "tvk-bench-"));
const world = await startWorld();
try {
  const main = resolve(import.meta.dirname, "../pack/main.ts");
  execFileSync(process.execPath, [main, folder], { stdio: "ignore" });
  const tvk = join(folder, "package/cli/tvk.js");
  const env = { ...process.env, TVK_CONFIG_DIR: world.configDir };
  const url = `${world.apiUrl}/tickets/42`;
  const fetchOnce = join(folder, "fetch-once.mjs");
  writeFileSync(
    fetchOnce,
    `const [url, authorization] = process.argv.slice(2);
    const response = await fetch(url, { headers: { authorization } });
    process.stdout.write(await response.text());`,
  );
  // A 401 costs the same: what is measured is the way there and back.
  const bare = [fetchOnce, url, "Bearer none"];
  const warm = [tvk, "fetch", world.connection, url];
  const { status, stderr } = spawnSync(process.execPath, warm, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`tvk fetch ended with ${status}: ${stderr}`);

  console.log(`Node ${process.version}, ${RUNS} runs of each, in turn`);
  const added = compared(["-e", "0"], [tvk, "--version"], env);
  const start = { unit: " ms", atMost: 15 };
  console.log(line("\nnode -e 0", interval(added.without), { unit: " ms" }));
  console.log(line("tvk --version adds", interval(added.differences), start));
  const fetched = compared(bare, warm, env);
  console.log(line("\na bare script with one fetch", interval(fetched.without), { unit: " ms" }));
  const ratio = { digits: 2, unit: " times that", atMost: 1.3 };
  console.log(line("tvk fetch, warm, takes", interval(fetched.ratios), ratio));
} finally {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Wall time in milliseconds of runs that stand side by side. */
function compared(bare: string[], tvk: string[], env: NodeJS.ProcessEnv) {
  const ran = (args: string[]) => {
    const began = performance.now();
    spawnSync(process.execPath, args, { env, stdio: "ignore" });
    return performance.now() - began;
  };
  const without: number[] = [];
  const differences: number[] = [];
  const ratios: number[] = [];
  for (let count = -WARM_UP_RUNS; count < RUNS; count++) {
    // The one that goes first changes from run to run.
    const first = count % 2 === 0;
    const a = ran(first ? bare : tvk);
    const b = ran(first ? tvk : bare);
    if (count < 0) continue;
    const [its, ours] = first ? [a, b] : [b, a];
    without.push(its);
    differences.push(ours - its);
    ratios.push(ours / its);
  }
  return { without, differences, ratios };
}
