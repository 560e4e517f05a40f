/**
 * The model test's long form: 1,000 runs of 40 to 60 operations, hours. TVK_MODEL_RUNS says another number,
 * TVK_MODEL_SEED repeats a run of it, TVK_MODEL_FORM=whole takes a `tvk` for each operation.
 */
import { modelSuite } from "../model/model-suite.ts";

modelSuite({
  runs: Number(process.env["TVK_MODEL_RUNS"] ?? 1000),
  seed: Number(process.env["TVK_MODEL_SEED"] ?? Date.now() % 2 ** 31),
  form: process.env["TVK_MODEL_FORM"] === "whole" ? "whole" : "standing",
});
