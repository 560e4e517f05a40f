/** @module The folder that the helpdesk's image is built from. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../locks/whole-file.ts";
import { helpdeskBundle } from "./helpdesk-bundle.ts";

/**
 * Writes the build context into `dir`: the Dockerfile, the bundled helpdesk, and an empty folder for
 * its data. What is there and right is left alone; what does not belong is removed, since it would
 * be sent to the daemon and count as a change.
 */
export async function writeHelpdeskImage(dir: string): Promise<void> {
  const files = {
    Dockerfile: readFileSync(new URL("../helpdesk/Dockerfile", import.meta.url), "utf8"),
    "helpdesk.mjs": await helpdeskBundle(),
  };
  mkdirSync(join(dir, "data"), { recursive: true });
  for (const name of readdirSync(dir)) {
    if (name !== "data" && !Object.hasOwn(files, name))
      rmSync(join(dir, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) write(join(dir, name), text);
}

function write(file: string, text: string): void {
  if (read(file) === text) return;
  replaceFile(file, text, { mode: 0o644 });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
