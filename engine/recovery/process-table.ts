/** @module The processes of this machine, as far as recovery asks about them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { ps } from "../../locks/process-start.ts";

/** One process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** When it began, epoch milliseconds by the clock of now. */
  readonly startedMs: number;
  /** Program and arguments. */
  readonly words: readonly string[];
}

/** Ticks a second of /proc's times: USER_HZ, 100 on every platform that Node runs on. */
const ticksPerSecond = 100;

/**
 * The process with this pid. Reads `/proc` on Linux and asks `ps` elsewhere; never throws.
 *
 * @returns Undefined when there is none, and for one that has ended and was not collected.
 */
export function processOf(pid: number): Process | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === "linux") return fromProc(pid);
  return fromPs(["-p", String(pid)])[0];
}

/** Every process that this user can see. */
export function allProcesses(): Process[] {
  if (process.platform !== "linux") return fromPs(["-ax"]);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => fromProc(Number(name)))
    .filter((each) => each !== undefined);
}

/** A variable that a process was started with. Undefined, too, where the system does not show it. */
export function startedWith(pid: number, name: string): string | undefined {
  const prefix = `${name}=`;
  const variables = text(`/proc/${pid}/environ`).split("\0");
  return variables.find((each) => each.startsWith(prefix))?.slice(prefix.length);
}

/** True for the Pulumi CLI itself. */
export function isEngine({ words }: Process): boolean {
  return basename(words[0] ?? "") === "pulumi";
}

/** proc_pid_stat(5): state is field 3, the parent 4, threads 20, the start 22. */
function fromProc(pid: number): Process | undefined {
  const stat = text(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const [threads, ticks] = [Number(fields[17]), Number(fields[19])];
  if (stat === "" || state === "X" || (state === "Z" && threads <= 1)) return undefined;
  const uptime = Number(text("/proc/uptime").split(" ")[0]);
  return {
    pid,
    parent: Number(parent),
    startedMs: Date.now() - (uptime - ticks / ticksPerSecond) * 1000,
    words: text(`/proc/${pid}/cmdline`).split("\0").slice(0, -1),
  };
}

/** `lstart` is five words: Sun Nov 22 20:16:02 2026. */
function fromPs(which: readonly string[]): Process[] {
  let lines: string[];
  try {
    const format = ["-o", "pid=,ppid=,stat=,lstart=,command="];
    lines = ps([...format, ...which], 5_000).split("\n");
  } catch {
    return [];
  }
  return lines.flatMap((line) => {
    const [pid, parent, state = "Z", ...rest] = line.trim().split(/\s+/);
    const startedMs = Date.parse(`${rest.slice(0, 5).join(" ")} UTC`);
    if (state.startsWith("Z") || Number.isNaN(startedMs)) return [];
    return [{ pid: Number(pid), parent: Number(parent), startedMs, words: inWords(rest.slice(5)) }];
  });
}

/** `ps` quotes nothing: a program's path with spaces is put together again, if there is such a file. */
function inWords(parts: readonly string[]): readonly string[] {
  if (!parts[0]?.startsWith("/")) return parts;
  for (let count = 1; count <= parts.length; count++) {
    const program = parts.slice(0, count).join(" ");
    if (isFile(program)) return [program, ...parts.slice(count)];
  }
  return parts;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Gone, another user's, or no path at all but a long text.
    return false;
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
