/** @module Starting a process that outlives us, and that runs nothing before we have written it down. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { processStart } from "../locks/process-start.ts";

/** What to start. */
export interface GatedOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** File descriptor that gets standard output and standard error. */
  readonly log: number;
}

/** A process that waits for its gate to open. */
export interface GatedProcess {
  readonly pid: number;
  readonly processStart: string;
  /** Lets it run its command. */
  open(): void;
  /** How it ended, once it has: an exit code or a signal, in words. */
  ended(): string | undefined;
}

/** Waits for one line, then becomes the command: same pid, same start. No line, no command. */
const gate = 'IFS= read -r line && [ "$line" = go ] && exec "$@" </dev/null';

/**
 * Starts `command` in a session and process group of its own, standing at a gate.
 *
 * Between the two calls the caller records the pid. Killed in between, it takes the other end of
 * the gate's pipe with it: the process ends without having run anything, and no orphan is left.
 */
export async function spawnGated(
  command: readonly string[],
  options: GatedOptions,
): Promise<GatedProcess> {
  const [program = "", ...rest] = command;
  const words = [program === "node" ? process.execPath : program, ...rest];
  const child = spawn("/bin/sh", ["-c", gate, "service", ...words], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["pipe", options.log, options.log],
  });
  let ended: string | undefined;
  child.on("exit", (code, signal) => {
    ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
  });
  await once(child, "spawn");
  const { pid = 0, stdin } = child;
  // A process that is gone by now is reported by how it ended.
  stdin?.on("error", () => {});
  child.unref();
  return {
    pid,
    processStart: processStart(pid) ?? "",
    open: () => stdin?.end("go\n", () => stdin.destroy()),
    ended: () => ended,
  };
}
