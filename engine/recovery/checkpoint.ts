/** @module A stack's state as the file backend keeps it: read, kept a copy of, and restored from it. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { namesIfThere, textIfThere } from "../../locks/if-there.ts";
import { replaceFile } from "../../locks/whole-file.ts";
import type { GuardedStack, Known } from "./guarded-stack.ts";
import { RecoveryError } from "./recovery-error.ts";

/** What recovery reads in a state. */
export interface Checkpoint extends Known {
  /** What a killed run was at, in words: `creating URN`. */
  readonly pending: readonly string[];
  /** Ids of resources that are not deleted when they leave the state. */
  readonly retained: ReadonlySet<string>;
  /** What its commands have said (`stdout`). */
  readonly said: readonly string[];
}

interface StateResource {
  readonly urn?: string;
  readonly id?: string;
  readonly type?: string;
  readonly retainOnDelete?: boolean;
  readonly outputs?: { readonly stdout?: unknown };
}

interface StateFile {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly StateResource[] | null;
      readonly pending_operations?:
        | readonly { readonly type?: string; readonly resource?: StateResource }[]
        | null;
    } | null;
  };
}

/** The stack's state. Undefined where it has none yet. @throws {SyntaxError} It is damaged. */
export function readCheckpoint(stack: GuardedStack): Checkpoint | undefined {
  const text = textIfThere(stateFile(stack));
  if (text === undefined) return undefined;
  const latest = parsed(text).checkpoint?.latest;
  const resources = latest?.resources ?? [];
  const operations = latest?.pending_operations ?? [];
  const idsOf = (some: readonly StateResource[]) =>
    new Set(some.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return {
    ids: idsOf(resources),
    said: resources.flatMap(({ outputs }) =>
      typeof outputs?.stdout === "string" ? [outputs.stdout] : [],
    ),
    retained: idsOf(resources.filter((each) => each.retainOnDelete === true)),
    types: new Set(resources.flatMap(({ type }) => (type === undefined ? [] : [type]))),
    pending: operations.map(({ type, resource }) => `${type ?? "?"} ${resource?.urn ?? "?"}`),
  };
}

/** Keeps a copy of the state, if it can be read and has changed since the last one. */
export function keepCopy(stack: GuardedStack): void {
  const file = stateFile(stack);
  const { mtime, size } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (mtime === undefined) return;
  const copy = copyFile(stack);
  const kept = statSync(copy, { throwIfNoEntry: false });
  if (kept?.size === size && kept?.mtimeMs === mtime.getTime()) return;
  const text = readFileSync(file, "utf8");
  parsed(text);
  replaceFile(copy, text, { flush: true, mtime });
}

/**
 * Puts the last state that can be read back in the place of one that can't: a full disk truncates it.
 *
 * Looks at our copy, the engine's own backup and its history, and takes the newest. The damaged file
 * stays beside, as `STACK.json.damaged`.
 *
 * @returns True when the state was restored: it can be older than what was done since.
 * @throws {RecoveryError} `STATE_UNREADABLE`: there is nothing to restore it from.
 */
export function restoreDamaged(stack: GuardedStack): boolean {
  const file = stateFile(stack);
  const text = textIfThere(file);
  if (text === undefined || isWhole(text)) return false;
  const [newest] = candidates(stack, file)
    .map((each) => ({
      text: textIfThere(each) ?? "",
      mtime: statSync(each, { throwIfNoEntry: false })?.mtime ?? new Date(0),
    }))
    .filter((each) => isWhole(each.text))
    .sort((one, other) => other.mtime.getTime() - one.mtime.getTime());
  if (newest === undefined) {
    throw new RecoveryError(
      "STATE_UNREADABLE",
      `${file} is damaged, and there is no copy of it`,
      "Move it away and run tvk up: it takes over every object that bears the stack's marks.",
    );
  }
  replaceFile(`${file}.damaged`, text, { flush: true });
  replaceFile(file, newest.text, { flush: true, mtime: newest.mtime });
  stack.note(
    `The state of "${stack.stack}" was damaged; the one of ${newest.mtime.toISOString()} is back in its place, and what was done since is looked up.`,
  );
  return true;
}

/** Forgets the copy: a removed stack's state must not come back. */
export function forgetCopy(stack: GuardedStack): void {
  rmSync(copyFile(stack), { force: true });
}

function stateFile({ backendDir, project, stack }: GuardedStack): string {
  return join(backendDir, ".pulumi", "stacks", project, `${stack}.json`);
}

function copyFile({ dir }: GuardedStack): string {
  return join(dir, "state-copy.json");
}

function candidates(stack: GuardedStack, file: string): string[] {
  const history = join(stack.backendDir, ".pulumi", "history", stack.project, stack.stack);
  const checkpoints = namesIfThere(history).filter((name) => name.endsWith(".checkpoint.json"));
  // Their names hold the time: the last is the newest, and the one before is there in case it is damaged too.
  const last = checkpoints.sort().slice(-2);
  return [copyFile(stack), `${file}.bak`, ...last.map((name) => join(history, name))];
}

function isWhole(text: string): boolean {
  try {
    return parsed(text).checkpoint !== undefined;
  } catch {
    return false;
  }
}

function parsed(text: string): StateFile {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new SyntaxError("it is no object");
  return value;
}
