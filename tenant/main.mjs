/**
 * @module The tenant as a process: `node tenant/main.mjs --dir DIR --port PORT`. Plain JavaScript, so that the compile
 * cache is on before Node's type stripper is wanted: that halves the time of a start.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./main.ts");
