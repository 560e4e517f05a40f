/** @module Reads a command line strictly: a flag that no one knows is an error, not an argument. */
import { parseArgs } from "node:util";
import type { ArgsDef } from "citty";
import { inputError } from "./exit-codes.ts";

export interface ParsedArguments {
  /** By name, also under camelCase; positionals beyond the named ones are in `_`. */
  values: { _: string[] } & Record<string, string | boolean | string[]>;
  every: (flag: string) => string[];
}

/**
 * Finds the first word that is neither a flag nor a flag's value: the command.
 *
 * @returns Its index; -1 when there is none before `--`.
 */
export function commandIndex(argv: readonly string[], definitions: ArgsDef): number {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return -1;
    if (!word.startsWith("-") || word === "-") return index;
    if (valueFlag(word, definitions)) index++;
  }
  return -1;
}

/**
 * Reads the arguments of a command.
 *
 * @throws {CliError} `invalid_input`: an unknown flag, a missing or an extra argument.
 */
export function parseArguments(argv: readonly string[], definitions: ArgsDef): ParsedArguments {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const rest = end < 0 ? [] : argv.slice(end + 1);
  const { values: raw, positionals } = parsed(words, definitions);
  const values: ParsedArguments["values"] = { _: rest };
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type === "positional") {
      const value = positionals.shift() ?? definition.default;
      if (value !== undefined) values[name] = value;
      else if (definition.required !== false) {
        throw inputError("invalid_input", `missing argument <${name}>`, "See --help.");
      }
      continue;
    }
    const given = raw[name];
    const value = Array.isArray(given) ? given.at(-1) : (given ?? definition.default);
    if (value === undefined) continue;
    values[name] = value;
    values[name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = value;
  }
  const [extra] = positionals;
  if (extra !== undefined)
    throw inputError("invalid_input", `unexpected argument "${extra}"`, "See --help.");
  const every = (flag: string) => {
    const given = raw[flag];
    return Array.isArray(given) ? given.map(String) : [];
  };
  return { values, every };
}

function parsed(words: readonly string[], definitions: ArgsDef) {
  try {
    return parseArgs({
      args: joined(words, definitions),
      options: optionsOf(definitions),
      allowPositionals: true,
      allowNegative: true,
      strict: true,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split(". ")[0] : String(cause);
    throw inputError("invalid_input", `${message}`, "See --help.");
  }
}

/** `-d VALUE` as `--data=VALUE`, so that a value may begin with a dash. */
function joined(words: readonly string[], definitions: ArgsDef) {
  const args: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const name = valueFlag(word, definitions);
    const value = words[index + 1];
    if (name === undefined || value === undefined) args.push(word);
    else {
      args.push(`--${name}=${value}`);
      index++;
    }
  }
  return args;
}

/** The name of the flag that takes the next word as its value. */
function valueFlag(word: string, definitions: ArgsDef): string | undefined {
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type !== "string" && definition.type !== "enum") continue;
    if (
      word === `--${name}` ||
      [definition.alias ?? []].flat().some((alias) => word === `-${alias}`)
    ) {
      return name;
    }
  }
  return undefined;
}

function optionsOf(definitions: ArgsDef) {
  const options: Record<
    string,
    { type: "boolean" | "string"; short?: string; multiple?: boolean }
  > = {};
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type === "positional") continue;
    const [short] = [("alias" in definition && definition.alias) || []].flat();
    options[name] = {
      type: definition.type === "boolean" ? "boolean" : "string",
      ...(definition.type === "boolean" ? {} : { multiple: true }),
      ...(short?.length === 1 ? { short } : {}),
    };
  }
  return options;
}
