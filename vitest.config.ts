import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They need a Chromium: npm run test:browser. They build and install the package: npm run test:pack.
    // They take hours: npm run test:long. They need a redis-server: npm run test:redis.
    exclude: [
      "test/browser/**",
      "test/pack/**",
      "test/long/**",
      "test/runtime/node/redis-store.test.ts",
    ],
    // Two cores: files that start servers or the engine must not starve one another.
    maxWorkers: 2,
    testTimeout: 60_000,
    // A stall of a shared CI machine is tried once more, and the report says "retry x1" beside its test.
    retry: process.env["CI"] === undefined ? 0 : 1,
    hookTimeout: 300_000,
    passWithNoTests: false,
  },
});
