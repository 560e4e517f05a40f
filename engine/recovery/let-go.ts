/** @module What a stack let go on purpose: its state does not have it any more, and it stays all the same. */
import { join } from "node:path";
import { textIfThere } from "../../locks/if-there.ts";
import { replaceFile } from "../../locks/whole-file.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { GuardedStack } from "./guarded-stack.ts";
import { RecoveryError } from "./recovery-error.ts";

/**
 * Ids of objects that bear the stack's marks and that no sweep may take: they were in a state with
 * `retainOnDelete`, or a person took them out of it.
 *
 * @throws {RecoveryError} `STATE_UNREADABLE`: nobody knows which they are.
 */
export function letGo(stack: GuardedStack): ReadonlySet<string> {
  const file = letGoFile(stack);
  const text = textIfThere(file);
  if (text === undefined) return new Set();
  try {
    const { ids } = JSON.parse(text);
    if (!Array.isArray(ids)) throw new TypeError("it has no ids");
    return new Set(ids.map(String));
  } catch (cause) {
    throw new RecoveryError(
      "STATE_UNREADABLE",
      `${file} is damaged: it names what the stack "${stack.stack}" let go and nothing may remove`,
      'Put a copy back, or write {"ids":[]} into it; then the next destroy removes all that bears the stack\'s marks.',
      cause,
    );
  }
}

/**
 * Remembers what this state lets go, before the engine can drop it: a kill in between loses nothing.
 *
 * @param state As it is now. Of what it has, only that is remembered which is retained now.
 * @param takenOut Ids that a person has just taken out of the state.
 */
export function rememberLetGo(
  stack: GuardedStack,
  state: Pick<Checkpoint, "ids" | "retained">,
  takenOut: Iterable<string> = [],
): void {
  const known = letGo(stack);
  const next = new Set([...known, ...takenOut].filter((id) => !state.ids.has(id)));
  for (const id of state.retained) next.add(id);
  const ids = [...next].sort();
  if (ids.join("\n") === [...known].sort().join("\n")) return;
  replaceFile(letGoFile(stack), `${JSON.stringify({ ids })}\n`);
}

function letGoFile({ dir }: GuardedStack): string {
  return join(dir, "let-go.json");
}
