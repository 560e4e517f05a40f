/** @module What a local stack runs on: the local tenant, a backend and a passphrase of its own, recovery of whatever a run left. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { engineEnvironment, overriding } from "../../engine/environment.ts";
import { removeTornAttributes } from "../../engine/recovery/attributes.ts";
import { guardedRun } from "../../engine/recovery/guarded-run.ts";
import type { GuardedStack } from "../../engine/recovery/guarded-stack.ts";
import { projectName } from "../../engine/stack-config.ts";
import { type StackFolder, stackFolder } from "../../engine/stack-folder.ts";
import { environmentHere } from "../../environments/environment-files.ts";
import { type LocalTenant, startLocalTenant } from "../tenant/local-tenant.ts";
import type { OpenStackOptions, StackGround } from "./stack-ground.ts";
import { renewServices, sweepStack } from "./stack-sweep.ts";

/** Starts the tenant and makes the stack's folder where they are missing. */
export async function localGround(options: OpenStackOptions, engine: Engine): Promise<StackGround> {
  const { projectDir, stack, env, progress } = options;
  const folder = stackFolder(projectDir, stack, (line) => progress.note(line));
  const tenant = await startedTenant(options);
  return {
    tenant,
    home: folder.home,
    environment: environmentOf(env, stack, folder, engine, tenant),
    // The stack has a passphrase of its own.
    withheld: overriding,
    flags: [],
    /** `stack init` knows no --config-file, so it runs where only Pulumi.yaml is. */
    async initialise(init) {
      const kept = `.pulumi/stacks/${projectName(folder.initDir)}/${stack}.json`;
      if (existsSync(join(folder.backendDir, kept))) return;
      await removeTornAttributes(folder.backendDir);
      await init([], folder.initDir);
    },
    recovering(run) {
      const guarded: GuardedStack = {
        ...folder,
        stack,
        tenant: tenant.clientId,
        project: projectName(folder.initDir),
        pulumi: (args) => run(args, "collect"),
        note: (line) => progress.note(line),
        renewServices: (said) => renewServices(projectDir, stack, said),
        sweep: (known, moment) => sweepStack({ projectDir, guarded, tenant, env, known, moment }),
      };
      return (args, output) => guardedRun(guarded, args, () => run(args, output));
    },
  };
}

async function startedTenant(options: OpenStackOptions): Promise<LocalTenant> {
  const stage = options.progress.stage("Local tenant");
  try {
    const { projectDir, stack } = options;
    const own = environmentHere(projectDir, stack)?.ownTenant === true;
    const tenant = await startLocalTenant(projectDir, undefined, own ? stack : undefined);
    stage.done(`${tenant.url} ${tenant.outcome === "adopted" ? "(was running)" : "(started)"}`);
    return tenant;
  } catch (error) {
    stage.failed();
    throw error;
  }
}

function environmentOf(
  env: NodeJS.ProcessEnv,
  stack: string,
  folder: StackFolder,
  engine: Engine,
  tenant: LocalTenant,
): Record<string, string> {
  return {
    ...engineEnvironment({
      env,
      home: folder.home,
      backendDir: folder.backendDir,
      passphraseFile: folder.passphraseFile,
      bin: engine.bin,
      nodeBin: dirname(process.execPath),
      caFile: tenant.caFile,
    }),
    // Flags by environment: they hold for plain `pulumi` too, so that the committed file stays as it is.
    PULUMI_OPTION_CONFIG_FILE: folder.configFile,
    PULUMI_OPTION_PRESERVE_CONFIG: "true",
    PULUMI_OPTION_STACK: stack,
    AUTH0_DOMAIN: tenant.domain,
    AUTH0_CLIENT_ID: tenant.clientId,
    AUTH0_CLIENT_SECRET: tenant.clientSecret,
  };
}
