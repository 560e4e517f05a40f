/** @module One link of the chain that `tvk doctor` looks at, and what was found there. */
import type { Chain } from "./chain.ts";

/** What a check found. `hint` is the command or the setting that mends it. */
export type Finding =
  | { readonly status: "ok"; readonly message: string }
  | { readonly status: "failed" | "skipped"; readonly message: string; readonly hint?: string };

/** One link. It is looked at only when all that it stands on is whole. */
export interface Check {
  /** Names the link in `--json`; API: added to, never renamed. */
  readonly id: string;
  /** Checks that stand before this one in the table. */
  readonly needs: readonly string[];
  run(chain: Chain): Promise<Finding>;
}

export function ok(message: string): Finding {
  return { status: "ok", message };
}

export function failed(message: string, hint: string): Finding {
  return { status: "failed", message, hint };
}

export function skipped(message: string, hint?: string): Finding {
  return { status: "skipped", message, ...(hint === undefined ? {} : { hint }) };
}
