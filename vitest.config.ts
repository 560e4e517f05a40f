import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They need a Chromium: npm run test:browser.
    exclude: ["test/browser/**"],
    // Two cores: files that start servers or the engine must not starve one another.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
