/** @module The flags that every command about a stack takes. */
import { delimiter, join } from "node:path";
import type { ArgsDef } from "citty";
import { renderPolicyPack } from "../../engine/policy-pack.ts";
import { CliError, exitCodes } from "../exit-codes.ts";
import { progressOn } from "../progress.ts";
import { type OpenStack, openStack } from "./stack.ts";

/** Flags of `up`, `preview`, `destroy`, `dev`, `pulumi` and `shell`. What stands behind `--` goes to the engine. */
export const stackArgs = {
  stack: {
    type: "string",
    alias: "s",
    default: "dev",
    description: "Stack; Pulumi.STACK.yaml configures it",
  },
} as const satisfies ArgsDef;

/** The flag of `up`, `preview` and `env create`. */
export const policyArgs = {
  policy: {
    type: "boolean",
    description: "Hold the stack to the policy pack (docs/policy.md)",
  },
} as const satisfies ArgsDef;

/** What a run that is held to the policy pack needs: the engine's flags, and an environment that serves it. */
export function policyRun(
  { policy }: { policy?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): { flags: string[]; env: NodeJS.ProcessEnv } {
  if (policy !== true) return { flags: [], env };
  const { dir, bin } = renderPolicyPack(join(process.cwd(), ".tvk", "policy"));
  const path = [bin, env["PATH"] ?? ""].join(delimiter);
  return { flags: ["--policy-pack", dir], env: { ...env, PATH: path } };
}

/** Opens the stack that the flags name, in the current folder's project. */
export function stackOf(
  args: { stack: string },
  env: NodeJS.ProcessEnv = process.env,
): Promise<OpenStack> {
  return openStack({
    projectDir: process.cwd(),
    stack: args.stack,
    env,
    progress: progressOn(process.stderr, env),
  });
}

/** Without a terminal, or told to, the engine must not ask. */
export function unasked(confirm: boolean): string[] {
  const asks = !confirm && process.stdin.isTTY === true && process.stdout.isTTY === true;
  return asks ? [] : ["--yes", "--skip-preview", "--non-interactive"];
}

/** A run of the engine that failed, for a command that prints a result of its own. */
export function engineFailure(command: string, exitCode: number): CliError {
  return new CliError(`${command}_failed`, `pulumi ${command} ended with ${exitCode}`, {
    exitCode: exitCodes.general,
    hint: "What it said is above. Mend what it names and run the command again: it goes on from there.",
  });
}

/** The command ends as the engine ended: its exit codes mean more than ours would. */
export function endAs(exitCode: number): undefined {
  process.exitCode = exitCode;
  return undefined;
}
