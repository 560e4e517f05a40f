/** @module What a killed engine leaves running: its language host, its program and its plugins. */
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "../../locks/process-start.ts";
import { allProcesses, isEngine, type Process, startedWith } from "./process-table.ts";

/** How long an orphan has to end by itself, in milliseconds. */
const graceMs = 1_000;
/** How long the kernel may take over a kill. */
const killMs = 1_000;

/**
 * Ends the children of engines that are gone, by their pids, and waits until they are gone too.
 *
 * A child of the engine is known by the stack's PULUMI_HOME and by what it runs; a shell in which the
 * user has set that variable is none. One whose engine lives is left alone.
 *
 * @param home PULUMI_HOME of the stack: no other stack has it.
 * @returns The pids.
 */
export async function endOrphans(home: string): Promise<number[]> {
  const processes = new Map(allProcesses().map((each) => [each.pid, each]));
  const orphans = [...processes.values()].filter(
    (each) => isChildOfEngine(each, home) && !hasEngine(each, processes),
  );
  const starts = new Map(orphans.map(({ pid }) => [pid, processStart(pid)]));
  const left = () =>
    orphans.filter(({ pid }) => {
      const start = processStart(pid);
      return start !== undefined && start === starts.get(pid);
    });
  for (const [signal, waitMs] of [
    ["SIGTERM", graceMs],
    ["SIGKILL", killMs],
  ] as const) {
    for (const { pid } of left()) send(pid, signal);
    const deadline = performance.now() + waitMs;
    while (left().length > 0 && performance.now() < deadline) await sleep(20);
  }
  return orphans.map(({ pid }) => pid);
}

/** A plugin runs from the home; language host and program do so only in their environment. */
function isChildOfEngine({ pid, words }: Process, home: string): boolean {
  const plugins = `${home}/plugins/`;
  if (words.some((word) => word.startsWith(plugins))) return true;
  // Where `ps` was asked, a home with a space in its path is two words.
  const isAsked = process.platform !== "linux" && home.includes(" ");
  if (isAsked && ` ${words.join(" ")}`.includes(` ${plugins}`)) return true;
  const runs = words.some((word) =>
    /(^|\/)pulumi-language-[\w-]+$|\/@pulumi\/pulumi\/cmd\/run(-policy-pack)?(\/|$)/.test(word),
  );
  return runs && startedWith(pid, "PULUMI_HOME") === home;
}

function hasEngine(child: Process, processes: ReadonlyMap<number, Process>): boolean {
  const seen = new Set<number>();
  for (let pid = child.parent; pid > 1 && !seen.has(pid); ) {
    seen.add(pid);
    const parent = processes.get(pid);
    if (parent === undefined) return false;
    if (isEngine(parent)) return true;
    pid = parent.parent;
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
