import { defineConfig } from "vitest/config";
import { crashTests } from "./vitest.config.ts";

/** Runs that are killed, interrupted and starved on the real engine: `npm run test:crash`. */
export default defineConfig({
  test: {
    include: crashTests,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    retry: process.env["CI"] === undefined ? 0 : 1,
    passWithNoTests: false,
  },
});
