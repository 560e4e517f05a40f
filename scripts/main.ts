/** @module Renews oidc-profile.generated.ts: `node scripts/main.ts`. */
import { renameSync, writeFileSync } from "node:fs";
import { generatedFile, generatedModule } from "./oidc-profile-text.ts";

const temporary = `${generatedFile}.${process.pid}.tmp`;
writeFileSync(temporary, generatedModule());
renameSync(temporary, generatedFile);
console.log(`wrote ${generatedFile}`);
