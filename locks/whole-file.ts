/** @module A file that is there whole or as it was, whoever is killed while it is written. */
import { linkSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";

export interface WholeFileOptions {
  /** Permissions, less the umask. Default 0600. */
  readonly mode?: number;
  /** On the disk before it takes the name, so that no power cut leaves an empty file. Default false. */
  readonly flush?: boolean;
  /** When it counts as written. Default now. */
  readonly mtime?: Date;
}

/** Writes the file, in the place of one that is there. Its folder must be there. */
export function replaceFile(
  file: string,
  content: string | Uint8Array,
  options: WholeFileOptions = {},
): void {
  written(file, content, options, renameSync);
}

/**
 * Writes a file that is not there yet. Nobody's file is lost between look and write: a link is
 * refused where the name is taken.
 *
 * @throws `EEXIST`: there is one.
 */
export function makeFile(
  file: string,
  content: string | Uint8Array,
  options: WholeFileOptions = {},
): void {
  written(file, content, options, linkSync);
}

/** Writes a file unless it is there: of two first runs at once, both go on with the first one's. */
export function makeFileOnce(
  file: string,
  content: string | Uint8Array,
  options: WholeFileOptions = {},
): void {
  try {
    makeFile(file, content, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function written(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600, flush = false, mtime }: WholeFileOptions,
  name: (from: string, to: string) => void,
): void {
  const temporary = `${file}.${process.pid}.tmp`;
  // One that a process with our pid left would keep its permissions.
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, content, { mode, flush, flag: "wx" });
    if (mtime !== undefined) utimesSync(temporary, mtime, mtime);
    name(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}
