/** @module Our tenant beside its peers: start to first answer, answers per second, memory: `npm run bench:tenant`. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Contender,
  type Operation,
  operations,
  type Running,
  start,
} from "./tenant/contenders.ts";
import { putLoad } from "./tenant/load.ts";
import { installedPeers } from "./tenant/peers.ts";
import { preparedTenant, userCount } from "./tenant/prepared-tenant.ts";
import { cpuMicroseconds, residentMegabytes } from "./tenant/process-costs.ts";

/** Rounds of everything; in each the contenders take turns, so that all of them meet the same machine. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
/** Seconds of load for one figure of one round. */
const SECONDS = Number(process.env["SECONDS"] ?? 1.5);
/** Requests at a time: a queue for a server on one core, and not yet a test of patience. */
const connections = 16;

const dir = mkdtempSync(join(tmpdir(), "tvk-bench-tenant-"));
const home = join(dir, "home");
mkdirSync(home);
const before = loadavg();
try {
  const { contender, caPem } = await preparedTenant(join(dir, "tenant"));
  const peers = installedPeers({
    certFile: join(dir, "tenant", "server.pem"),
    keyFile: join(dir, "tenant", "server-key.pem"),
    home,
  });
  const all = [contender, ...peers];
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, load ${before.map((each) => each.toFixed(1)).join(" ")}; ` +
      `${ROUNDS} rounds of ${SECONDS} s, ${connections} connections, HTTPS on loopback; median (lowest to highest)`,
  );
  printStarts(all, await measureStarts(all, caPem));
  await measureLoad(all, caPem);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function measureStarts(all: readonly Contender[], caPem: string): Promise<number[][]> {
  const times: number[][] = all.map(() => []);
  // The first start of each reads its files from the disk and fills the compile cache: not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, contender] of all.entries()) {
      const running = await start(contender, caPem);
      await running.stop();
      if (round > 0) times[index]?.push(running.startMs);
    }
  }
  return times;
}

function printStarts(all: readonly Contender[], times: readonly number[][]): void {
  console.log("\nstart to first answer, ms");
  for (const [index, { name }] of all.entries()) console.log(row(name, times[index] ?? []));
}

async function measureLoad(all: readonly Contender[], caPem: string): Promise<void> {
  const running: Running[] = [];
  try {
    for (const contender of all) running.push(await start(contender, caPem));
    for (const operation of operations) {
      const measured = await measureOperation(running, operation, caPem);
      console.log(`\n${operation}, answers per second; CPU time of the server for one`);
      for (const [index, { name }] of all.entries()) {
        const { rates, cpu } = measured[index] ?? { rates: [], cpu: "" };
        console.log(row(name, rates) + cpu);
      }
      if (operation === "signed token") {
        const [ours, bare] = measured;
        const share = median(ours?.rates ?? []) / median(bare?.rates ?? []);
        console.log(`  ours to the bare ceiling: ${share.toFixed(2)}`);
      }
    }
    console.log(
      `\nmemory after that, MB (this tenant and auth0-simulator with ${userCount.toLocaleString("en")} users; the others have none)`,
    );
    for (const [index, { name }] of all.entries()) {
      const server = running[index];
      if (server !== undefined)
        console.log(row(name, [residentMegabytes(server.process.pid ?? 0)]));
    }
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

interface Measured {
  readonly rates: readonly number[];
  readonly cpu: string;
}

/** Contenders take turns, round by round; the first round warms up and is not counted. */
async function measureOperation(
  running: readonly Running[],
  operation: Operation,
  caPem: string,
): Promise<Measured[]> {
  const totals = running.map(() => ({ rates: [] as number[], answers: 0, cpu: 0 }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, server] of running.entries()) {
      const post = server.operations[operation];
      const total = totals[index];
      if (post === undefined || total === undefined) continue;
      const before = cpuOf(server);
      const load = { port: server.port, caPem, post, seconds: SECONDS, connections };
      const { answers, perSecond } = await putLoad(load);
      if (round === 0) continue;
      total.rates.push(perSecond);
      total.answers += answers;
      total.cpu += cpuOf(server) - before;
    }
  }
  return totals.map(({ rates, answers, cpu }) => ({
    rates,
    cpu: rates.length === 0 || Number.isNaN(cpu) ? "" : `; ${Math.round(cpu / answers)} µs`,
  }));
}

function cpuOf({ process: { pid = 0 } }: Running): number {
  return cpuMicroseconds(pid) ?? Number.NaN;
}

function row(name: string, values: readonly number[]): string {
  const label = name.padEnd(36);
  if (values.length === 0) return `  ${label} has none`;
  const range = `${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))}`;
  return `  ${label} ${String(Math.round(median(values))).padStart(6)}${values.length === 1 ? "" : ` (${range})`}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
