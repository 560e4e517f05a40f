/** @module Whether there is room for a run: an engine that can't write its state damages it. */
import { statfsSync } from "node:fs";
import { RecoveryError } from "./recovery-error.ts";

/** A run writes less than 5 MB; the rest is for what others write meanwhile. */
const enoughBytes = 50 * 1024 * 1024;

/** @throws {RecoveryError} `DISK_FULL`: less than 50 MB are free where `dir` is. */
export function requireFreeSpace(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  if (free >= enoughBytes) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MB`;
  throw new RecoveryError(
    "DISK_FULL",
    `only ${megabytes(free)} are free where ${dir} is, and a run needs ${megabytes(enoughBytes)}`,
    "Make room there and run again; nothing was changed.",
  );
}
