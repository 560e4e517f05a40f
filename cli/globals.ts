/** @module The flags that every command takes, and the environment variables beneath them. */
import type { ArgsDef } from "citty";
import { inputError } from "./exit-codes.ts";

/** What every command is told. A flag beats its environment variable. */
export interface Globals {
  /** Print one JSON document on stdout. */
  json: boolean;
  /** Answer yes to every question. */
  confirm: boolean;
  /** The browser to open pages with. */
  browser: string | undefined;
  /** The one port for callbacks; undefined tries 18484 to 18489. */
  port: number | undefined;
  /** The profile by name; undefined: by environment, or the current one. */
  profile: string | undefined;
  /** Limit of one HTTP request. */
  timeoutMs: number;
  env: NodeJS.ProcessEnv;
}

export const globalArgs = {
  json: { type: "boolean", description: "Print one JSON document" },
  confirm: { type: "boolean", description: "Answer yes to every question" },
  yes: { type: "boolean", alias: "y", description: "The same as --confirm" },
  browser: { type: "string", valueHint: "app", description: "Browser to open pages with" },
  port: { type: "string", valueHint: "number", description: "Port for callbacks" },
  profile: { type: "string", valueHint: "name", description: "Profile to use" },
  timeout: { type: "string", valueHint: "seconds", description: "Limit of one request (30)" },
} as const satisfies ArgsDef;

/**
 * Reads the global flags.
 *
 * @throws {CliError} `invalid_input`: a port or time that is none.
 */
export function globalsOf(
  values: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): Globals {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  return {
    json: wantsJson(values["json"] === true, env),
    confirm: values["confirm"] === true || values["yes"] === true,
    browser: text("browser") ?? env["AUTH0_TV_BROWSER"],
    port: portOf(text("port"), env["AUTH0_TV_PORT"]),
    profile: text("profile") ?? (env["TVK_PROFILE"] || undefined),
    timeoutMs: timeoutMsOf(text("timeout")),
    env,
  };
}

export function wantsJson(flag: boolean, env: NodeJS.ProcessEnv): boolean {
  return flag || env["AUTH0_TV_OUTPUT"] === "json";
}

function portOf(flag: string | undefined, variable: string | undefined) {
  const text = flag ?? (variable || undefined);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    const name = flag === undefined ? "AUTH0_TV_PORT" : "--port";
    throw inputError(
      "invalid_input",
      `Invalid ${name} value "${text}"`,
      "Give a number from 1 to 65535.",
    );
  }
  return port;
}

function timeoutMsOf(text = "30") {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw inputError(
      "invalid_input",
      `Invalid --timeout value "${text}"`,
      "Give seconds, up to 3600.",
    );
  }
  return seconds * 1000;
}

/** Whether somebody can be asked: a terminal, or a script that plays one. */
export function mayAsk(env: NodeJS.ProcessEnv): boolean {
  return process.stdin.isTTY === true || env["AUTH0_TV_FORCE_INTERACTIVE"] !== undefined;
}
