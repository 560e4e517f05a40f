/** @module `tvk preview`: what `tvk up` would do. */
import { command } from "../command.ts";
import { endAs, policyArgs, policyRun, stackArgs, stackOf } from "../stack/stack-args.ts";

export const preview = command({
  description: "Show what up would change (pulumi preview)",
  args: { ...stackArgs, ...policyArgs },
  failure: "preview_failed",
  async run({ args, globals }) {
    const { flags, env } = policyRun(args);
    const stack = await stackOf(args, env);
    // The engine's own JSON is the one document here.
    const json = globals.json ? ["--json"] : [];
    const { exitCode } = await stack.pulumi(["preview", ...flags, ...json, ...args._]);
    return endAs(exitCode);
  },
});
