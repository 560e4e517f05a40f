/** @module What a stack costs: requests and wall time of its first up, a no-op, one changed scope and destroy: `npm run bench:up`. */
import { rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { type ProjectFolder, projectFolder } from "../test/e2e/project-folder.ts";
import { type StoppingProxy, stoppingProxy } from "../test/e2e/stopping-proxy.ts";

/** Rounds of each step, the stack and the empty program one after the other, so that both meet the same machine. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
/** Above this load the times say more about the neighbours than about us. */
const QUIET_LOAD = 4;

const changed = { scopes: ["openid", "profile", "read:tickets"] };
const engine = ["--yes", "--skip-preview", "--non-interactive"];
const steps = {
  "first up": ["up", ...engine],
  "no-op": ["up", ...engine, "--expect-no-changes"],
  "one changed scope": ["up", ...engine],
  destroy: ["destroy", ...engine],
} as const;
type Step = keyof typeof steps;

interface Measured {
  readonly requests: string[];
  readonly stackMs: number[];
  readonly emptyMs: number[];
}

const loaded = (loadavg()[0] ?? 0) >= QUIET_LOAD;
const rounds = loaded ? 1 : ROUNDS;
const [stack, empty] = [await projectFolder(), await projectFolder()];
try {
  rmSync(join(empty.dir, "index.ts"));
  writeFileSync(join(empty.dir, "index.ts"), "export {};\n");
  await Promise.all([stack.tvk(["tenant", "start"]), empty.tvk(["tenant", "start"])]);
  const proxy = await stoppingProxy(join(stack.dir, ".tvk/tenant"));
  const table = await measure(stack, empty, proxy);
  await proxy.close();
  print(table);
} finally {
  await Promise.all([stack.remove(), empty.remove()]);
}

async function measure(full: ProjectFolder, none: ProjectFolder, proxy: StoppingProxy) {
  const table = new Map<Step, Measured>();
  for (let round = 0; round < rounds; round++) {
    full.configure("dev");
    for (const step of Object.keys(steps) as Step[]) {
      if (step === "one changed scope") full.configure("dev", changed);
      const seen = table.get(step) ?? { requests: [], stackMs: [], emptyMs: [] };
      void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
      seen.stackMs.push(await timed(full, step, proxy.env));
      seen.requests.splice(0, seen.requests.length, ...proxy.seen);
      seen.emptyMs.push(await timed(none, step, {}));
      table.set(step, seen);
    }
  }
  return table;
}

async function timed(
  project: ProjectFolder,
  step: Step,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const start = performance.now();
  const { exitCode, text } = await project.tvk(["pulumi", "--", ...steps[step]], { env });
  if (exitCode !== 0) throw new Error(`${step} ended with ${exitCode}:\n${text}`);
  return performance.now() - start;
}

function print(table: ReadonlyMap<Step, Measured>): void {
  console.log(`Node ${process.version}, ${rounds} rounds, load ${loadavg()[0]?.toFixed(1)}`);
  if (loaded) console.log("The machine is busy: requests only. Times need a quiet one.");
  for (const [step, { requests, stackMs, emptyMs }] of table) {
    const tokens = requests.filter((each) => each.endsWith("/oauth/token")).length;
    const times = loaded ? "" : `, ${median(stackMs)} ms, an empty program ${median(emptyMs)} ms`;
    console.log(
      `${step}: ${requests.length - tokens} Management calls, ${tokens} token requests${times}`,
    );
    for (const [method, count] of counted(requests)) console.log(`    ${method} ${count}`);
  }
}

function counted(requests: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const each of requests) {
    const [method = "", path] = each.split(" ");
    if (path === "/oauth/token") continue;
    counts.set(method, (counts.get(method) ?? 0) + 1);
  }
  return [...counts];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
