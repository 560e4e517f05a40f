/** @module What a command prints: one JSON document with --json, else text for a person. */
import type { Failure } from "./exit-codes.ts";

/** Set once by main.ts, before the command runs. */
const mode = { json: false, printed: false };

/** Chooses the form of everything that is printed from here on. */
export function printAsJson(json: boolean): void {
  mode.json = json;
  mode.printed = false;
}

/**
 * Prints a command's result on stdout.
 *
 * @param text The same for a person; nothing is printed when it is empty.
 */
export function printResult<T>(value: T, text: (value: T) => string): void {
  const line = mode.json ? JSON.stringify(value, null, 2) : printable(text(value));
  mode.printed = true;
  if (line !== "") process.stdout.write(`${line}\n`);
}

/** Prints a failure: the envelope `{"error":…}` on stdout with --json, else lines on stderr. */
export function printFailure(failure: Failure): void {
  const { code, message, hint, details } = failure;
  // A result that is out already is the one document; what failed after it is for a person.
  if (!mode.json || mode.printed) {
    say(`Error: ${message}${hint ? `\n${hint}` : ""}`);
    return;
  }
  const error = { code, message, ...(hint ? { hint } : {}), ...(details ? { details } : {}) };
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}

/** A line for the person while the command runs: always on stderr. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** What a tenant or a service wrote must not move the cursor of a terminal. */
function printable(text: string) {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\uFFFD");
}
