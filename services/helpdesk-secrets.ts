/** @module The three secrets of a stack's helpdesk: made on first use, then kept in a 0600 file. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { textIfThere } from "../locks/if-there.ts";
import { makeFileOnce } from "../locks/whole-file.ts";

export interface HelpdeskSecrets {
  /** What the helpdesk knows Auth0 by. */
  readonly clientSecret: string;
  /** Signs session cookies. */
  readonly sessionSecret: string;
  /** Keys the hashes under which tokens are kept. */
  readonly tokenSecret: string;
}

const names = ["clientSecret", "sessionSecret", "tokenSecret"] as const;

/**
 * The secrets that `dir` keeps; every run gives the same.
 *
 * @throws {Error} The file is there and holds something else.
 */
export function helpdeskSecrets(dir: string): HelpdeskSecrets {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "helpdesk-secrets.json");
  const kept = read(file);
  if (kept !== undefined) return kept;
  const secret = () => randomBytes(32).toString("hex");
  const made: HelpdeskSecrets = {
    clientSecret: secret(),
    sessionSecret: secret(),
    tokenSecret: secret(),
  };
  makeFileOnce(file, `${JSON.stringify(made)}\n`);
  return read(file) ?? made;
}

/** The secrets that `dir` keeps; undefined where it keeps none, or none that can be read. */
export function keptHelpdeskSecrets(dir: string): HelpdeskSecrets | undefined {
  try {
    return read(join(dir, "helpdesk-secrets.json"));
  } catch {
    return undefined;
  }
}

function read(file: string): HelpdeskSecrets | undefined {
  const text = textIfThere(file);
  if (text === undefined) return undefined;
  const value = parsed(text);
  if (isSecrets(value)) return value;
  throw new Error(`${file} does not hold the helpdesk's three secrets; remove it to have new ones`);
}

/** The parser's message would quote the text, and the text holds secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSecrets(value: unknown): value is HelpdeskSecrets {
  const record = value as Record<string, unknown> | null;
  return (
    typeof record === "object" &&
    record !== null &&
    names.every((name) => typeof record[name] === "string")
  );
}
