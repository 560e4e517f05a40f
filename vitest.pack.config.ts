import { defineConfig } from "vitest/config";

/** Tests of what is published, built and installed into empty folders: `npm run test:pack`. */
export default defineConfig({
  test: {
    include: ["test/pack/**/*.test.ts"],
    // One build, one tarball, which every file installs.
    globalSetup: ["test/pack/tarball.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
    passWithNoTests: false,
  },
});
