/** An empty project with nothing but the tarball installed. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { inject } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface EmptyProject {
  readonly dir: string;
  /** What `npm install` put into node_modules, its own bookkeeping left out. */
  readonly installed: readonly string[];
  write(file: string, text: string): void;
  /** Brings a package that the user is to bring, as the repository has it. */
  bring(name: string): void;
  /** Runs a program of the project, node_modules/.bin first. */
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<RunResult>;
  remove(): void;
}

/** Installs the tarball without the network and without scripts: it has to be enough by itself. */
export async function emptyProject(): Promise<EmptyProject> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-consumer-"));
  const modules = join(dir, "node_modules");
  const project: EmptyProject = {
    dir,
    get installed() {
      return readdirSync(modules).filter((name) => !name.startsWith("."));
    },
    write: (file, text) => writeFileSync(join(dir, file), text),
    bring(name) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(repository, "node_modules", name), join(modules, name));
    },
    run: (command, args, env = {}) => run(dir, command, args, env),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  project.write("package.json", '{ "name": "consumer", "private": true, "type": "module" }\n');
  const flags = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund"];
  const { exitCode, stderr } = await project.run("npm", ["install", ...flags, inject("tarball")]);
  if (exitCode !== 0) throw new Error(`npm install ended with ${exitCode}:\n${stderr}`);
  return project;
}

function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<RunResult> {
  // The Node that runs the tests, and nothing of the repository's own node_modules/.bin.
  const path = [
    join(cwd, "node_modules/.bin"),
    dirname(process.execPath),
    ...(process.env["PATH"] ?? "").split(":").filter((each) => !each.startsWith(repository)),
  ];
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, CI: "true", ...env, PATH: path.join(":") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        texts[name] += piece;
      });
    }
    child.on("error", fail);
    child.on("close", (code) => done({ exitCode: code ?? -1, ...texts }));
  });
}
