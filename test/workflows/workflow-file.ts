/** A workflow of GitHub Actions as its file has it, and its steps run as they are written. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

type Variables = Readonly<Record<string, string>>;

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Variables;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Variables;
  readonly steps: readonly Step[];
  readonly [key: string]: unknown;
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly env?: Variables;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface StepResult {
  readonly name: string;
  readonly exitCode: number;
  readonly text: string;
}

/** Reads a workflow of this repository. */
export function workflowFile(name: string): Workflow {
  const file = join(import.meta.dirname, "../../.github/workflows", name);
  return parse(readFileSync(file, "utf8"));
}

/**
 * Runs the `run` steps of a job in a folder, one after the other, as a runner does: `bash -e`, the
 * variables of workflow, job and step; after a failure only those with `if: always()`.
 *
 * @param expressions The value of each `${{ … }}` that occurs; another one is an error.
 * @param env What the runner itself gives.
 */
export async function runJob(
  workflow: Workflow,
  jobName: string,
  options: { cwd: string; expressions: Variables; env: NodeJS.ProcessEnv },
): Promise<StepResult[]> {
  const job = workflow.jobs[jobName];
  if (job === undefined) throw new Error(`the workflow has no job ${jobName}`);
  const results: StepResult[] = [];
  for (const { name = "", run, if: condition, env } of job.steps) {
    if (run === undefined) continue;
    const failed = results.some(({ exitCode }) => exitCode !== 0);
    if (failed && condition !== "always()") continue;
    const variables = { ...workflow.env, ...job.env, ...env };
    const values = Object.entries(variables).map(([key, text]) => [
      key,
      evaluated(text, options.expressions),
    ]);
    const result = await bash(run, options.cwd, { ...options.env, ...Object.fromEntries(values) });
    results.push({ name, ...result });
  }
  return results;
}

function evaluated(text: string, expressions: Variables): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = expressions[expression];
    if (value === undefined) throw new Error(`no value for the expression ${expression}`);
    return value;
  });
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ exitCode: number; text: string }>((done, fail) => {
    const child = spawn("bash", ["-e", "-c", script], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
    }
    child.on("error", fail);
    child.on("close", (code) => done({ exitCode: code ?? -1, text }));
  });
}
