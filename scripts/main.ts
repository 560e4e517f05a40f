/** @module Renews oidc-profile.generated.ts: `node scripts/main.ts`; with `--check` it only compares. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { generatedFile, generatedModule } from "./oidc-profile-text.ts";

const content = generatedModule();
if (process.argv.includes("--check")) {
  const fresh = readFileSync(generatedFile, "utf8") === content;
  console.log(fresh ? "the generated script is fresh" : "stale: run `node scripts/main.ts`");
  process.exitCode = fresh ? 0 : 1;
} else {
  const temporary = `${generatedFile}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, generatedFile);
  console.log(`wrote ${generatedFile}`);
}
