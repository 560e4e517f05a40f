/** @module The backend's `.attrs` files: beside each file, and torn when an engine is killed as it writes one. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { namesIfThere } from "../../locks/if-there.ts";

/** An engine that lives writes such a file at once: one that is torn and younger may still be written, in milliseconds. */
const writingMs = 1_000;
const lookAgainMs = 50;

/**
 * Removes attribute files that can't be read. The engine takes one that is missing for an empty one,
 * and ends at a torn one with "failed to load checkpoint: EOF", however sound the state is.
 *
 * One that was touched within the last second is given that second: either it is whole then, or whoever
 * wrote it is dead.
 *
 * @returns How many were removed.
 */
export async function removeTornAttributes(backendDir: string): Promise<number> {
  let removed = 0;
  for (;;) {
    const torn = tornAttributes(backendDir);
    const dead = torn.filter((file) => !isFresh(file));
    for (const file of dead) rmSync(file, { force: true });
    removed += dead.length;
    if (dead.length === torn.length) return removed;
    await sleep(lookAgainMs);
  }
}

/** The attribute files that can't be read. Looks only. */
export function tornAttributes(backendDir: string): string[] {
  const dir = join(backendDir, ".pulumi");
  return ["", "stacks"]
    .flatMap((folder) =>
      namesIfThere(join(dir, folder), folder !== "").map((name) => join(dir, folder, name)),
    )
    .filter((file) => file.endsWith(".attrs") && isTorn(file));
}

function isTorn(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return false;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}

/** A time ahead of ours is no fresh one: the clock was moved. */
function isFresh(file: string): boolean {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.abs(Date.now() - written) < writingMs;
}
