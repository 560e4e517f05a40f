import { defineConfig } from "vitest/config";

/** Tests that need a `redis-server` on this machine: `npm run test:redis`. Without one they fail. */
export default defineConfig({
  test: {
    include: ["test/runtime/node/redis-store.test.ts"],
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    passWithNoTests: false,
  },
});
