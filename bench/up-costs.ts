/**
 * @module What a stack costs: requests and wall time of its first up, a no-op, one changed scope and destroy,
 * beside an empty program and auth0-deploy-cli: `npm run bench:up`.
 */
import { rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { type ProjectFolder, projectFolder } from "../test/e2e/project-folder.ts";
import { type StoppingProxy, stoppingProxy } from "../test/e2e/stopping-proxy.ts";
import { deployCli, type Imported } from "./deploy-cli.ts";

/** Rounds of each step; the stack and the empty program take turns, so that both meet the same machine. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
/** Numbers of connections. */
const SIZES = (process.env["SIZES"] ?? "1 10 100").split(" ").map(Number);

const engine = ["--yes", "--skip-preview", "--non-interactive"];
const steps = {
  "first up": ["up", ...engine],
  "no-op": ["up", ...engine, "--expect-no-changes"],
  "one changed scope": ["up", ...engine],
  destroy: ["destroy", ...engine],
} as const;
type Step = keyof typeof steps;
const before = ["openid", "profile"];
const after = ["openid", "profile", "read:tickets"];

interface Measured {
  requests: readonly string[];
  readonly ms: number[];
  readonly emptyMs: number[];
}

/** A project with a program in the place of the kit's own: a link to that leads back to the repository. */
async function projectWith(program: string | undefined): Promise<ProjectFolder> {
  const project = await projectFolder();
  if (program !== undefined) {
    rmSync(join(project.dir, "program.mjs"));
    writeFileSync(join(project.dir, "program.mjs"), program);
  }
  const started = await project.tvk(["tenant", "start"]);
  if (started.exitCode !== 0) throw new Error(started.text);
  return project;
}

async function measure(
  full: ProjectFolder,
  none: ProjectFolder,
  proxy: StoppingProxy,
  connections: number | undefined,
): Promise<Map<Step, Measured>> {
  const table = new Map<Step, Measured>();
  for (let round = 0; round < (connections === 100 ? 1 : ROUNDS); round++) {
    for (const step of Object.keys(steps) as Step[]) {
      const scopes = step === "one changed scope" ? after : before;
      full.configure("dev", { scopes });
      const seen = table.get(step) ?? { requests: [], ms: [], emptyMs: [] };
      void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
      const env = { CONNECTIONS: String(connections), SCOPES: scopes.join(" "), ...proxy.env };
      seen.ms.push(await timed(full, step, env));
      seen.requests = [...proxy.seen];
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

async function stackCosts(title: string, connections: number | undefined): Promise<void> {
  const program = new URL("./connections-program.ts", import.meta.url).href;
  const [full, none] = [
    await projectWith(connections === undefined ? undefined : `export * from "${program}";\n`),
    await projectWith("export {};\n"),
  ];
  const proxy = await stoppingProxy(join(full.dir, ".tvk/tenant"));
  try {
    console.log(`\n${title}`);
    for (const [step, { requests, ms, emptyMs }] of await measure(full, none, proxy, connections))
      console.log(
        `  ${step}: ${counted(requests)}, ${median(ms)} ms; an empty program ${median(emptyMs)} ms`,
      );
  } finally {
    await proxy.close();
    await Promise.all([full.remove(), none.remove()]);
  }
}

async function deployCliCosts(connections: number): Promise<void> {
  const other = await deployCli();
  const told = (step: string, { requests, ms }: Imported) =>
    console.log(`  ${step}: ${counted(requests)}, ${Math.round(ms)} ms`);
  try {
    console.log(`\nauth0-deploy-cli import, ${connections} connections`);
    told("first import", await other.import(connections, before));
    told("the same again", await other.import(connections, before));
    told("one changed scope", await other.import(connections, after));
  } finally {
    await other.close();
  }
}

function counted(requests: readonly string[]): string {
  const tokens = requests.filter((each) => each.endsWith("/oauth/token")).length;
  const methods = new Map<string, number>();
  for (const each of requests) {
    const [method = "", path] = each.split(" ");
    if (path !== "/oauth/token") methods.set(method, (methods.get(method) ?? 0) + 1);
  }
  const each = [...methods].map(([method, count]) => `${method} ${count}`).join(", ");
  return `${requests.length - tokens} Management calls${each === "" ? "" : ` (${each})`}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

const load = () => loadavg()[0]?.toFixed(1);
console.log(`Node ${process.version}, ${ROUNDS} rounds (100 connections: 1), load ${load()}`);
await stackCosts("The kit's own stack", undefined);
for (const size of SIZES) {
  await stackCosts(`${size} connections`, size);
  await deployCliCosts(size);
}
console.log(`\nload at the end ${load()}`);
