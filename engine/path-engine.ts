/** @module The engine that the user has on the PATH. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { cliName, type Engine, hostName } from "./engine.ts";
import { NotThisWay } from "./engine-error.ts";
import { runCommand } from "./run-command.ts";
import { isAtLeast, leastCliVersion } from "./versions.ts";

/** How long a program may take to say its version, in milliseconds. */
const answerMs = 20_000;

/**
 * Finds `pulumi` and `pulumi-language-nodejs` on the PATH and sees that both run.
 *
 * @throws {NotThisWay} One is missing, does not run or is too old; the message says which.
 */
export async function pathEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const pulumi = onPath(cliName, env);
  if (pulumi === undefined) throw new NotThisWay("there is none");
  const version = await cliVersion(pulumi, env);
  if (!isAtLeast(version, leastCliVersion)) {
    throw new NotThisWay(`${pulumi} is ${version}, older than ${leastCliVersion}`);
  }
  // The CLI itself looks beside its own file, too.
  const beside = join(dirname(realpathSync(pulumi)), hostName);
  const host = onPath(hostName, env) ?? (isExecutable(beside) ? beside : undefined);
  if (host === undefined) throw new NotThisWay(`${pulumi} has no ${hostName} with it`);
  await answering(host, ["-help"], env);
  return { pulumi, bin: dirname(pulumi), origin: "path", version };
}

/** The first executable of that name on the PATH of `env`. */
export function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((dir) => isAbsolute(dir))
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

/**
 * Asks a CLI for its version.
 *
 * @throws {NotThisWay} It does not run, or says something else.
 */
export async function cliVersion(pulumi: string, env: NodeJS.ProcessEnv): Promise<string> {
  const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const said = (await answering(pulumi, ["version"], quiet)).trim();
  const [, version] = /^v?(\d+\.\d+\.\d+\S*)$/.exec(said) ?? [];
  if (version === undefined) throw new NotThisWay(`${pulumi} does not say its version`);
  return version;
}

async function answering(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const signal = AbortSignal.timeout(answerMs);
  try {
    return await runCommand(program, args, { env, signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new NotThisWay(`${program} ${args[0]} gave no answer in ${answerMs / 1000} s`, { cause });
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
