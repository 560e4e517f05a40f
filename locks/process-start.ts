/** @module When a process began: with its pid, what tells it from a later one that got the same pid. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Returns a text that is the same for as long as the process lives, and another for any other process.
 *
 * Reads `/proc` on Linux and asks `ps` elsewhere. Never throws.
 *
 * @returns Undefined when no process has this pid, and for one that has ended and that its parent
 * has not yet collected.
 */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/**
 * Ticks since boot (proc_pid_stat(5), field 22), with the boot's own id: ticks begin anew with it.
 *
 * A killed process of several threads (field 20) can be a zombie by its first thread alone: the
 * others still hold its files and its ports.
 */
function fromProc(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name, in parentheses, can hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const [threads, ticks] = [fields[17], fields[19]];
  const ended = state === "X" || (state === "Z" && Number(threads) <= 1);
  if (ticks === undefined || ended) return undefined;
  return `${bootId()}/${ticks}`;
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  } catch {
    return "-";
  }
}

/**
 * What `ps` says. Its times are in UTC: the same process has the same start after a journey, and for a caller with a
 * time zone of its own.
 *
 * @throws It says nothing within the time, or knows no such process.
 */
export function ps(args: readonly string[], timeoutMs: number): string {
  return execFileSync("ps", args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: timeoutMs,
  });
}

function fromPs(pid: number): string | undefined {
  const line = ps(["-o", "stat=,lstart=", "-p", String(pid)], 2_000).trim();
  const [state = "", ...started] = line.split(/\s+/);
  return started.length === 0 || state.startsWith("Z") ? undefined : started.join(" ");
}
