/** @module One run of a stack's engine: alone, with room on the disk, and after what a killed run left is put right. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holderInWords, type LockHolder, lockHolder, withLock } from "../../locks/file-lock.ts";
import { removeTornAttributes } from "./attributes.ts";
import { clearDeadLocks, isLockedByLive } from "./backend-locks.ts";
import {
  type Checkpoint,
  forgetCopy,
  keepCopy,
  readCheckpoint,
  restoreDamaged,
} from "./checkpoint.ts";
import { requireFreeSpace } from "./free-space.ts";
import type { EngineResult, GuardedStack } from "./guarded-stack.ts";
import { isOtherTenant, keepTenant } from "./known-tenant.ts";
import { letGo, rememberLetGo } from "./let-go.ts";
import { endOrphans } from "./orphans.ts";
import { RecoveryError } from "./recovery-error.ts";
import { leavesAll, type RunKind, runKind, wordsOf } from "./run-kind.ts";

/** How a request that a killed plugin has sent is given time to arrive, in milliseconds. */
const settleMs = 1_000;
/** A state that has nothing. */
const nothing: Checkpoint = {
  ...{ ids: new Set(), types: new Set(), retained: new Set() },
  ...{ pending: [], said: [] },
};
/** Lines of a failed recovery that its error quotes. */
const quotedLines = 12;

/**
 * Runs `work`, the engine's run with these arguments, when the stack is fit for it.
 *
 * What changes the stack waits for its turn among all `tvk` of this machine, and for a plain `pulumi`
 * that holds the stack, saying whom it waits for. A preview waits for nobody. Before, what a killed
 * run left is put right: orphans ended, dead locks cleared, a damaged state restored, pending
 * operations settled. Where nothing is left this reads one file and starts nothing. What was made and
 * recorded nowhere is removed with the stack, and by the `up` that follows a run which was killed or
 * failed; what the stack let go on purpose stays.
 *
 * @throws {RecoveryError} The run did not begin.
 */
export async function guardedRun<Result extends { readonly exitCode: number }>(
  stack: GuardedStack,
  args: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const kind = runKind(args);
  if (kind === "other") return work();
  const lock = join(stack.dir, "run.lock");
  // Whoever holds it runs an engine: such a wait is told at once.
  const wait = { waiting: waitingFor(stack), quietMs: 0 };
  if (kind !== "previews") return withLock(lock, wait, () => changingRun(stack, kind, args, work));
  if (lockHolder(lock) === undefined && !isLockedByLive(stack)) {
    await withLock(lock, wait, async () => {
      await recover(stack);
      keepTenant(stack);
    });
  }
  return work();
}

/** A run that writes the state. The caller holds the stack's lock. */
async function changingRun<Result extends { readonly exitCode: number }>(
  stack: GuardedStack,
  kind: RunKind,
  args: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  requireFreeSpace(stack.dir);
  const recovered = await recover(stack);
  keepTenant(stack);
  keepCopy(stack);
  const before = readCheckpoint(stack) ?? nothing;
  rememberLetGo(stack, before);
  const [command = ""] = wordsOf(args);
  const isUp = command === "up" || command === "update";
  const mark = unfinishedMark(stack);
  const wasUnfinished = existsSync(mark);
  const follows = recovered || (isUp && wasUnfinished);
  const sweeps = (kind === "removes" || follows) && !leavesAll(args);
  if (sweeps) await sweep(stack, "before");
  if (isUp && follows) await stack.renewServices(before.said);
  // Before it begins: whoever is killed in it can't say so afterwards.
  writeFileSync(mark, "");
  const result = await work();
  const after = stateAfter(stack, before);
  rememberLetGo(stack, after ?? nothing, takenOutByHand(args, before, after));
  if (result.exitCode === 0) {
    if (sweeps) await sweep(stack, "after");
    if (isUp || kind === "removes" || !wasUnfinished) rmSync(mark, { force: true });
  }
  if (after === undefined) forgetCopy(stack);
  return result;
}

/**
 * There from a run's beginning to its success. Of a plugin that was killed in a create the state has
 * no trace, only that its run came to no good end.
 */
function unfinishedMark({ dir }: GuardedStack): string {
  return join(dir, "run-unfinished");
}

/** What `pulumi state …` or `stack import` has just dropped: a person wanted it out, and the object to stay. */
function takenOutByHand(
  args: readonly string[],
  before: Checkpoint,
  after: Checkpoint | undefined,
): string[] {
  const [command, what] = wordsOf(args);
  const isByHand = command === "state" || (command === "stack" && what === "import");
  return isByHand ? [...before.ids].filter((id) => !after?.ids.has(id)) : [];
}

/** One that the run has damaged is restored by the next: until then it counts as it was. */
function stateAfter(stack: GuardedStack, before: Checkpoint): Checkpoint | undefined {
  try {
    return readCheckpoint(stack);
  } catch {
    return before;
  }
}

/**
 * Puts right what a killed run left. The caller holds the stack's lock.
 *
 * @returns True when the state may not have known of everything that was made.
 */
async function recover(stack: GuardedStack): Promise<boolean> {
  const cleared = await clearDeadLocks(stack);
  await removeTornAttributes(stack.backendDir);
  const restored = restoreDamaged(stack);
  const { pending = [], ids } = readCheckpoint(stack) ?? {};
  const moved = isOtherTenant(stack) && ids !== undefined && ids.size > 0;
  if (cleared === 0 && !restored && !moved && pending.length === 0) return false;
  await endOrphans(stack.home);
  if (cleared > 0) stack.note(`Cleared the lock of a run of "${stack.stack}" that was killed.`);
  if (!restored && !moved && pending.length === 0) return false;
  if (moved) stack.note(`The local tenant is a new one: looking what of "${stack.stack}" it has.`);
  // Nothing more is sent from here on; what was sent may still be on its way.
  await sleep(settleMs);
  if (pending.length > 0) {
    stack.note(
      `The last run of "${stack.stack}" was killed while ${pending.map(inWords).join(", ")}; looking what became of it.`,
    );
  }
  await settle(stack);
  return true;
}

/** What no state knows is found by its marks: a plugin that was killed leaves nothing else. */
async function sweep(stack: GuardedStack, moment: "before" | "after"): Promise<void> {
  const { ids, types } = readCheckpoint(stack) ?? nothing;
  const stays = new Set([...ids, ...letGo(stack)]);
  const swept = await stack.sweep({ ids: stays, types }, moment);
  if (swept.length > 0) stack.note(`Removed what a killed run had left: ${swept.join(", ")}.`);
}

/**
 * Brings the state to what is there. A create that was under way is dropped from it: the object, if it
 * was made, bears the stack's marks, and the plugin's next create takes it over.
 */
async function settle(stack: GuardedStack): Promise<void> {
  // Whoever could still tear one is gone by now.
  await removeTornAttributes(stack.backendDir);
  const args = ["refresh", "--yes", "--skip-preview", "--non-interactive"];
  const result = await stack.pulumi([...args, "--clear-pending-creates"]);
  const left = result.exitCode === 0 ? (readCheckpoint(stack)?.pending ?? []) : [];
  if (result.exitCode === 0 && left.length === 0) return;
  const why = left.length > 0 ? `still ${left.map(inWords).join(", ")}` : `exit ${result.exitCode}`;
  const kept = keepText(stack, result);
  throw new RecoveryError(
    "RECOVERY_FAILED",
    `the stack "${stack.stack}" could not be refreshed after its last run was killed (${why}):\n${ending(result)}`,
    `Mend what it names and run again: recovery goes on from there. All that the engine said is in ${kept}.`,
  );
}

/** What the engine said is longer than an error should be, and gone with the terminal. */
function keepText({ dir }: GuardedStack, { stdout, stderr }: EngineResult): string {
  const file = join(dir, "recovery.log");
  writeFileSync(file, `${new Date().toISOString()}\n${stdout}\n${stderr}\n`, { mode: 0o600 });
  return file;
}

/** `creating urn:…::helpdesk-connection` becomes "creating helpdesk-connection". */
function inWords(operation: string): string {
  const [what = "", urn = ""] = operation.split(" ");
  return `${what} ${urn.split("::").at(-1) ?? urn}`;
}

function ending({ stdout, stderr }: EngineResult): string {
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(-quotedLines)
    .map((line) => `    ${line}`)
    .join("\n");
}

function waitingFor(stack: GuardedStack): (holder: LockHolder | undefined) => void {
  return (holder) => {
    stack.note(`Waiting for ${holderInWords(holder)}, which runs the stack "${stack.stack}".`);
  };
}
