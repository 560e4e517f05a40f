/** @module The supervisor as a process: `node services/main.ts ensure|stop|secret`. */
import { randomBytes } from "node:crypto";
import { LockError } from "../locks/file-lock.ts";
import { ServiceError } from "./service-error.ts";
import { readServiceName, readServiceSpec } from "./service-spec.ts";
import { supervisor } from "./supervisor.ts";

const usage = `usage: node services/main.ts ensure|stop|secret
  TVK_SERVICES_DIR   folder of records and logs
  TVK_SERVICE        the service's description, JSON: name, command, cwd, env, ready, instance`;

/** The caller held it wrong: exit 2. */
class UsageError extends Error {}

/** The description travels in the environment, which a process list does not show. */
const commands: Record<string, () => Promise<string>> = {
  ensure: async () => line(await found().ensure(readServiceSpec(description()))),
  stop: async () => {
    const { name, instance } = readServiceName(description());
    const stopped = await found().stop(name, { instance });
    return line({ name, outcome: stopped ? "stopped" : "not_running" });
  },
  secret: async () => randomBytes(32).toString("hex"),
};

async function main(name: string): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (command === undefined) throw new UsageError(`"${name}" is no command`);
    process.stdout.write(await command());
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    process.stderr.write(`${told(error)}\n`);
  }
}

function found(): ReturnType<typeof supervisor> {
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  return supervisor(required("TVK_SERVICES_DIR"), note);
}

function description(): unknown {
  const text = required("TVK_SERVICE");
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the text, and the text holds secrets.
    throw new UsageError("TVK_SERVICE is no JSON");
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new UsageError(`${name} is not set`);
  return value;
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function told(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n${usage}`;
  if (error instanceof ServiceError || error instanceof LockError)
    return `${error.message}\n${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

await main(process.argv[2] ?? "");
