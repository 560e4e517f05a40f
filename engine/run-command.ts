/** @module Running another program to its end, line by line. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { NotThisWay } from "./engine-error.ts";

/** How to run a program. */
export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Interrupts the program; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Gets every line of standard error as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Lines of a failed program that its error quotes. */
const quotedLines = 12;

/**
 * Runs a program and returns its standard output.
 *
 * @throws {NotThisWay} It can't be started or gave another exit code than 0.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { signal } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    env: options.env,
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // An interrupt, which the Go command passes on to its own children.
  const interrupt = () => child.kill("SIGINT");
  signal?.addEventListener("abort", interrupt, { once: true });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (lines.push(line) > quotedLines) lines.shift();
    options.onLine?.(line);
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  try {
    const ended = await new Promise<string | undefined>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, by) => resolve(code === 0 ? undefined : `ended with ${by ?? code}`));
    });
    signal?.throwIfAborted();
    if (ended === undefined) return output;
    const quoted = lines.length === 0 ? "" : `:\n${lines.map((line) => `    ${line}`).join("\n")}`;
    throw new NotThisWay(`${command} ${args[0] ?? ""} ${ended}${quoted}`);
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}
