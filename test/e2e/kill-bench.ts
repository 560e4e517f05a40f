/** One kill of one process at one point of a first `tvk up`, and whether the next run puts everything right. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startLocalTenant } from "../../cli/tenant/local-tenant.ts";
import {
  allProcesses,
  isEngine,
  type Process,
  startedWith,
} from "../../engine/recovery/process-table.ts";
import { processStart } from "../../locks/process-start.ts";
import { supervisor } from "../../services/supervisor.ts";
import { type StandingTvk, standingTvk } from "../standing/standing-tvk.ts";
import { type ProjectFolder, projectFolder, type RunResult } from "./project-folder.ts";
import { type Point, type StoppingProxy, stoppingProxy } from "./stopping-proxy.ts";

/** Whom to kill. The engine is the Pulumi CLI. */
export type Victim = keyof typeof victims;

export interface Kill {
  readonly victim: Victim;
  /** Which request of the run, from 1. */
  readonly request: number;
  readonly point: Point;
}

export interface Outcome {
  /** `METHOD PATH` of the request. Undefined: the run was over before. */
  readonly request: string | undefined;
  /** False where the victim did not run at that point. */
  readonly killed: boolean;
  /** What is wrong afterwards; empty when all is well. */
  readonly problems: readonly string[];
  /** The run after the kill. */
  readonly next: RunResult | undefined;
}

/**
 * `whole`: each run is a `tvk` of its own. `standing`: `tvk` and the program stay in one process, so that a run
 * takes a quarter of the time; `tvk`, language host and program are no victims then (test/standing/).
 */
export type Form = "whole" | "standing";

export interface KillBench {
  readonly project: ProjectFolder;
  readonly proxy: StoppingProxy;
  /** A first `up` from nothing, the kill, then the next `up` and a look at everything. */
  kill(kill: Kill): Promise<Outcome>;
  /** Runs a first `up` from nothing to its end and counts its requests. */
  count(): Promise<number>;
  /** Takes away all that the stack made. */
  reset(): Promise<void>;
  /** What is in the tenant and in the state, beyond one of each. */
  problems(): Promise<string[]>;
  /** The process to kill, where it runs. */
  pidOf(victim: Exclude<Victim, "tvk">): number | undefined;
  /**
   * Starts `tvk` in the project, its requests through the proxy and its plugins processes of their own.
   *
   * @param env More of its environment; not in the standing form.
   */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Started;
  /** Runs `tvk` to its end, its requests through the proxy. */
  run(args: readonly string[]): Promise<RunResult>;
  close(): Promise<void>;
}

export interface Started {
  /** Of `tvk`; not in the standing form, where it is no victim. */
  readonly pid: number;
  readonly ended: Promise<RunResult>;
  /** Waits for the run to say something; not in the standing form. Rejects when it ends before. */
  says(what: RegExp): Promise<void>;
}

/** How long a run may take to come to a point, or to end. */
const runMs = 60_000;
/** How long a victim that is not there yet is waited for: the supervisor lives for a moment only. */
const appearMs = 3_000;

/** How long the output of a run that has ended may be held open, by what it has left. */
const outputMs = 2_000;

/** How long the kernel may take over a kill: the engine's memory takes milliseconds, in which its plugin still has it. */
const killMs = 2_000;

/** kill -9, settled when the process is gone. @returns False where it had ended by itself. */
export async function killNow(pid: number): Promise<boolean> {
  const start = processStart(pid);
  if (start === undefined || !signalled(pid)) return false;
  const deadline = Date.now() + killMs;
  while (processStart(pid) === start && Date.now() < deadline) await sleep(2);
  return true;
}

function signalled(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Every victim. */
export const victimNames = () => Object.keys(victims) as Victim[];

const victims = {
  tvk: () => undefined,
  engine: (dir: string) => find((each) => isEngine(each) && isOf(dir, each)),
  "language host": (dir: string) =>
    find((each) => /pulumi-language-nodejs$/.test(each.words[0] ?? "") && isOf(dir, each)),
  program: (dir: string) =>
    find(({ words, ...each }) => /cmd\/run/.test(words[1] ?? "") && isOf(dir, { words, ...each })),
  "auth0 plugin": (dir: string) => find(({ words }) => inHome(dir, words, "auth0")),
  "command plugin": (dir: string) => find(({ words }) => inHome(dir, words, "command")),
  tenant: (dir: string) => recorded(dir, "tenant"),
  helpdesk: (dir: string) => recorded(dir, "dev-helpdesk"),
  supervisor: (dir: string) =>
    find(({ pid, words }) => /services\/main\.ts$/.test(words[1] ?? "") && cwdOf(pid) === dir),
} satisfies Record<string, (dir: string) => number | undefined>;

/** A project with a tenant that runs, and no stack yet. */
export async function killBench(form: Form = "whole"): Promise<KillBench> {
  const project = await projectFolder();
  const env = { TVK_TENANT_PORT: String(project.tenantPort) };
  const started = await project.tvk(["tenant", "start"], { env });
  if (started.exitCode !== 0) throw new Error(started.text);
  const proxy = await stoppingProxy(join(project.dir, ".tvk/tenant"));
  const standing =
    form === "standing" ? standingTvk(project.dir, environment(project, proxy)) : undefined;
  const bench: KillBench = {
    project,
    proxy,
    start: (args, env) =>
      standing === undefined ? start(project, proxy, args, env) : startStanding(standing, args),
    run: (args) =>
      standing === undefined ? start(project, proxy, args).ended : standing.run(engineArgs(args)),
    reset: () => reset(project),
    problems: () => problems(project),
    pidOf: (victim) => victims[victim](project.dir),
    async count() {
      await reset(project);
      void proxy.stopAt(Number.POSITIVE_INFINITY, "before");
      const { exitCode, text } = await bench.run(["up"]);
      if (exitCode !== 0) throw new Error(text);
      return proxy.seen.length;
    },
    async kill({ victim, request, point }) {
      await reset(project);
      const there = proxy.stopAt(request, point);
      const run = bench.start(["up"]);
      const over = run.ended.then(() => "over" as const);
      const reached = await Promise.race([there, over, sleep(runMs, "late" as const)]);
      const name = proxy.seen[request - 1];
      if (reached !== undefined) {
        proxy.release("pass");
        const { text } = await run.ended;
        const late = reached === "late" ? [`request ${request} did not come:\n${text}`] : [];
        return { request: undefined, killed: false, problems: late, next: undefined };
      }
      const pid = victim === "tvk" ? run.pid : await appear(() => victims[victim](project.dir));
      const killed = pid !== undefined && (await killNow(pid));
      // Dead processes send nothing: what was not on its way stays unsent.
      const sends = ["engine", "auth0 plugin", "tenant"].includes(victim);
      proxy.release(sends && killed ? "drop" : "pass");
      const first = await Promise.race([run.ended, sleep(runMs, undefined)]);
      const wrong: string[] = first === undefined ? ["the killed run did not end"] : [];
      const next = await bench.run(["up"]);
      if (next.exitCode !== 0) wrong.push(`the next up ended with ${next.exitCode}:\n${next.text}`);
      const again = await bench.run(["up", "--", "--expect-no-changes"]);
      if (again.exitCode !== 0) wrong.push(`a second up is no no-op:\n${again.text}`);
      wrong.push(...(await problems(project)));
      return { request: name, killed, problems: wrong, next };
    },
    async close() {
      await standing?.renew();
      await proxy.close();
      await project.remove();
    },
  };
  return bench;
}

function environment(project: ProjectFolder, proxy: StoppingProxy) {
  return { TVK_CONFIG_DIR: join(project.dir, "config"), CI: "true", ...proxy.env };
}

/** The engine's own words for what `tvk` is asked: `up -- FLAGS`, `pulumi -- refresh FLAGS`. */
function engineArgs(args: readonly string[]): string[] {
  const [word = "", ...rest] = args.filter((each) => each !== "--" && each !== "pulumi");
  const asks = word === "up" || word === "destroy" ? ["--yes", "--skip-preview"] : [];
  return [word, ...asks, "--non-interactive", ...rest];
}

function startStanding(standing: StandingTvk, args: readonly string[]): Started {
  const ended = standing.run(engineArgs(args), "started");
  const says = () => Promise.reject(new Error("nobody hears what a standing run says"));
  return {
    get pid(): number {
      throw new Error("a standing run has no process of its own");
    },
    ended,
    says,
  };
}

function start(
  project: ProjectFolder,
  proxy: StoppingProxy,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, [join(project.dir, "cli/tvk.mjs"), ...args], {
    cwd: project.dir,
    env: { ...process.env, ...environment(project, proxy), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "", text: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (piece: string) => {
      texts[name] += piece;
      texts.text += piece;
    });
  }
  let isOver = false;
  const ended = new Promise<RunResult>((settle) => {
    const over = () => {
      isOver = true;
      settle({ exitCode: exitCodeOf(child), ...texts });
    };
    child.on("close", over);
    child.on("exit", () => setTimeout(over, outputMs).unref());
  });
  const says = async (what: RegExp) => {
    for (; !what.test(texts.text); await sleep(20)) {
      if (isOver) throw new Error(`it ended before ${what}:\n${texts.text}`);
    }
  };
  if (child.pid === undefined) throw new Error("tvk could not be started");
  return { pid: child.pid, ended, says };
}

/** As a shell tells it: a signal is 128 and its number. */
function exitCodeOf({ exitCode, signalCode }: ChildProcess): number {
  return exitCode ?? (signalCode === null ? -1 : 128 + constants.signals[signalCode]);
}

interface Named {
  readonly id?: string;
  readonly client_id?: string;
  readonly name: string;
  readonly identifier?: string;
  readonly client_metadata?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

async function listed(project: ProjectFolder, path: string): Promise<Named[]> {
  return (await project.management("GET", path)) as Named[];
}

async function marked(project: ProjectFolder) {
  const clients = await listed(project, "/clients?per_page=100");
  const connections = await listed(project, "/connections");
  return {
    clients: clients.filter((each) => each.client_metadata?.["tvk_urn"] !== undefined),
    connections: connections.filter((each) => each.metadata?.["tvk_urn"] !== undefined),
  };
}

async function problems(project: ProjectFolder): Promise<string[]> {
  const { clients, connections } = await marked(project);
  const grants = await listed(project, "/client-grants?subject_type=user");
  const apis = await listed(project, "/resource-servers");
  const counts = {
    clients: clients.length,
    connections: connections.length,
    "client grants": grants.length,
    "My Account APIs": apis.filter(({ identifier }) => identifier?.endsWith("/me/")).length,
  };
  const wrong = Object.entries(counts)
    .filter(([, count]) => count !== 1)
    .map(([what, count]) => `${count} ${what} in the tenant`);
  const record = join(
    project.dir,
    ".tvk/stacks/dev/backend/.pulumi/stacks/token-vault-kit/dev.json",
  );
  const { latest } = JSON.parse(readFileSync(record, "utf8")).checkpoint;
  if ((latest.pending_operations ?? []).length > 0) wrong.push("pending operations in the state");
  const ids = latest.resources.map(({ id }: { id?: string }) => id);
  for (const { id, client_id: clientId = id } of [...clients, ...connections]) {
    if (!ids.includes(clientId)) wrong.push(`${clientId} is in the tenant and not in the state`);
  }
  return wrong;
}

async function reset(project: ProjectFolder): Promise<void> {
  await startLocalTenant(project.dir);
  await supervisor(join(project.dir, ".tvk/services")).stop("dev-helpdesk");
  const { clients, connections } = await marked(project);
  for (const { client_id: id } of clients) await project.management("DELETE", `/clients/${id}`);
  for (const { id } of connections) await project.management("DELETE", `/connections/${id}`);
  for (const { id, identifier } of await listed(project, "/resource-servers")) {
    if (identifier?.endsWith("/me/")) await project.management("DELETE", `/resource-servers/${id}`);
  }
  const stack = join(project.dir, ".tvk/stacks/dev");
  for (const each of [
    "backend",
    "state-copy.json",
    "let-go.json",
    "run-unfinished",
    "helpdesk.db",
  ]) {
    rmSync(join(stack, each), { recursive: true, force: true });
  }
}

function find(matches: (each: Process) => boolean): number | undefined {
  return allProcesses().find(matches)?.pid;
}

function isOf(dir: string, { pid }: Process): boolean {
  return startedWith(pid, "PULUMI_HOME") === homeOf(dir);
}

function inHome(dir: string, words: readonly string[], name: string): boolean {
  return words.some((word) => word.startsWith(`${homeOf(dir)}/plugins/resource-${name}-`));
}

function homeOf(dir: string): string {
  return join(dir, ".tvk/stacks/dev/home");
}

function cwdOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function recorded(dir: string, name: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(dir, `.tvk/services/${name}.json`), "utf8"));
    return processStart(pid) === undefined ? undefined : pid;
  } catch {
    return undefined;
  }
}

async function appear(look: () => number | undefined): Promise<number | undefined> {
  const deadline = Date.now() + appearMs;
  for (;;) {
    const pid = look();
    if (pid !== undefined || Date.now() > deadline) return pid;
    await sleep(10);
  }
}
