/** @module `tvk destroy`: removes everything that the stack made, or the part of it that the engine is told to. */
import { runKind } from "../../engine/recovery/run-kind.ts";
import { command } from "../command.ts";
import type { Globals } from "../globals.ts";
import { printResult, say } from "../output.ts";
import { clientOf, removeStackProfile } from "../profiles/stack-profile.ts";
import { remainingResources } from "../stack/remaining-resources.ts";
import { engineFailure, stackArgs, stackOf, unasked } from "../stack/stack-args.ts";

export const destroy = command({
  description: "Remove everything the stack made (pulumi destroy)",
  args: stackArgs,
  failure: "destroy_failed",
  async run({ args, globals }) {
    const stack = await stackOf(args);
    const client = await clientOf(stack);
    const show = globals.json ? "stderr" : "show";
    const { exitCode } = await stack.pulumi(
      ["destroy", ...flagsFor(args._, globals), ...args._],
      show,
    );
    if (exitCode !== 0) throw engineFailure("destroy", exitCode);
    // A target, a protected resource or a mere preview leaves some, and its users signed in.
    const left = await remainingResources(stack);
    if (left !== 0) {
      printResult({ status: "incomplete", stack: args.stack, left: left ?? null }, () => "");
      say(`The stack "${args.stack}" still has ${left ?? "its"} resources; its profile stays.`);
      return undefined;
    }
    // The profile names a client that is gone.
    await removeStackProfile({ place: stack, client });
    printResult({ status: "destroyed", stack: args.stack }, () => "");
    return undefined;
  },
});

/** A preview asks nothing, and the engine does not take it together with what skips one. */
function flagsFor(flags: readonly string[], { confirm }: Pick<Globals, "confirm">): string[] {
  const previews = runKind(["destroy", ...flags]) === "previews";
  return previews ? ["--non-interactive"] : unasked(confirm);
}
