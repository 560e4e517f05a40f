/**
 * @module The process in which one fetchUserProfile script runs.
 *
 * It has no file access, no environment, no child processes and no workers (Node's permission
 * model), and the script's `vm` context holds no object of this realm: both sides speak JSON text.
 * Code from strings is off in this realm (`--disallow-code-generation-from-strings`), so a script that
 * gets hold of one of its functions all the same has nothing to build code with.
 */
import { createHash, createHmac, getHashes, randomBytes, randomUUID } from "node:crypto";
import vm from "node:vm";

/** What the tenant sends first. */
interface Start {
  readonly guest: string;
  readonly script: string;
  readonly accessToken: string;
  readonly context: string;
}

/** The guest's own functions, as this realm sees them. */
interface Guest {
  install(call: (operation: string, payload: string) => string): {
    run(script: unknown, accessToken: string, context: string): void;
    deliver(id: number, answer: string): void;
    fail(reason: unknown): void;
  };
}

type Operation = (payload: never) => unknown;

const send = process.send?.bind(process);
const timers = new Map<number, NodeJS.Timeout>();
let running: ReturnType<Guest["install"]> | undefined;
let waiting = 0;

process.once("message", (message: Start) => {
  process.on("message", (answer: { id: number; answer: string }) => {
    waiting -= 1;
    settle(() => running?.deliver(answer.id, answer.answer));
  });
  harden();
  start(message);
});
process.on("unhandledRejection", (reason) => running?.fail(reason));
process.on("uncaughtException", () => finish({ error: "the sandbox failed" }));
send?.({ type: "ready" });

function start(message: Start): void {
  const context: vm.Context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const guest: Guest = vm.runInContext(`(function(){${message.guest}\nreturn guest;})()`, context);
  running = guest.install(call);
  let script: unknown;
  try {
    script = compile(message.script, context);
  } catch (error) {
    finish({ error: `the script can't be read: ${String(error)}` });
    return;
  }
  settle(() => running?.run(script, message.accessToken, message.context));
}

/** A function expression, named or not; else statements that declare `fetchUserProfile`. */
function compile(script: string, context: vm.Context): unknown {
  const filename = "fetchUserProfile.js";
  const text = script.trim().replace(/;+$/, "");
  try {
    return vm.runInContext(`(${text}\n)`, context, { filename });
  } catch (error) {
    try {
      new vm.Script(`${text}\n;`, { filename });
    } catch {
      throw error;
    }
    return vm.runInContext(
      `${text}\n;typeof fetchUserProfile==="function"?fetchUserProfile:undefined`,
      context,
      {
        filename,
      },
    );
  }
}

/** Runs guest code, then looks whether anything is left that could still call back. */
function settle(work: () => void): void {
  try {
    work();
  } catch {
    finish({ error: "the script failed" });
  }
  setImmediate(() =>
    setImmediate(() => {
      if (waiting === 0 && timers.size === 0) {
        finish({ error: "the script ended without calling back" });
      }
    }),
  );
}

let finished = false;
function finish(outcome: { error: string } | { profile: string }): void {
  if (finished) return;
  finished = true;
  send?.({ type: "done", ...outcome });
}

/** The only function of this realm that the guest has. Text in, text out; it never throws. */
function call(operation: string, payload: string): string {
  try {
    const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (run === undefined) return JSON.stringify({ error: `unknown operation` });
    return JSON.stringify({ value: run(JSON.parse(payload) as never) ?? null });
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : "failed" });
  }
}

/** What the guest's URL has. */
const urlParts = [
  ...(["href", "origin", "protocol", "username", "password", "host"] as const),
  ...(["hostname", "port", "pathname", "search", "hash"] as const),
];

const operations: Record<string, Operation> = {
  done: (outcome: { error: string } | { profile: string }) => finish(outcome),
  log: (line: { level: string; text: string }) => void send?.({ type: "log", ...line }),
  http(request: { id: number }) {
    waiting += 1;
    send?.({ type: "http", ...request });
  },
  timer({ id, ms }: { id: number; ms: number }) {
    timers.set(
      id,
      setTimeout(() => {
        timers.delete(id);
        settle(() => running?.deliver(id, "null"));
      }, ms),
    );
  },
  clear({ id }: { id: number }) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  },
  encode: ({ bytes, encoding }: { bytes: string; encoding: BufferEncoding }) =>
    Buffer.from(bytes, "latin1").toString(encoding),
  decode: ({ text, encoding }: { text: string; encoding: BufferEncoding }) =>
    Buffer.from(text, encoding).toString("latin1"),
  hashes: () => getHashes(),
  hash: ({ algorithm, bytes }: { algorithm: string; bytes: string }) =>
    createHash(algorithm).update(bytes, "latin1").digest().toString("latin1"),
  hmac: ({ algorithm, key, bytes }: { algorithm: string; key: string; bytes: string }) =>
    createHmac(algorithm, Buffer.from(key, "latin1"))
      .update(bytes, "latin1")
      .digest()
      .toString("latin1"),
  randomBytes: ({ size }: { size: number }) => randomBytes(size).toString("latin1"),
  randomUUID: () => randomUUID(),
  url({ url, base, set }: { url: string; base?: string; set?: [keyof URL, string] }) {
    const parsed = new URL(url, base);
    if (set !== undefined) Reflect.set(parsed, set[0], set[1]);
    return Object.fromEntries(urlParts.map((part) => [part, parsed[part]]));
  },
  readQuery: ({ text }: { text: string }) => [...new URLSearchParams(text)],
  writeQuery: ({ pairs }: { pairs: [string, string][] }) => new URLSearchParams(pairs).toString(),
};

/** Takes away what an escaped script would look for first. What Node itself needs it holds already. */
function harden(): void {
  for (const name of [
    "getBuiltinModule",
    "binding",
    "_linkedBinding",
    "dlopen",
    "kill",
    "_kill",
    "send",
  ]) {
    Reflect.deleteProperty(process, name);
  }
  for (const intrinsic of [Object, Function, Array, Error, TypeError, RangeError, Promise]) {
    Object.freeze(intrinsic.prototype);
    Object.freeze(intrinsic);
  }
}
