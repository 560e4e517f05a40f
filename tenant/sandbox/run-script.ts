/** @module Runs one fetchUserProfile script in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { OutboundError, outbound } from "../upstream/outbound.ts";
import { sandboxProgram } from "./program.ts";

/** What a script is called with, and how far it may go. */
export interface ScriptRun {
  /** The text of `options.scripts.fetchUserProfile`. */
  readonly script: string;
  readonly accessToken: string;
  /** The provider's whole token answer. */
  readonly context: Record<string, unknown>;
  /** Called with each line that the script writes to its console. */
  readonly onLog?: (line: { level: string; text: string }) => void;
  /** Milliseconds until the process is killed; default 20 000, Auth0's limit for database scripts (inferred). */
  readonly timeoutMs?: number;
}

/** The script failed, was refused something, or took too long. `message` reaches the app, as at Auth0. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

const defaultTimeoutMs = 20_000;

/** Heap of the process, in MiB. */
const heapMb = 64;
/** All memory of the process in bytes, buffers included; looked at where Linux shows it. */
const maxResidentBytes = 384 * 1024 * 1024;
const memoryCheckMs = 250;

/** Of the process; the program comes on its standard input. */
export const sandboxFlags: readonly string[] = [
  "--permission",
  "--disallow-code-generation-from-strings",
  `--max-old-space-size=${heapMb}`,
  "--no-warnings",
  "--input-type=commonjs",
];

/** Limits of one run. */
const maxRequests = 50;
const maxBodyBytes = 5 * 1024 * 1024;
const maxLogLines = 200;

/** The process is as untrusted as the script: it is all checked. */
const httpMessage = z.object({
  type: z.literal("http"),
  id: z.number(),
  url: z.string(),
  method: z.string().regex(/^[A-Z]{1,20}$/),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string().optional(),
  maxRedirects: z.number().min(0).max(20),
  timeoutMs: z.number().positive().optional(),
});
const childMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("log"), level: z.string().max(10), text: z.string() }),
  z.object({
    type: z.literal("done"),
    error: z.string().optional(),
    profile: z.string().optional(),
  }),
  httpMessage,
]);

/**
 * Runs the script and returns the profile that it calls back with.
 *
 * The process has no file access, no environment, no child processes, no workers and no addons, and
 * talks to the network through this process only, under the rule of {@link outbound}. It is killed when it has
 * answered, failed, or used up its time or memory. A fresh process for each run costs some 60 ms and
 * leaves nothing of one user for the next.
 *
 * @throws {ScriptError} With the script's own message where it has one.
 */
export async function runScript(run: ScriptRun): Promise<Record<string, unknown>> {
  const program = sandboxProgram();
  const child = start(program.child);
  try {
    return await conversation(child, run, program.guest);
  } finally {
    child.kill("SIGKILL");
  }
}

function start(program: string): ChildProcess {
  const child = spawn(process.execPath, [...sandboxFlags, "-"], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore", "ipc"],
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(program);
  return child;
}

function conversation(
  child: ChildProcess,
  run: ScriptRun,
  guest: string,
): Promise<Record<string, unknown>> {
  const timeoutMs = run.timeoutMs ?? defaultTimeoutMs;
  const deadline = performance.now() + timeoutMs;
  let requests = 0;
  let lines = 0;
  const timers: NodeJS.Timeout[] = [];
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    const fail = (message: string, cause?: unknown) => reject(new ScriptError(message, { cause }));
    timers.push(setTimeout(() => fail(`the script took longer than ${timeoutMs} ms`), timeoutMs));
    timers.push(
      setInterval(() => {
        if (residentBytes(child.pid) > maxResidentBytes) fail("the script used too much memory");
      }, memoryCheckMs),
    );
    child.on("error", (cause) => fail("the sandbox process can't be started", cause));
    child.on("exit", () => fail("the script ended its process, or used too much memory"));
    child.on("message", (raw) => {
      const { data: message } = childMessage.safeParse(raw);
      if (message === undefined) return fail("the sandbox answered something unreadable");
      if (message.type === "ready") {
        const { script, accessToken } = run;
        const context = JSON.stringify(run.context);
        child.send({ guest, script, accessToken, context }, () => {});
      } else if (message.type === "log") {
        lines += 1;
        if (lines <= maxLogLines)
          run.onLog?.({ level: message.level, text: message.text.slice(0, 2000) });
      } else if (message.type === "http") {
        requests += 1;
        if (requests > maxRequests)
          return fail(`the script sent more than ${maxRequests} requests`);
        void answer(message, deadline - performance.now()).then((text) => {
          if (child.connected) child.send({ id: message.id, answer: text }, () => {});
        });
      } else if (message.profile === undefined) {
        fail(message.error ?? "the script failed");
      } else {
        const profile: unknown = parseJson(message.profile);
        if (isObject(profile)) resolve(profile);
        else fail("the script called back with a profile that is not an object");
      }
    });
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
  });
}

/** Sends a script's request; the answer is JSON text for the guest. */
async function answer(request: z.infer<typeof httpMessage>, leftMs: number): Promise<string> {
  try {
    const { url, status, statusText, headers, body } = await outbound({
      url: request.url,
      method: request.method,
      headers: request.headers,
      maxRedirects: request.maxRedirects,
      maxBytes: maxBodyBytes,
      timeoutMs: Math.max(1, Math.ceil(Math.min(request.timeoutMs ?? leftMs, leftMs))),
      ...(request.body === undefined ? {} : { body: Buffer.from(request.body, "latin1") }),
    });
    const text = Buffer.from(body).toString("latin1");
    return JSON.stringify({ answer: { url, status, statusText, headers, body: text } });
  } catch (error) {
    const code = error instanceof OutboundError ? error.code : "FAILED";
    const message = error instanceof Error ? error.message : "the request failed";
    return JSON.stringify({ error: { code, message } });
  }
}

function residentBytes(pid: number | undefined): number {
  if (pid === undefined || process.platform !== "linux") return 0;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
    return pages * 4096;
  } catch {
    return 0;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
