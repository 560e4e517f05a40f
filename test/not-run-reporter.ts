/** @module Names what did not run: the default reporter only counts it. */
import type { Reporter } from "vitest/node";

/** Prints `NOT RUN: FILE > TITLE` for each test that was skipped. */
export const notRunReporter: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests("skipped"))
        process.stdout.write(`NOT RUN: ${module.relativeModuleId} > ${test.fullName}\n`);
    }
  },
};
