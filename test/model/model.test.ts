/**
 * The model test: what may happen to a stack, in any order, and what must hold after it. Real engine, plugins,
 * tenant and helpdesk; `tvk` and the program stay in one process between the runs (test/standing/).
 *
 * Three runs. The environment says others: TVK_MODEL_RUNS and TVK_MODEL_SEED; TVK_MODEL_SHRINK=true makes a run
 * that fails smaller, which takes many times the run; TVK_MODEL_FORM=whole takes a `tvk` for each operation.
 * `npm run test:model` has ten runs, `npm run test:long` a thousand.
 */
import { modelSuite } from "./model-suite.ts";

modelSuite({
  runs: Number(process.env["TVK_MODEL_RUNS"] ?? 3),
  seed: Number(process.env["TVK_MODEL_SEED"] ?? 20261122),
  shrinks: process.env["TVK_MODEL_SHRINK"] === "true",
  form: process.env["TVK_MODEL_FORM"] === "whole" ? "whole" : "standing",
});
