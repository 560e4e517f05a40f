/**
 * The long form: 1,000 runs of the model in batches of 10, then the kill matrix. Hours; it may be stopped and goes
 * on where it was.
 *
 *     npm run test:long [-- --runs 1000] [--seed 20261127] [--streams 2] [--minutes 170] [--only model|kills]
 *
 * Each batch is a process with a seed of its own, SEED + its number. What came of it is a line of
 * test-results/model-SEED.jsonl; a batch that has passed there is not run again.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

interface Line {
  readonly seed: number;
  readonly runs: number;
  readonly passed: boolean;
  readonly minutes: number;
  /** The code that was run. */
  readonly commit: string;
}

const repository = resolve(import.meta.dirname, "../..");
const results = join(repository, "test-results");
const batchRuns = 10;
const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { runs: text, seed: text, streams: text, minutes: text, only: text },
});
const seed = Number(values.seed ?? 20261127);
const wanted = Math.ceil(Number(values.runs ?? 1000) / batchRuns);
const streams = Number(values.streams ?? 2);
const deadline = Date.now() + Number(values.minutes ?? 6_000) * 60_000;
const ledger = join(results, `model-${seed}.jsonl`);

function lines(): Line[] {
  if (!existsSync(ledger)) return [];
  const whole = readFileSync(ledger, "utf8").split("\n").filter(Boolean);
  return whole.map((line) => JSON.parse(line));
}

function vitest(args: readonly string[], env: Record<string, string>, log: string) {
  return new Promise<boolean>((settle) => {
    const child = spawn(join(repository, "node_modules/.bin/vitest"), ["run", ...args], {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (piece: string) => {
        said += piece;
        process.stderr.write(piece.match(/^(model run|[\d:]{8} ).*\n/gm)?.join("") ?? "");
      });
    child.on("close", (code) => {
      writeFileSync(log, said);
      settle(code === 0);
    });
  });
}

async function batch(number: number, commit: string): Promise<void> {
  const own = seed + number;
  const started = Date.now();
  const log = join(results, `model-${own}.log`);
  const env = { TVK_MODEL_RUNS: String(batchRuns), TVK_MODEL_SEED: String(own) };
  const passed = await vitest(["test/model"], env, log);
  const minutes = Math.round((Date.now() - started) / 6_000) / 10;
  const line: Line = { seed: own, runs: batchRuns, passed, minutes, commit };
  appendFileSync(ledger, `${JSON.stringify(line)}\n`);
  const verdict = passed ? "passed" : `FAILED: ${log}; TVK_MODEL_SHRINK=true makes it smaller`;
  console.log(`batch ${number} of ${wanted}, seed ${own}: ${verdict} (${minutes} min)`);
}

async function model(): Promise<boolean> {
  const head = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repository });
  const commit = head.stdout.toString().trim();
  const done = new Set(lines().flatMap((line) => (line.passed ? [line.seed] : [])));
  const left = Array.from({ length: wanted }, (_, index) => index + 1).filter(
    (number) => !done.has(seed + number),
  );
  const stream = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (Date.now() > deadline) return;
      await batch(next, commit);
    }
  };
  await Promise.all(Array.from({ length: streams }, stream));
  const passed = new Set(lines().flatMap((line) => (line.passed ? [line.seed] : [])));
  console.log(`${passed.size * batchRuns} of ${wanted * batchRuns} runs of the model have passed`);
  return passed.size === wanted;
}

function kills(): Promise<boolean> {
  const log = join(results, "kill-matrix.log");
  return vitest(["--project", "long"], {}, log);
}

mkdirSync(results, { recursive: true });
const parts = [
  ...(values.only === "kills" ? [] : [model]),
  ...(values.only === "model" ? [] : [kills]),
];
const outcomes: boolean[] = [];
for (const part of parts) outcomes.push(await part());
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
