/** @module A project in a temporary folder that the real engine runs with our plugins. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineEnvironment } from "../../../engine/environment.ts";
import { findEngine } from "../../../engine/find-engine.ts";
import { installPlugins } from "../../../engine/plugins/install.ts";

const repository = resolve(import.meta.dirname, "../../..");

export interface Run {
  exitCode: number;
  /** Standard output and error, in the order of each. */
  text: string;
}

/** A resource of an exported state. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  additionalSecretOutputs?: string[];
  initErrors?: string[];
  delete?: boolean;
}

export interface Deployment {
  manifest: unknown;
  secrets_providers?: unknown;
  resources: StateResource[];
  pending_operations?: unknown[];
}

export interface StartedRun {
  pid: number;
  ended: Promise<Run>;
  /** Waits for the engine to say something. Rejects when it ends before. */
  says(what: RegExp): Promise<void>;
}

export interface EngineProject {
  dir: string;
  home: string;
  /** Runs `pulumi` on the stack `dev`, with `env` over what the project was opened with. */
  pulumi(args: string[], env?: Record<string, string>): Promise<Run>;
  /** The same, but it must end with exit code 0. */
  succeed(args: string[], env?: Record<string, string>): Promise<string>;
  /** Starts `pulumi` and does not wait for it. */
  start(args: string[], env?: Record<string, string>): StartedRun;
  /** The state with its secrets in the clear. */
  state(): Promise<Deployment>;
  importState(deployment: Deployment): Promise<void>;
  remove(): void;
}

/**
 * @param name Name of the project: part of every URN.
 * @param program Text of the program, an ES module.
 * @param env What the engine, the program and the plugins get besides the process's own.
 */
export async function engineProject(
  name: string,
  program: string,
  env: Record<string, string>,
  caFile?: string,
): Promise<EngineProject> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-project-"));
  const home = join(dir, "home");
  const backendDir = join(dir, "backend");
  const passphraseFile = join(dir, "passphrase");
  mkdirSync(backendDir);
  writeFileSync(passphraseFile, "only for this test\n", { mode: 0o600 });
  writeFileSync(join(dir, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
  writeFileSync(join(dir, "package.json"), '{ "type": "module", "main": "index.js" }\n');
  writeFileSync(join(dir, "index.js"), program);
  symlinkSync(join(repository, "node_modules"), join(dir, "node_modules"));
  const [{ bin, pulumi }] = await Promise.all([findEngine(), installPlugins(home)]);
  const environment = {
    ...process.env,
    ...engineEnvironment({
      home,
      backendDir,
      passphraseFile,
      bin,
      nodeBin: dirname(process.execPath),
      ...(caFile === undefined ? {} : { caFile }),
    }),
    ...env,
  };
  const project: EngineProject = {
    dir,
    home,
    start(args, own = {}) {
      const child = spawn(pulumi, [...args, "--non-interactive", "--color=never"], {
        cwd: dir,
        env: { ...environment, ...own },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          text += chunk;
        });
      }
      let isOver = false;
      const ended = new Promise<Run>((settle) => {
        child.on("close", (code) => {
          isOver = true;
          settle({ exitCode: code ?? -1, text });
        });
      });
      const says = async (what: RegExp) => {
        for (; !what.test(text); await sleep(20)) {
          if (isOver) throw new Error(`pulumi ended before ${what}:\n${text}`);
        }
      };
      return { pid: child.pid ?? 0, ended, says };
    },
    pulumi: (args, own) => project.start(args, own).ended,
    async succeed(args, own) {
      const { exitCode, text } = await project.pulumi(args, own);
      if (exitCode !== 0)
        throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${text}`);
      return text;
    },
    async state() {
      const file = join(dir, "exported.json");
      await project.succeed(["stack", "export", "--show-secrets", "--file", file]);
      return JSON.parse(readFileSync(file, "utf8")).deployment;
    },
    async importState(deployment) {
      const file = join(dir, "imported.json");
      writeFileSync(file, JSON.stringify({ version: 3, deployment }));
      await project.succeed(["stack", "import", "--file", file]);
    },
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
  await project.succeed(["stack", "init", "dev"]);
  return project;
}
