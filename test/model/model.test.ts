/**
 * The model test: what may happen to a stack, in any order, and what must hold after it. Real engine, plugins,
 * tenant and helpdesk; `tvk` and the program stay in one process between the runs (test/standing/).
 *
 * Three runs here. TVK_MODEL_RUNS and TVK_MODEL_SEED say others, `npm run test:model` ten; test/long/ has 1,000.
 */
import { modelSuite } from "./model-suite.ts";

modelSuite({
  runs: Number(process.env["TVK_MODEL_RUNS"] ?? 3),
  seed: Number(process.env["TVK_MODEL_SEED"] ?? 20261122),
  shrinks: false,
});
