/** The tarball that every test installs: built once, of the sources as they are. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the .tgz. */
    readonly tarball: string;
    /** The folder that was packed. */
    readonly staging: string;
  }
}

/** Builds and packs by the command that publishes; the returned function removes all of it. */
export function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "tvk-pack-"));
  const main = resolve(import.meta.dirname, "../../pack/main.ts");
  const printed = execFileSync(process.execPath, [main, folder], { encoding: "utf8" });
  provide("tarball", printed.trim());
  provide("staging", join(folder, "package"));
  return () => rmSync(folder, { recursive: true, force: true });
}
