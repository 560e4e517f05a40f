/** @module What a process has cost so far, from the system. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Microseconds of one tick of Linux's process times, which is a hundredth of a second on every platform of Node's. */
const tickMicroseconds = 10_000;

/** Resident memory, in MB. */
export function residentMegabytes(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}

/** CPU time of all threads, in microseconds; undefined where there is no /proc. */
export function cpuMicroseconds(pid: number): number | undefined {
  try {
    // The fields after the name, which may have spaces: utime and stime are the 12th and 13th of them.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds;
  } catch {
    return undefined;
  }
}
