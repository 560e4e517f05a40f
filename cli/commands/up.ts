/** @module `tvk up`: brings the stack to what the program says. */
import { command } from "../command.ts";
import { printResult, say } from "../output.ts";
import { saveStackProfile, typedFor } from "../profiles/stack-profile.ts";
import {
  engineFailure,
  policyArgs,
  policyRun,
  stackArgs,
  stackOf,
  unasked,
} from "../stack/stack-args.ts";

export const up = command({
  description: "Create or update the stack (pulumi up with the environment set)",
  args: { ...stackArgs, ...policyArgs },
  failure: "up_failed",
  async run({ args, globals }) {
    const { flags, env } = policyRun(args);
    const stack = await stackOf(args, env);
    const show = globals.json ? "stderr" : "show";
    const words = ["up", ...flags, ...unasked(globals.confirm), ...args._];
    const { exitCode } = await stack.pulumi(words, show);
    if (exitCode !== 0) throw engineFailure("up", exitCode);
    const { profile, outputs } = await saveStackProfile(stack);
    const { plugins } = stack;
    printResult({ status: "up", stack: stack.stack, profile, plugins, outputs }, () => "");
    say(`Provider plugins: ${plugins}. Profile "${profile}" is ready.`);
    const tvk = typedFor(profile, stack);
    say(`Next: ${tvk} login, then ${tvk} connect ${outputs.connectionName}.`);
    return undefined;
  },
});
