/** @module Fails at once, with the next step, where the clients are not installed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { goTests, here, nextApp, python } from "./toolchains.ts";

export function setup(): void {
  const missing = [join(here, "node_modules"), python, goTests, join(nextApp, ".next")].filter(
    (path) => !existsSync(path),
  );
  if (missing.length === 0) return;
  throw new Error(`not installed: ${missing.join(", ")}; run \`npm run test:clients\``);
}
