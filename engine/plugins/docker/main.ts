/** @module The process that the engine starts for the `docker` package. */

import process from "node:process";
import { runPlugin } from "../protocol/run-plugin.ts";
import { dockerPlugin } from "./plugin.ts";

await runPlugin((parentAlive) => dockerPlugin({ env: process.env, parentAlive }));
