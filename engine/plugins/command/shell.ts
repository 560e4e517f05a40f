/** @module Runs one command to its end and keeps what it said. */

import { spawn } from "node:child_process";
import { PluginError } from "../protocol/plugin.ts";

export interface ShellCommand {
  readonly command: string;
  /** Program and arguments before the command. */
  readonly interpreter: readonly string[];
  readonly dir: string | undefined;
  /** Goes over the plugin's own environment. */
  readonly environment: { readonly [name: string]: string };
  readonly stdin: string | undefined;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Last lines of a failed command's output in the error. */
const errorLines = 20;
/** How long output is waited for after the end of a command that left a process holding its pipes. */
const lingerMs = 1000;

/**
 * Runs a command.
 *
 * @throws {PluginError} The command could not be started, ended with another exit code than 0, or was killed.
 */
export async function runShell(shell: ShellCommand): Promise<ShellResult> {
  const [program = "/bin/sh", ...args] = shell.interpreter;
  const child = spawn(program, [...args, shell.command], {
    cwd: shell.dir,
    env: { ...process.env, ...shell.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that does not read its input closes the pipe: that is its own affair.
  child.stdin.on("error", () => {});
  child.stdin.end(shell.stdin ?? "");
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>(
    (resolve, reject) => {
      child.on("error", (cause) => {
        const where = shell.dir === undefined ? "" : ` in ${shell.dir}`;
        const message = `${program} could not be started${where}: ${cause.message}`;
        reject(new PluginError(message, undefined, { cause }));
      });
      child.on("close", (code, signal) => resolve({ code, signal }));
      child.on("exit", (code, signal) => {
        setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          resolve({ code, signal });
        }, lingerMs).unref();
      });
    },
  );
  if (code === 0) return { stdout: stdout(), stderr: stderr() };
  const ended = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const last = lastLines(stderr() === "" ? stdout() : stderr());
  throw new PluginError(`the command ${ended}${last === "" ? "" : `:\n${last}`}`);
}

/** Gathers a stream's text; the line break at its very end is dropped, as the official provider does. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () =>
    Buffer.concat(chunks)
      .toString("utf8")
      .replace(/\r?\n$/, "");
}

function lastLines(text: string): string {
  return text.split("\n").slice(-errorLines).join("\n").trim();
}
