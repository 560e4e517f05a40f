/**
 * The model test, long: runs of 40 to 60 operations, shrunk when one fails. About three minutes a run.
 *
 * TVK_MODEL_RUNS (10) and TVK_MODEL_SEED (drawn) say how many and which; a failure prints its seed and path.
 */
import fc from "fast-check";
import { afterAll, beforeAll, suite, test } from "vitest";
import { operation, type StackModel, stackModel } from "../model/stack-model.ts";

const hourMs = 3_600_000;
const numRuns = Number(process.env["TVK_MODEL_RUNS"] ?? "10");
const seed = Number(process.env["TVK_MODEL_SEED"] ?? Date.now() % 2 ** 31);
let model: StackModel;

beforeAll(async () => {
  model = await stackModel();
}, 300_000);
afterAll(() => model?.close());

// Processes are found by /proc.
suite.runIf(process.platform === "linux")("a stack to which anything happens", () => {
  test(
    `arrives where the program says, makes nothing twice, and leaves nothing (${numRuns} runs, seed ${seed})`,
    async () => {
      const operations = fc.array(operation, { minLength: 40, maxLength: 60 });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(operations, async (each) => {
          count += 1;
          process.stderr.write(`model run ${count}: ${each.length} operations\n`);
          await model.run(each);
        }),
        { seed, numRuns, verbose: 1 },
      );
    },
    100 * hourMs,
  );
});
