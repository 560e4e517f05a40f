/** @module What a stack runs on, whichever kind it is: the contract between stack.ts and its two kinds. */
import type { Progress } from "../progress.ts";
import type { LocalTenant } from "../tenant/local-tenant.ts";
import type { PulumiOutput, PulumiResult } from "./engine-run.ts";

/** How to open a stack. */
export interface OpenStackOptions {
  readonly projectDir: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** Runs the engine on the stack. Never rejects for its exit code. */
export type RunStack = (args: readonly string[], output: PulumiOutput) => Promise<PulumiResult>;

/** What a local stack and a cloud stack differ in. */
export interface StackGround {
  /** The tenant, for a local stack. */
  readonly tenant: LocalTenant | undefined;
  /** Pulumi's home, where it is the stack's own. */
  readonly home: string | undefined;
  /** What plain `pulumi` needs beyond the caller's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names that the engine must not get from the caller's environment. */
  readonly withheld: readonly string[];
  /** What each command of the engine gets. */
  readonly flags: readonly string[];
  /** Makes the stack where it is missing: `init` is `pulumi stack init` with these arguments, in this folder. */
  initialise(init: (args: readonly string[], cwd: string) => Promise<void>): Promise<void>;
  /** The same run, with what recovery does before and after it. `env` is what the engine has. */
  recovering(run: RunStack, env: NodeJS.ProcessEnv): RunStack;
}
