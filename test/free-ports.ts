/** Ports for servers that a test starts in a moment, and that nobody takes before. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below where every system gives out ports by itself (Linux from 32768, others from 49152): a port that is
 * free there stays so until somebody asks for it by number. Of the ports that port 0 gives, a neighbour's
 * server could have one before its test uses it.
 */
const first = 20_000;
const rounds = 3_000;
/** Each worker of vitest has every fourth port, so that no two give out the same. */
const workers = 4;
const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % workers;
const given = new Set<number>();
const tries = 1_000;

/** Ports of localhost on which nobody listens, and which nobody else of this run is given. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried > tries) throw new Error(`no ${count} free ports from ${first} on`);
    const port = first + workers * randomInt(rounds) + worker;
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

/** One such port. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  return (await listens(port, "127.0.0.1")) && (await listens(port, "::1"));
}

/** True, too, where the machine does not have the address. */
function listens(port: number, host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((settle) => {
    server.on("error", (error: NodeJS.ErrnoException) => settle(error.code !== "EADDRINUSE"));
    server.listen(port, host, () => server.close(() => settle(true)));
  });
}
