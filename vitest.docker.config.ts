import { defineConfig } from "vitest/config";

/** Containers on a Docker daemon of the tests' own, and tunnels: needs root and test/docker/install-docker.sh. */
export default defineConfig({
  test: {
    include: ["test/docker/**/*.test.ts"],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    passWithNoTests: false,
  },
});
