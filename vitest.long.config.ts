import { defineConfig } from "vitest/config";

/** Tests that take hours: `npm run test:long`. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    passWithNoTests: false,
  },
});
