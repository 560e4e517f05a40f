/** @module `tvk destroy`: removes everything that the stack made. */
import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { removeProfile } from "../profiles/profiles.ts";
import { engineFailure, stackArgs, stackOf, unasked } from "../stack/stack-args.ts";

export const destroy = command({
  description: "Remove everything the stack made (pulumi destroy)",
  args: stackArgs,
  failure: "destroy_failed",
  async run({ args, globals }) {
    const stack = await stackOf(args);
    const show = globals.json ? "stderr" : "show";
    const { exitCode } = await stack.pulumi(
      ["destroy", ...unasked(globals.confirm), ...args._],
      show,
    );
    if (exitCode !== 0) throw engineFailure("destroy", exitCode);
    // The profile names a client that is gone.
    await removeProfile(args.stack);
    printResult({ status: "destroyed", stack: args.stack }, () => "");
    return undefined;
  },
});
