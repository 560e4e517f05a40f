/** @module Ending a service's process, with whatever it started. */
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "../locks/process-start.ts";

/** How long a process has to end by itself, in milliseconds. */
const graceMs = 5_000;
/** How long the kernel may take over a kill. */
const killMs = 2_000;

/**
 * Ends the process group of `leader`: asks first, and kills what is left after five seconds.
 *
 * @param leader A process as it was recorded. One that has its pid by chance is left alone.
 * @returns False when it had ended before.
 */
export async function stopProcess(leader: {
  readonly pid: number;
  readonly processStart: string;
}): Promise<boolean> {
  const alive = () => processStart(leader.pid) === leader.processStart;
  if (!alive()) return false;
  signalGroup(leader.pid, "SIGTERM");
  await gone(alive, graceMs);
  // Children that a leader leaves behind are part of the service too.
  signalGroup(leader.pid, "SIGKILL");
  await gone(alive, killMs);
  return true;
}

async function gone(alive: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (alive() && performance.now() < deadline) await sleep(20);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
