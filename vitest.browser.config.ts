import { defineConfig } from "vitest/config";

/** Tests in a real browser: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    // A browser, an engine and two servers are enough for two cores.
    fileParallelism: false,
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    passWithNoTests: false,
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
  },
});
