/** @module Who is measured: our tenant as a process, the peers, and the least that such a server can do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";
import type { Post } from "./load.ts";

/** What is asked of a server; a peer lacks what it has no operation for. */
export const operations = ["signed token", "refresh", "vault exchange"] as const;
export type Operation = (typeof operations)[number];

/** What a server's process says when it listens, as one line of JSON. */
export interface Listening {
  readonly port: number;
  readonly operations: Partial<Record<Operation, Post>>;
}

export interface Contender {
  readonly name: string;
  /** Command and arguments after `node`. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Reads what the process prints; undefined: not ready yet. */
  ready(output: string): Listening | undefined;
}

export interface Running extends Listening {
  readonly process: ChildProcess;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** Milliseconds that a start may take. */
const patienceMs = 30_000;

/** @throws {Error} With its output, if the process ends before it listens. */
export async function start(contender: Contender, caPem: string): Promise<Running> {
  const started = performance.now();
  const child = spawn(process.execPath, contender.command, {
    cwd: contender.cwd,
    env: { ...process.env, ...contender.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // One that hangs ends, and with it the wait for what it prints.
  const late = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const listening = await untilReady(contender, child)
    .then(async (ready) => {
      await firstAnswer(ready.port, caPem);
      return ready;
    })
    .catch((error) => {
      child.kill("SIGKILL");
      throw error;
    });
  clearTimeout(late);
  const startMs = performance.now() - started;
  return {
    ...listening,
    process: child,
    startMs,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function untilReady(contender: Contender, child: ChildProcess): Promise<Listening> {
  let output = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      // Some log each request: what is read is the beginning.
      if (output.length < 100_000) output += chunk.toString();
      const listening = contender.ready(output);
      if (listening !== undefined) resolve(listening);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) =>
      reject(new Error(`${contender.name} ended with ${code} before it listened:\n${output}`)),
    );
  });
}

function firstAnswer(port: number, caPem: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "localhost", port, ca: caPem, servername: "localhost" });
    socket.once("error", reject);
    socket.once("data", () => {
      socket.destroy();
      resolve();
    });
    socket.once("close", () => reject(new Error("the server closed the connection unanswered")));
    socket.write(
      `GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
    );
  });
}

/** Of a process that prints one line of JSON. */
export function jsonLine(output: string): Listening | undefined {
  const line = output.split("\n").find((each) => each.startsWith('{"port":'));
  return line === undefined ? undefined : JSON.parse(line);
}
