/** @module The backend's `.attrs` files: beside each file, and torn when an engine is killed as it writes one. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** An engine that lives writes such a file at once: what is younger is left alone, in milliseconds. */
const writingMs = 1_000;

/**
 * Removes attribute files that can't be read. The engine takes one that is missing for an empty one,
 * and ends at a torn one with "failed to load checkpoint: EOF", however sound the state is.
 *
 * @returns How many were removed.
 */
export function removeTornAttributes(backendDir: string): number {
  const dir = join(backendDir, ".pulumi");
  const torn = ["", "stacks"]
    .flatMap((folder) =>
      names(join(dir, folder), folder !== "").map((name) => join(dir, folder, name)),
    )
    .filter((file) => file.endsWith(".attrs") && isTorn(file));
  for (const file of torn) rmSync(file, { force: true });
  return torn.length;
}

function isTorn(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return false;
  } catch (error) {
    if (!(error instanceof SyntaxError)) return false;
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    return Math.abs(Date.now() - mtimeMs) >= writingMs;
  }
}

function names(dir: string, recursive: boolean): string[] {
  try {
    return readdirSync(dir, { recursive }).map(String);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
