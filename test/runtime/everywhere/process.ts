/** @module The portable test as a process of Node, Bun or Deno: the world comes on standard input. */
import { readFileSync, writeSync } from "node:fs";
import { runPortable } from "./portable.ts";

writeSync(1, JSON.stringify(await runPortable(JSON.parse(readFileSync(0, "utf8")))));
