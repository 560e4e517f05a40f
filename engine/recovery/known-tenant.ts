/** @module Which tenant a state is about: after a `tvk tenant reset` its objects are gone, and the state does not know. */
import { join } from "node:path";
import { textIfThere } from "../../locks/if-there.ts";
import { replaceFile } from "../../locks/whole-file.ts";
import type { GuardedStack } from "./guarded-stack.ts";

/** True where the stack's last run was with another tenant than the one that is there now. */
export function isOtherTenant(stack: GuardedStack): boolean {
  const known = knownTenant(stack);
  return stack.tenant !== undefined && known !== undefined && known !== stack.tenant;
}

/** Writes down the tenant of now, once the state is about it. */
export function keepTenant(stack: GuardedStack): void {
  if (stack.tenant === undefined || knownTenant(stack) === stack.tenant) return;
  replaceFile(file(stack), `${stack.tenant}\n`);
}

function knownTenant(stack: GuardedStack): string | undefined {
  return textIfThere(file(stack))?.trim();
}

function file({ dir }: GuardedStack): string {
  return join(dir, "tenant");
}
