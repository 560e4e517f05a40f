/** @module The command line's door: finds the command, runs it, prints its result and exits. */
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { CommandDef } from "citty";
import type { CallData } from "./command.ts";
import { exitCodes, failureOf, inputError } from "./exit-codes.ts";
import { globalArgs, globalsOf, wantsJson } from "./globals.ts";
import { printAsJson, printFailure } from "./output.ts";
import { commandIndex, parseArguments } from "./parse-arguments.ts";

/** Every command; its file is loaded when it is called. */
export const commands: Record<string, () => Promise<CommandDef>> = {
  dev: async () => (await import("./commands/dev.ts")).dev as CommandDef,
  up: async () => (await import("./commands/up.ts")).up as CommandDef,
  preview: async () => (await import("./commands/preview.ts")).preview as CommandDef,
  destroy: async () => (await import("./commands/destroy.ts")).destroy as CommandDef,
  pulumi: async () => (await import("./commands/pulumi.ts")).pulumi as CommandDef,
  shell: async () => (await import("./commands/shell.ts")).shell as CommandDef,
  import: async () => (await import("./commands/import.ts")).importCommand,
  env: async () => (await import("./commands/env.ts")).env,
  tenant: async () => (await import("./commands/tenant.ts")).tenant as CommandDef,
  engine: async () => (await import("./commands/engine.ts")).engine as CommandDef,
  init: async () => (await import("./commands/init.ts")).init,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  login: async () => (await import("./commands/login.ts")).login,
  logout: async () => (await import("./commands/logout.ts")).logout,
  status: async () => (await import("./commands/status.ts")).status,
  connect: async () => (await import("./commands/connect.ts")).connect,
  connections: async () => (await import("./commands/connections.ts")).connections,
  disconnect: async () => (await import("./commands/disconnect.ts")).disconnect,
  fetch: async () => (await import("./commands/fetch.ts")).fetch,
  completion: async () => (await import("./commands/completion.ts")).completion(commands),
};

/** auth0-tv's commands for single services: a plain fetch does the same. */
const notCarried: Record<string, string> = {
  gmail: "tvk fetch gmail https://gmail.googleapis.com/gmail/v1/users/me/messages",
  calendar: "tvk fetch calendar https://www.googleapis.com/calendar/v3/calendars/primary/events",
  slack: "tvk fetch slack https://slack.com/api/conversations.list",
  github: "tvk fetch github https://api.github.com/user/repos",
};

/** Runs the command line and gives its exit code. Prints; never throws. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Before anything is read: also a wrong command line is answered in JSON.
  printAsJson(wantsJson(argv.includes("--json"), env));
  let fallback: string | undefined;
  try {
    const found = await find(argv);
    if (typeof found === "string") {
      process.stdout.write(plain(found, env));
      return exitCodes.ok;
    }
    const { definition, words, name } = found;
    const meta = await (typeof definition.meta === "function"
      ? definition.meta()
      : definition.meta);
    fallback = (meta as { failure?: string } | undefined)?.failure;
    const args = await (typeof definition.args === "function"
      ? definition.args()
      : definition.args);
    if (
      words.slice(0, words.indexOf("--") >>> 0).some((word) => word === "--help" || word === "-h")
    ) {
      process.stdout.write(plain(await usage(definition, name), env));
      return exitCodes.ok;
    }
    const parsed = parseArguments(words, { ...globalArgs, ...args });
    const data: CallData = { globals: globalsOf(parsed.values, env), every: parsed.every };
    printAsJson(data.globals.json);
    const context = { rawArgs: [...words], args: parsed.values, cmd: definition, data };
    const exitCode: unknown = await definition.run?.(context as never);
    return Number(exitCode ?? process.exitCode ?? exitCodes.ok);
  } catch (error) {
    const failure = failureOf(error, fallback);
    printFailure(failure);
    return failure.exitCode;
  }
}

/** Prints an error that no command caught, and gives the exit code. */
export function crashed(error: unknown): number {
  const failure = failureOf(error);
  printFailure(failure);
  return failure.exitCode;
}

async function find(argv: readonly string[]) {
  const index = commandIndex(argv, globalArgs);
  const name = argv[index];
  if (name === undefined) {
    if (argv.includes("--version")) return `${version()}\n`;
    if (argv.length === 0 || argv.includes("--help") || argv.includes("-h")) return help();
    throw inputError("invalid_input", "no command was given", "See tvk --help.");
  }
  const before = argv.slice(0, index);
  const after = argv.slice(index + 1);
  const instead = Object.hasOwn(notCarried, name) ? notCarried[name] : undefined;
  if (instead) throw inputError("not_carried", `tvk has no command "${name}"`, `Use: ${instead}`);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    const known = Object.keys(commands).join(", ");
    throw inputError("unknown_command", `unknown command "${name}"`, `Commands: ${known}.`);
  }
  return descend(await load(), [...before, ...after], name);
}

/** Goes down to the sub-command that is named, as far as there are any. */
async function descend(
  definition: CommandDef,
  words: readonly string[],
  name: string,
): Promise<{ definition: CommandDef; words: readonly string[]; name: string }> {
  const children = await (typeof definition.subCommands === "function"
    ? definition.subCommands()
    : definition.subCommands);
  if (!children) return { definition, words, name };
  const args = await (typeof definition.args === "function" ? definition.args() : definition.args);
  const index = commandIndex(words, { ...globalArgs, ...args });
  const child = words[index];
  if (child === undefined) {
    if (definition.run || words.includes("--help")) return { definition, words, name };
    throw inputError(
      "unknown_command",
      `tvk ${name} needs one of: ${Object.keys(children).join(", ")}`,
    );
  }
  const entry = Object.hasOwn(children, child) ? children[child] : undefined;
  if (!entry) {
    const known = Object.keys(children).join(", ");
    throw inputError(
      "unknown_command",
      `unknown command "${name} ${child}"`,
      `Commands: ${known}.`,
    );
  }
  const next = await (typeof entry === "function" ? entry() : entry);
  return descend(next, words.toSpliced(index, 1), `${name} ${child}`);
}

async function usage(definition: CommandDef, name: string) {
  const { renderUsage } = await import("citty");
  const meta = await (typeof definition.meta === "function" ? definition.meta() : definition.meta);
  const args = await (typeof definition.args === "function" ? definition.args() : definition.args);
  const { subCommands } = definition;
  const shown = {
    meta: { ...meta, name },
    args: { ...args, ...globalArgs },
    ...(subCommands ? { subCommands } : {}),
  };
  return `${await renderUsage(shown, { meta: { name: "tvk" } })}\n`;
}

async function help() {
  const { renderUsage } = await import("citty");
  const meta = {
    name: "tvk",
    version: version(),
    description: "Token Vault from the command line",
  };
  const { summaries } = await import("./summaries.ts");
  const subCommands = Object.fromEntries(
    Object.keys(commands).map((name) => [name, { meta: { description: summaries[name] ?? "" } }]),
  );
  return `${await renderUsage({ meta, args: globalArgs, subCommands })}\n`;
}

/** Colours are for a terminal whose owner did not refuse them (no-color.org). */
function plain(text: string, env: NodeJS.ProcessEnv) {
  return process.stdout.isTTY && !env["NO_COLOR"] ? text : stripVTControlCharacters(text);
}

function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
