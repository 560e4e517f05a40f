/** @module `tvk pulumi -- …`: the engine itself, with the stack's environment. */
import { command } from "../command.ts";
import { endAs, stackArgs, stackOf } from "../stack/stack-args.ts";

export const pulumi = command({
  description: "Run the engine with the stack's environment: tvk pulumi -- stack output",
  args: stackArgs,
  async run({ args }) {
    const stack = await stackOf(args);
    const { exitCode } = await stack.pulumi(args._);
    return endAs(exitCode);
  },
});
