/** @module Runs a plugin as the process that the engine starts. */

import module from "node:module";
import { type ParentCheck, watchParent } from "./parent.ts";
import type { Plugin } from "./plugin.ts";
import { servePlugin } from "./server.ts";

/** When the compiled code is written: after the engine's first requests, before the end of the shortest run. */
const cacheAfterMs = 200;

/**
 * Serves the plugin, prints the port on a line of its own, and lives as long as the engine does.
 *
 * @param make Makes the plugin; is given the check to make before each request that changes something.
 */
export async function runPlugin(make: (parentAlive: ParentCheck) => Plugin): Promise<void> {
  const exit = () => process.exit(0);
  // A closed pipe means that the engine went away before it read the port.
  process.stdout.on("error", exit);
  const parentAlive = watchParent(exit);
  const { port } = await servePlugin(make(parentAlive));
  process.stdout.write(`${port}\n`);
  // The engine kills its plugins, so Node would never write what NODE_COMPILE_CACHE asks for.
  setTimeout(() => module.flushCompileCache?.(), cacheAfterMs);
}
