/** @module The process that the engine starts for the `auth0` package. */

import process from "node:process";
import { runPlugin } from "../protocol/run-plugin.ts";
import { auth0Plugin } from "./plugin.ts";

await runPlugin((parentAlive) => auth0Plugin({ env: process.env, parentAlive }));
