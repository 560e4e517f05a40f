/** @module The packages that a program needs beside ours: which are missing, and their installation. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CliError, exitCodes } from "../exit-codes.ts";

const NEEDED = ["@pulumi/pulumi", "@pulumi/auth0", "@pulumi/command"] as const;

/** By the lock file that the project has; npm where there is none. Scripts are not needed. */
const INSTALLERS: readonly (readonly [lockFile: string, command: readonly string[]])[] = [
  ["pnpm-lock.yaml", ["pnpm", "add", "--ignore-scripts"]],
  ["yarn.lock", ["yarn", "add"]],
  ["bun.lock", ["bun", "add"]],
];
const NPM = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"];

/** The missing ones as `NAME@VERSION`, in the versions that the kit's own provider plugins are for. */
export function missingPeers(dir: string): string[] {
  const { resolve } = createRequire(join(dir, "package.json"));
  const found = (name: string) => {
    try {
      return resolve(`${name}/package.json`) !== "";
    } catch {
      return false;
    }
  };
  const versions = testedVersions();
  return NEEDED.filter((name) => !found(name)).map((name) => `${name}@${versions[name]}`);
}

/**
 * Installs packages into the project, by the package manager that it has. What that prints goes to
 * standard error.
 *
 * @throws {CliError} `install_failed`, with the command to run by hand.
 */
export async function installPeers(dir: string, packages: readonly string[]): Promise<void> {
  const known = INSTALLERS.find(([lockFile]) => existsSync(join(dir, lockFile)));
  const [command = "npm", ...args] = [...(known?.[1] ?? NPM), ...packages];
  const failed = (why: string) =>
    new CliError("install_failed", `${command} ${why}`, {
      exitCode: exitCodes.general,
      hint: `Run: ${command} ${args.join(" ")}`,
    });
  await new Promise<void>((done, fail) => {
    const child = spawn(command, args, {
      cwd: dir,
      stdio: ["ignore", process.stderr, "inherit"],
      // npm is a script there.
      shell: process.platform === "win32",
    });
    child.on("error", ({ message }) => fail(failed(`does not start: ${message}`)));
    child.on("close", (code) => (code === 0 ? done() : fail(failed(`ended with ${code}`))));
  });
}

/** From the package's own manifest, which has them as peers; in the repository as dependencies. */
function testedVersions(): Record<string, string> {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { peerDependencies, dependencies } = JSON.parse(text);
  const ranges: [string, string][] = Object.entries(peerDependencies ?? dependencies);
  return Object.fromEntries(ranges.map(([name, range]) => [name, range.replace(/^[^\d]*/, "")]));
}
