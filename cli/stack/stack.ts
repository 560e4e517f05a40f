/** @module A stack of this project, with all that the engine needs to run it: what `up`, `preview`, `destroy` and `pulumi` share. */
import { delimiter, dirname } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { installPlugins } from "../../engine/plugins/install.ts";
import { isLocal } from "../../engine/stack-config.ts";
import type { LocalTenant } from "../tenant/local-tenant.ts";
import { cloudGround } from "./cloud-stack.ts";
import { type PulumiOutput, type PulumiResult, runEngine } from "./engine-run.ts";
import { foundEngine } from "./found-engine.ts";
import { localGround } from "./local-stack.ts";
import { proxiedLoopback, requireIpv4Loopback } from "./loopback.ts";
import type { OpenStackOptions, RunStack } from "./stack-ground.ts";

/** Which provider plugins a stack's run uses (docs/architecture.md, "Plugins"). */
type Plugins = "kit" | "official";

/** A stack that is ready to be run. */
export interface OpenStack {
  readonly stack: string;
  readonly projectDir: string;
  readonly engine: Engine;
  readonly plugins: Plugins;
  /** The tenant, for a local stack. */
  readonly tenant: LocalTenant | undefined;
  /** What a child process needs so that plain `pulumi` works: only what differs from `env`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs the engine. Its output goes where `output` says; never rejects for its exit code. */
  pulumi(args: readonly string[], output?: PulumiOutput): Promise<PulumiResult>;
  /** The stack's outputs, secrets shown. Undefined where the stack was never brought up. */
  outputs(): Promise<Record<string, unknown> | undefined>;
}

/**
 * Finds the engine, starts what a local stack stands on, and makes the stack where it is missing.
 *
 * @throws {UnknownStackError} `UNKNOWN_STACK`: nothing configures it.
 */
export async function openStack(options: OpenStackOptions): Promise<OpenStack> {
  const { projectDir, stack, env, progress } = options;
  const local = isLocal(projectDir, stack);
  await requireIpv4Loopback();
  const proxied = local ? proxiedLoopback(env) : undefined;
  if (proxied !== undefined) progress.note(proxied);
  const engine = await foundEngine(progress);
  const plugins = chosenPlugins(env, local);
  const ground = local ? await localGround(options, engine) : cloudGround(options);
  if (plugins === "kit" && ground.home !== undefined) await installPlugins(ground.home);
  const { tenant, environment, flags } = ground;
  const engineEnv = environmentOf(env, engine, environment, ground.withheld);
  const run: RunStack = (args, output) =>
    runEngine(engine.pulumi, [...args, ...flags], { cwd: projectDir, env: engineEnv }, output);
  await ground.initialise((args, cwd) => initialise(stack, args, cwd, engine, engineEnv));
  const recovering = ground.recovering(run, engineEnv);
  const pulumi: OpenStack["pulumi"] = (args, output = "show") => recovering(args, output);
  return {
    stack,
    projectDir,
    engine,
    plugins,
    tenant,
    environment,
    pulumi,
    async outputs() {
      const shown = ["stack", "output", "--json", "--show-secrets"];
      const { exitCode, stdout } = await pulumi(shown, "collect");
      return exitCode === 0 ? JSON.parse(stdout) : undefined;
    },
  };
}

/** The stack decides, not what happens to be reachable; TVK_PLUGINS is for machines without the internet. */
function chosenPlugins(env: NodeJS.ProcessEnv, local: boolean): Plugins {
  const asked = env["TVK_PLUGINS"];
  if (asked === undefined || asked === "") return local ? "kit" : "official";
  if (asked === "kit" || asked === "official") return asked;
  throw new Error(`TVK_PLUGINS is "${asked}"; it takes kit or official`);
}

/** The program runs on the Node that this runs on: the one on PATH may be too old for it. */
function environmentOf(
  caller: NodeJS.ProcessEnv,
  engine: Engine,
  environment: Readonly<Record<string, string>>,
  withheld: readonly string[],
): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), engine.bin, caller["PATH"] ?? ""].join(delimiter);
  const env: NodeJS.ProcessEnv = { ...caller, PATH: path, ...environment };
  for (const name of withheld) delete env[name];
  return env;
}

async function initialise(
  stack: string,
  args: readonly string[],
  cwd: string,
  engine: Engine,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { PULUMI_OPTION_CONFIG_FILE: _file, PULUMI_OPTION_STACK: _stack, ...rest } = env;
  const result = await runEngine(
    engine.pulumi,
    ["stack", "init", stack, "--non-interactive", ...args],
    { cwd, env: rest },
    "collect",
  );
  // One that is locked is there as well: the run itself says by whom.
  const isThere = /already exists|currently locked/.test(result.stderr);
  if (result.exitCode !== 0 && !isThere) {
    throw new Error(`the stack "${stack}" could not be made: ${result.stderr.trim()}`);
  }
}
