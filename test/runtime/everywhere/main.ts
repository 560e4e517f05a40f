/** @module `npm run test:runtimes [-- NAME]`: the portable test in every JavaScript runtime, against the real tenant. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRelay } from "./relay.ts";
import { bundled, type Outcome, runAsProcess, runInWorkerd } from "./run-in.ts";
import { programOf, type Runtime, runtimes, workerd } from "./runtimes.ts";
import { signedInWorld } from "./signed-in-world.ts";

const dir = await mkdtemp(join(tmpdir(), "tvk-runtimes-"));
const { world, portable, ca } = await signedInWorld();
const caFile = join(dir, "authority.pem");
await writeFile(caFile, ca);
const asProcess = await bundled("process", dir);
const asWorker = await bundled("worker", dir);
let passed = 0;
let failed = 0;

async function report(runtime: Runtime, run: (program: string) => Promise<Outcome>) {
  try {
    const outcome = await run(await programOf(runtime));
    const all = outcome.passed.length + outcome.failed.length;
    if (outcome.failed.length > 0 || all === 0) {
      failed++;
      console.log(`FAILED ${runtime.name}: ${outcome.failed.length} of ${all} checks`);
      for (const text of outcome.failed) console.log(`  ${text}`);
    } else {
      passed++;
      const how = runtime.relayed ? " (tenant over a plain relay, see runtimes.ts)" : "";
      console.log(`passed ${runtime.name}: ${all} checks${how}`);
    }
  } catch (error) {
    failed++;
    console.log(`FAILED ${runtime.name}: ${error instanceof Error ? error.message : error}`);
  }
}

const relay = await startRelay(portable.domain, ca);
const [only = ""] = process.argv.slice(2);
for (const runtime of [...runtimes, workerd].filter(({ name }) => name.includes(only))) {
  const its = runtime.relayed ? { ...portable, relay: relay.url } : portable;
  await report(runtime, (program) =>
    runtime === workerd
      ? runInWorkerd(program, asWorker, dir, its)
      : runAsProcess(runtime, program, asProcess, caFile, its),
  );
}
relay.close();
await world.close();
await rm(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
