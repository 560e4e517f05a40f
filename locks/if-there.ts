/** @module Files and folders that others make and remove at any time: what is there is read, what is not is passed by. */
import { readdirSync, readFileSync } from "node:fs";

/** The file's text. Undefined where there is no such file. @throws It can't be read. */
export function textIfThere(file: string): string | undefined {
  return ifThere(() => readFileSync(file, "utf8"));
}

/**
 * What is in the folder, by name; nothing where there is no such folder.
 *
 * @param recursive Also what is in its folders, as paths from it. Default false.
 * @throws It can't be read.
 */
export function namesIfThere(dir: string, recursive = false): string[] {
  return ifThere(() => readdirSync(dir, { recursive }).map(String)) ?? [];
}

/** Tried, not asked before: between look and work somebody else may remove it. Undefined where it is not there. */
export function ifThere<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
