/** @module What a stack's state still has, for a command that must not say more than is true. */
import { resourcesOf } from "../../engine/recovery/exported-state.ts";
import type { OpenStack } from "./stack.ts";

/**
 * How many resources the state has, without components and providers, which are nothing outside of it.
 *
 * @returns 0 too where the stack itself is gone (`--remove`). Undefined where the engine does not say.
 */
export async function remainingResources(
  stack: Pick<OpenStack, "pulumi">,
): Promise<number | undefined> {
  const { exitCode, stdout, stderr } = await stack.pulumi(["stack", "export"], "collect");
  if (exitCode !== 0) return /no stack named/.test(stderr) ? 0 : undefined;
  return resourcesOf(JSON.parse(stdout)).filter(
    ({ custom, type }) => custom === true && !type.startsWith("pulumi:providers:"),
  ).length;
}
