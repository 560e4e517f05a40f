import { defineConfig } from "vitest/config";

/** Run by `npm run test:crash` (vitest.crash.config.ts). */
export const crashTests = [
  "test/e2e/interrupted.test.ts",
  "test/e2e/dev-interrupted.test.ts",
  "test/e2e/dev-services.test.ts",
  "test/e2e/terminal.test.ts",
  "test/e2e/hostile-machine.test.ts",
  "test/e2e/hostile-surroundings.test.ts",
  "test/e2e/damaged-files.test.ts",
  "test/e2e/cloud-recovery.test.ts",
  "test/e2e/free-plan.test.ts",
];

/** Run by `npm run test:environments` (vitest.environments.config.ts). */
export const environmentTests = [
  "test/e2e/environments.test.ts",
  "test/e2e/s3-backend.test.ts",
  "test/e2e/import.test.ts",
  "test/e2e/management-scopes.test.ts",
  "test/workflows/**/*.test.ts",
];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They need a Chromium: npm run test:browser. They build and install the package: npm run test:pack.
    // They kill and starve whole runs, for minutes: npm run test:crash, a sample of it stays (test/e2e/kill.test.ts).
    // They take hours: npm run test:long. They need a redis-server: npm run test:redis.
    // They install the clients of others: npm run test:clients.
    // They start a Docker daemon, as root: npm run test:docker.
    exclude: [
      "test/browser/**",
      "test/pack/**",
      "test/long/**",
      "test/official-clients/**",
      "test/docker/**",
      ...crashTests,
      ...environmentTests,
      "test/runtime/node/redis-store.test.ts",
    ],
    // Two cores: files that start servers or the engine must not starve one another.
    maxWorkers: 2,
    testTimeout: 60_000,
    // A stall of a shared CI machine is tried once more, and the report says "retry x1" beside its test.
    retry: process.env["CI"] === undefined ? 0 : 1,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    passWithNoTests: false,
    // Every answer of a tenant is held to Auth0's descriptions.
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
  },
});
