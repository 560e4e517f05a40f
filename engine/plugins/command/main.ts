/** @module The process that the engine starts for the `command` package. */

import { runPlugin } from "../protocol/run-plugin.ts";
import { commandPlugin } from "./plugin.ts";

await runPlugin(() => commandPlugin());
