/** @module The connections to Google, GitHub and Slack that a stack's configuration declares. */
import { isPlainMap, type PlainMap } from "../engine/plugins/protocol/value.ts";

/** One of the key `builtInConnections`. */
export interface BuiltIn {
  readonly strategy: string;
  /** What it is called on the tenant. */
  readonly name: string;
  /** The configuration has chosen the name; else it is Auth0's own. */
  readonly isNamed: boolean;
}

/** Auth0's own names (components/built-in-connection.ts). */
const names: Readonly<Record<string, string>> = { slack: "sign-in-with-slack" };

/** Reads them out of a stack's file. What is wrong with them the program says, which reads them next. */
export function builtInsOf(config: Readonly<Record<string, unknown>>): BuiltIn[] {
  const prefix = config["token-vault-kit:namePrefix"];
  return listOf(config["token-vault-kit:builtInConnections"]).map(({ strategy, name }) => ({
    strategy: String(strategy),
    name: `${prefix ?? ""}${name ?? names[String(strategy)] ?? strategy}`,
    isNamed: name !== undefined,
  }));
}

/** As YAML, or as the JSON text that the engine keeps it as. */
function listOf(value: unknown): PlainMap[] {
  if (Array.isArray(value)) return value.filter(isPlainMap);
  try {
    return typeof value === "string" ? listOf(JSON.parse(value)) : [];
  } catch {
    return [];
  }
}
