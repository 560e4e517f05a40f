/** @module `DIR/management-client.json`: the owner's application, for the programs of this user. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ManagementClient } from "./seed.ts";

/** The file is for the owner of the folder only: it has a secret. */
export function writeManagementClient(dir: string, domain: string, client: ManagementClient): void {
  const path = join(dir, "management-client.json");
  const text = `${JSON.stringify({ domain, ...client }, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
