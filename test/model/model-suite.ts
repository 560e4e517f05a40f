/** The model's runs as a test. */
import fc from "fast-check";
import { afterAll, beforeAll, suite, test } from "vitest";
import type { Form } from "../e2e/kill-bench.ts";
import { operation, type StackModel, stackModel } from "./stack-model.ts";

export interface ModelRuns {
  readonly runs: number;
  readonly seed: number;
  /** Whether a run that fails is made smaller: that takes many times the run. Default true. */
  readonly shrinks?: boolean;
  /** Default `standing`. */
  readonly form?: Form;
}

const hourMs = 3_600_000;

/** Declares the suite: each run is 40 to 48 operations on a stack that begins as nothing and ends with nothing. */
export function modelSuite({ runs, seed, shrinks = true, form = "standing" }: ModelRuns): void {
  let model: StackModel;
  beforeAll(async () => {
    model = await stackModel(form);
  }, 300_000);
  afterAll(() => model?.close());

  // Processes are found by /proc.
  suite.runIf(process.platform === "linux")("a stack to which anything happens", () => {
    test(
      `arrives where the program says, makes nothing twice, and leaves nothing (${runs} runs, seed ${seed})`,
      async () => {
        const operations = fc.array(operation(form), { minLength: 40, maxLength: 48 });
        let count = 0;
        await fc.assert(
          fc.asyncProperty(operations, async (each) => {
            count += 1;
            const started = Date.now();
            await model.run(each);
            const seconds = Math.round((Date.now() - started) / 1000);
            process.stderr.write(`model run ${count}: ${each.length} operations, ${seconds} s\n`);
          }),
          { seed, numRuns: runs, endOnFailure: !shrinks },
        );
      },
      100 * hourMs,
    );
  });
}
