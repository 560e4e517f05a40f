/** @module What a cloud stack runs on: the user's own backend and credentials, and recovery by the tenant's answers. */
import { dirname } from "node:path";
import { cloudRun } from "../../engine/recovery/cloud-run.ts";
import { environmentConfig, stackConfig } from "../../engine/stack-config.ts";
import { cloudTenant } from "./cloud-tenant.ts";
import type { OpenStackOptions, StackGround } from "./stack-ground.ts";

/** The stack is the user's own but for an environment's configuration, which is not in the project's folder. */
export function cloudGround({ projectDir, stack, progress }: OpenStackOptions): StackGround {
  const own = environmentConfig(projectDir, stack);
  const isEnvironment = stackConfig(projectDir, stack) === own;
  return {
    tenant: undefined,
    home: undefined,
    environment: isEnvironment ? { PULUMI_OPTION_CONFIG_FILE: own } : {},
    withheld: [],
    flags: ["--stack", stack],
    /** Makes an environment's stack, from the folder that has its configuration. The user makes every other. */
    async initialise(init) {
      if (isEnvironment) await init(["--no-select"], dirname(own));
    },
    recovering(run, env) {
      const pulumi = (args: readonly string[]) => run(args, "collect");
      const recovered = {
        stack,
        backendUrl: env["PULUMI_BACKEND_URL"],
        pulumi,
        note: (line: string) => progress.note(line),
        tenant: () => cloudTenant({ projectDir, stack, env, pulumi }),
      };
      return (args, output) => cloudRun(recovered, args, () => run(args, output));
    },
  };
}
