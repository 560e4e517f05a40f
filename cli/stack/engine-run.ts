/** @module One run of the engine as a child of `tvk`: its output, the signals it gets, and how it ends. */
import { type ChildProcess, spawn } from "node:child_process";

/** `show`: the user sees it as it comes. `stderr`: the same, all on standard error. `collect`: it is returned. */
export type PulumiOutput = "show" | "stderr" | "collect";

/** What became of a run. */
export interface PulumiResult {
  readonly exitCode: number;
  /** Standard output, unless it was shown. */
  readonly stdout: string;
  /** Standard error, unless it was shown. */
  readonly stderr: string;
}

/** What a shell gives a program that SIGINT ended. */
const interruptedExit = 130;
/** A closed terminal signals the whole foreground group, and would kill the engine in the middle of a request. */
const deafToHangup = 'trap "" HUP; exec "$@"';

const running = new Set<Promise<unknown>>();

/** Settles when no engine runs any more. */
export async function enginesEnded(): Promise<void> {
  await Promise.allSettled(running);
}

/**
 * Runs the engine to its end. Never rejects for its exit code.
 *
 * SIGINT, SIGTERM and SIGHUP to this process are an interrupt to the engine, which finishes the request
 * that is under way; a second SIGINT or SIGTERM ends it at once. With a terminal it stays in the
 * terminal's foreground group, since it may ask, and gets Ctrl-C from there. Where our own output is no
 * terminal we stand in between and read on when the reader is gone: a broken pipe would kill the engine.
 */
export function runEngine(
  command: string,
  args: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  output: PulumiOutput,
): Promise<PulumiResult> {
  const run = ended(command, args, where, output);
  running.add(run);
  return run.finally(() => running.delete(run));
}

async function ended(
  command: string,
  args: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  output: PulumiOutput,
): Promise<PulumiResult> {
  const foreground = output !== "collect" && process.stdin.isTTY === true;
  const words = foreground ? ["/bin/sh", "-c", deafToHangup, "sh", command] : [command];
  const [program = command, ...first] = words;
  const child = spawn(program, [...first, ...args], {
    ...where,
    detached: !foreground,
    stdio: [
      output === "collect" ? "ignore" : "inherit",
      output === "collect" ? "pipe" : shownOn(output === "show" ? process.stdout : process.stderr),
      output === "collect" ? "pipe" : shownOn(process.stderr),
    ],
  });
  const texts = { stdout: "", stderr: "" };
  const stopSignals = passSignals(child, foreground);
  const stopOutput =
    output === "collect"
      ? collect(child, texts)
      : passOutput(child, output === "show" ? process.stdout : process.stderr);
  try {
    return await new Promise<PulumiResult>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        resolve({ exitCode: code ?? (signal === "SIGINT" ? interruptedExit : 1), ...texts });
      });
    });
  } finally {
    stopOutput();
    stopSignals();
  }
}

/** A terminal is the engine's own; a pipe or file it gets through us. */
function shownOn(stream: NodeJS.WriteStream): number | "pipe" {
  if (stream.isTTY !== true) return "pipe";
  return stream === process.stdout ? 1 : 2;
}

function passSignals(child: ChildProcess, foreground: boolean): () => void {
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill("SIGINT");
  };
  const handlers = {
    // The terminal has sent it to the engine, too.
    SIGINT: foreground ? () => {} : interrupt,
    SIGTERM: interrupt,
    // Comes on top of a SIGTERM where a session ends: not a second wish.
    SIGHUP: () => {
      if (!interrupted) interrupt();
    },
  } as const;
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, handlers[name]);
  return () => {
    for (const name of names) process.off(name, handlers[name]);
  };
}

function collect(child: ChildProcess, texts: { stdout: string; stderr: string }): () => void {
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  return () => {};
}

function passOutput(child: ChildProcess, shown: NodeJS.WriteStream): () => void {
  const stops = [
    [child.stdout, shown],
    [child.stderr, process.stderr],
  ] as const;
  const undo = new Map<NodeJS.WriteStream, () => void>();
  for (const [from, to] of stops) {
    if (!undo.has(to)) undo.set(to, bearGoneReader(to));
    from?.on("data", (chunk: Buffer) => to.write(chunk));
  }
  return () => {
    for (const each of undo.values()) each();
  };
}

/** While the engine runs, a reader that has gone is no reason to end: what is written is dropped. */
function bearGoneReader(stream: NodeJS.WriteStream): () => void {
  const listeners = stream.listeners("error") as ((error: Error) => void)[];
  const ignore = () => {};
  stream.removeAllListeners("error").on("error", ignore);
  return () => {
    stream.off("error", ignore);
    for (const each of listeners) stream.on("error", each);
  };
}
