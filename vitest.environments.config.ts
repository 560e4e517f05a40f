import { defineConfig } from "vitest/config";
import { environmentTests } from "./vitest.config.ts";

/** Environments, adoption and a tenant's rights on the real engine, and a pull request's workflow: `npm run test:environments`. */
export default defineConfig({
  test: {
    include: environmentTests,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    retry: process.env["CI"] === undefined ? 0 : 1,
    passWithNoTests: false,
  },
});
