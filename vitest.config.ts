import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { notRunReporter } from "./test/not-run-reporter.ts";

/**
 * Every suite, each with what it needs: `npm test` is `rooms`, `npm run test:NAME` the one of that name
 * (`test:kills` is `long`).
 */
const suites: Readonly<Record<string, Suite>> = {
  /** Killed, interrupted and starved runs, for minutes; a sample stays in `rooms` (test/e2e/kill.test.ts). */
  crash: {
    include: [
      "test/e2e/interrupted.test.ts",
      "test/e2e/dev-interrupted.test.ts",
      "test/e2e/dev-services.test.ts",
      "test/e2e/terminal.test.ts",
      "test/e2e/hostile-machine.test.ts",
      "test/e2e/hostile-surroundings.test.ts",
      "test/e2e/clocks.test.ts",
      "test/e2e/damaged-files.test.ts",
      "test/e2e/cloud-recovery.test.ts",
      "test/e2e/retained.test.ts",
      "test/e2e/unwanted.test.ts",
      "test/e2e/other-run.test.ts",
      "test/e2e/free-plan.test.ts",
    ],
  },
  /** Environments, what a destroy leaves, adoption and a tenant's rights on the real engine, and a pull request's workflow. */
  environments: {
    include: [
      "test/e2e/environments.test.ts",
      "test/e2e/destroy.test.ts",
      "test/environments/cloud.test.ts",
      "test/e2e/s3-backend.test.ts",
      "test/e2e/import.test.ts",
      "test/e2e/management-scopes.test.ts",
      "test/workflows/**/*.test.ts",
    ],
  },
  /** What is published, built once and installed into empty folders. */
  pack: {
    include: ["test/pack/**/*.test.ts"],
    globalSetup: ["test/pack/tarball.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
  },
  /** A `redis-server` of this machine; without one it fails. */
  redis: { include: ["test/runtime/node/redis-store.test.ts"] },
  /** Containers on a Docker daemon of the tests' own, and tunnels: needs root and test/docker/install-docker.sh. */
  docker: { include: ["test/docker/**/*.test.ts"], fileParallelism: false, testTimeout: 120_000 },
  /** A Chromium. A browser, an engine and two servers are enough for two cores. */
  browser: { include: ["test/browser/**/*.test.ts"], fileParallelism: false },
  /** Released clients that nobody here wrote. */
  clients: {
    include: ["test/official-clients/*.test.ts"],
    globalSetup: ["test/official-clients/installed.ts"],
  },
  /** The whole matrix of kills: hours. */
  long: {
    include: ["test/long/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    retry: 0,
  },
};

type Suite = NonNullable<TestProjectInlineConfiguration["test"]>;

const common: Suite = {
  // Two cores: files that start servers or the engine must not starve one another.
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 20_000 } },
  // A stall of a shared CI machine is tried once more, and the report says "retry x1" beside its test.
  retry: process.env["CI"] === undefined ? 0 : 1,
  // Every answer of a tenant is held to Auth0's descriptions.
  setupFiles: ["test/tenant/spec/watch-exchanges.ts"],
};
const apart = Object.values(suites).flatMap(({ include = [] }) => include);
// A suite installs packages beside its tests, which bring tests of their own.
const rooms: Suite = {
  include: ["test/**/*.test.ts"],
  exclude: [...configDefaults.exclude, ...apart],
};

export default defineConfig({
  test: {
    passWithNoTests: false,
    reporters: ["default", ...(process.env["CI"] === undefined ? [] : [notRunReporter])],
    projects: Object.entries({ rooms, ...suites }).map(([name, suite]) => ({
      test: { ...common, ...suite, name },
    })),
  },
});
