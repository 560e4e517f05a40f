/** @module A stack of this project, with all that the engine needs to run it: what `up`, `preview`, `destroy` and `pulumi` share. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import type { Engine } from "../../engine/engine.ts";
import { engineEnvironment, overriding } from "../../engine/environment.ts";
import { findEngine } from "../../engine/find-engine.ts";
import { installPlugins } from "../../engine/plugins/install.ts";
import { removeTornAttributes } from "../../engine/recovery/attributes.ts";
import { type CloudStack, cloudRun } from "../../engine/recovery/cloud-run.ts";
import { guardedRun } from "../../engine/recovery/guarded-run.ts";
import type { GuardedStack } from "../../engine/recovery/guarded-stack.ts";
import { environmentConfig, stackConfig } from "../../engine/stack-config.ts";
import { type StackFolder, stackFolder } from "../../engine/stack-folder.ts";
import { environmentHere } from "../../environments/environment-files.ts";
import type { Progress } from "../progress.ts";
import { type LocalTenant, startLocalTenant } from "../tenant/local-tenant.ts";
import { cloudTenant } from "./cloud-tenant.ts";
import { type PulumiOutput, type PulumiResult, runEngine } from "./engine-run.ts";
import { proxiedLoopback, requireIpv4Loopback } from "./loopback.ts";
import { sweepStack } from "./stack-sweep.ts";

/** Which provider plugins a stack's run uses (docs/architecture.md, "Plugins"). */
export type Plugins = "kit" | "official";

/** How to open a stack. */
export interface OpenStackOptions {
  readonly projectDir: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** Starts the local tenant where the stack is local and it does not run. Default true. */
  readonly startTenant?: boolean;
}

/** A stack that is ready to be run. */
export interface OpenStack {
  readonly stack: string;
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

/** Finds the engine, starts what a local stack stands on, and makes the stack where it is missing. */
export async function openStack(options: OpenStackOptions): Promise<OpenStack> {
  const { projectDir, stack, env, progress } = options;
  const local = isLocal(projectDir, stack);
  await requireIpv4Loopback();
  const proxied = local ? proxiedLoopback(env) : undefined;
  if (proxied !== undefined) progress.note(proxied);
  const engine = await foundEngine(progress);
  const plugins = chosenPlugins(env, local);
  if (!local) {
    return opened(
      options,
      engine,
      plugins,
      undefined,
      cloudEnvironment(projectDir, stack),
      undefined,
    );
  }
  const folder = stackFolder(projectDir, stack, (line) => progress.note(line));
  if (plugins === "kit") await installPlugins(folder.home);
  const tenant = await startedTenant(options);
  const environment = localEnvironment(env, stack, folder, engine, tenant);
  return opened(options, engine, plugins, tenant, environment, folder);
}

/** True for a stack whose configuration says `tenant: local`. */
export function isLocal(projectDir: string, stack: string): boolean {
  const { config } = (parse(readFileSync(stackConfig(projectDir, stack), "utf8")) ?? {}) as {
    config?: Record<string, unknown>;
  };
  return config?.["token-vault-kit:tenant"] === "local";
}

/** Finds the engine, showing what goes on. */
export async function foundEngine(progress: Progress): Promise<Engine> {
  const stage = progress.stage("Pulumi engine");
  try {
    const engine = await findEngine({ progress: (detail) => stage.update(detail) });
    stage.done(`${engine.version}, ${engine.origin}`);
    return engine;
  } catch (error) {
    stage.failed();
    throw error;
  }
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

/** The stack decides, not what happens to be reachable; TVK_PLUGINS is for machines without the internet. */
function chosenPlugins(env: NodeJS.ProcessEnv, local: boolean): Plugins {
  const asked = env["TVK_PLUGINS"];
  if (asked === undefined || asked === "") return local ? "kit" : "official";
  if (asked === "kit" || asked === "official") return asked;
  throw new Error(`TVK_PLUGINS is "${asked}"; it takes kit or official`);
}

function localEnvironment(
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

/** A cloud stack is the user's own but for an environment's configuration, which is not in the project's folder. */
function cloudEnvironment(projectDir: string, stack: string): Record<string, string> {
  const own = environmentConfig(projectDir, stack);
  return stackConfig(projectDir, stack) === own ? { PULUMI_OPTION_CONFIG_FILE: own } : {};
}

async function opened(
  options: OpenStackOptions,
  engine: Engine,
  plugins: Plugins,
  tenant: LocalTenant | undefined,
  environment: Record<string, string>,
  folder: StackFolder | undefined,
): Promise<OpenStack> {
  // The program runs on the Node that this runs on: the one on PATH may be too old for it.
  const path = [dirname(process.execPath), engine.bin, options.env["PATH"] ?? ""].join(delimiter);
  const env: NodeJS.ProcessEnv = { ...options.env, PATH: path, ...environment };
  // A local stack has a passphrase and a backend of its own; a cloud stack has the user's.
  if (folder !== undefined) for (const name of overriding) delete env[name];
  const stackArgs = folder === undefined ? ["--stack", options.stack] : [];
  const run = (args: readonly string[], output: PulumiOutput) =>
    runEngine(engine.pulumi, [...args, ...stackArgs], { cwd: options.projectDir, env }, output);
  const pulumi: OpenStack["pulumi"] = (args, output = "show") =>
    folder === undefined
      ? cloudRun(cloudStack(options, env, run), args, () => run(args, output))
      : guardedRun(guardedStack(options, folder, tenant, run), args, () => run(args, output));
  if (folder !== undefined) await initialise(options.stack, folder, engine, env);
  else if (environment["PULUMI_OPTION_CONFIG_FILE"] !== undefined) {
    await initialiseEnvironment(
      options.stack,
      environment["PULUMI_OPTION_CONFIG_FILE"],
      engine,
      env,
    );
  }
  return {
    stack: options.stack,
    engine,
    plugins,
    tenant,
    environment,
    pulumi,
    async outputs() {
      const { exitCode, stdout } = await pulumi(
        ["stack", "output", "--json", "--show-secrets"],
        "collect",
      );
      return exitCode === 0 ? JSON.parse(stdout) : undefined;
    },
  };
}

/** What recovery needs of a stack in the user's own backend (engine/recovery/cloud-run.ts). */
function cloudStack(
  { projectDir, stack, progress }: OpenStackOptions,
  env: NodeJS.ProcessEnv,
  run: (args: readonly string[], output: PulumiOutput) => Promise<PulumiResult>,
): CloudStack {
  const pulumi = (args: readonly string[]) => run(args, "collect");
  return {
    stack,
    backendUrl: env["PULUMI_BACKEND_URL"],
    pulumi,
    note: (line) => progress.note(line),
    tenant: () => cloudTenant({ projectDir, stack, env, pulumi }),
  };
}

/** What recovery needs of it (engine/recovery/). */
function guardedStack(
  { projectDir, stack, progress, env }: OpenStackOptions,
  folder: StackFolder,
  tenant: LocalTenant | undefined,
  run: (args: readonly string[], output: PulumiOutput) => Promise<PulumiResult>,
): GuardedStack {
  const guarded: GuardedStack = {
    ...folder,
    stack,
    ...(tenant === undefined ? {} : { tenant: tenant.clientId }),
    project: projectName(folder),
    pulumi: (args) => run(args, "collect"),
    note: (line) => progress.note(line),
    sweep: (known, moment) => sweepStack({ projectDir, guarded, tenant, env, known, moment }),
  };
  return guarded;
}

function projectName({ initDir }: StackFolder): string {
  return (parse(readFileSync(join(initDir, "Pulumi.yaml"), "utf8")) as { name: string }).name;
}

/** `stack init` knows no --config-file, so it runs where only Pulumi.yaml is. */
async function initialise(
  stack: string,
  folder: StackFolder,
  engine: Engine,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const kept = join(
    ...[folder.backendDir, ".pulumi", "stacks", projectName(folder), `${stack}.json`],
  );
  if (existsSync(kept)) return;
  await removeTornAttributes(folder.backendDir);
  await initStack(stack, [], folder.initDir, engine, env);
}

/** Makes an environment's stack in the user's own backend, from the folder that has its configuration. */
function initialiseEnvironment(
  stack: string,
  configFile: string,
  engine: Engine,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  return initStack(stack, ["--no-select"], dirname(configFile), engine, env);
}

async function initStack(
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
