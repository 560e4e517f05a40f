/** @module Installs the released clients: npm's beside this file, PyPI's and Go's into the user's cache folder. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goToolchain } from "../../engine/go-toolchain.ts";
import {
  goFolder,
  goTests,
  here,
  installed,
  nextApp,
  nextCommand,
  python,
  pythonFolder,
} from "./toolchains.ts";

run("npm", ["ci", "--ignore-scripts", "--no-audit"], here);

const requirements = readFileSync(join(here, "requirements.txt"), "utf8");
const marker = join(pythonFolder, "requirements.txt");
if (!existsSync(marker) || readFileSync(marker, "utf8") !== requirements) {
  run("python3", ["-m", "venv", "--clear", pythonFolder], here);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(python, [...pip, "-r", "requirements.txt"], here);
  writeFileSync(marker, requirements);
}

// As the engine's build has it: the Go of this machine, else the one that a Python wheel holds.
const { go } = await goToolchain(join(installed, "go"), {
  env: process.env,
  signal: undefined,
  cacheDir: installed,
  report: (detail) => process.stdout.write(`${detail}\n`),
}).catch((error: Error) => fail(error.message, "its clients are part of this run"));
// Compiled here and not by the test, as it takes half a minute of work; without cgo, for which a machine needs a C compiler.
run(go, ["test", "-c", "-o", goTests, "."], goFolder, { CGO_ENABLED: "0" });

run("node", [nextCommand, "build", nextApp], here, { NEXT_TELEMETRY_DISABLED: "1" });

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): void {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  if (status !== 0) {
    fail(
      `\`${command} ${args.join(" ")}\` ended with ${error?.message ?? status}`,
      "see what it says above",
    );
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${command} ${args.slice(0, 2).join(" ")}: ${seconds} s\n`);
}

function fail(seen: string, next: string): never {
  process.stderr.write(`The official clients can't be installed: ${seen}; ${next}.\n`);
  process.exit(1);
}
