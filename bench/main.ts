/** @module `npm run bench`: everything that is measured about the runtime and the command line, one after the other. */
import { loadavg } from "node:os";

console.log(`load of this machine: ${loadavg()[0]?.toFixed(1)} (above 1, the intervals are wide)`);
console.log("\n== a call of the runtime (bench/runtime-fetch.ts)");
await import("./runtime-fetch.ts");
console.log("\n== a start of the command line (bench/cli-start.ts)");
await import("./cli-start.ts");
