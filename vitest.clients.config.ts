import { defineConfig } from "vitest/config";

/** Released clients that nobody here wrote, against the real tenant: `npm run test:clients`. */
export default defineConfig({
  test: {
    include: ["test/official-clients/*.test.ts"],
    globalSetup: ["test/official-clients/installed.ts"],
    // As in vitest.config.ts: every answer of a tenant in a test's own process is held to Auth0's descriptions.
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    maxWorkers: 2,
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    passWithNoTests: false,
  },
});
