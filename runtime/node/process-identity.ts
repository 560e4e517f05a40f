/** @module Tells a process from a later one with its pid, as far as the system lets us see. */
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own clock ticks; empty where that can't be seen. */
  started: string;
  /** The machine, its boot and its pid namespace: elsewhere the pid means another process. */
  place: string;
}

let own: Promise<ProcessIdentity> | undefined;

/** This process. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= (async () => ({
    pid: process.pid,
    started: await startOf(process.pid),
    place: await placeOf(),
  }))();
  return own;
}

/** Has the process ended for sure? False where it can't be known from here. */
export async function isGone({ pid, started, place }: ProcessIdentity): Promise<boolean> {
  if (place !== (await ownIdentity()).place) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = await startOf(pid);
  return now !== "" && started !== "" && now !== started;
}

async function startOf(pid: number) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The 22nd field; the second is a name in brackets, which may hold anything.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function placeOf() {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return [hostname(), boot.trim(), namespace].join(" ");
}
