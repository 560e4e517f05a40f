/** @module Paths as a stack's inputs hold them: from the project's folder, since a state must not tie a stack to one machine. */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's own folder for what lives on this machine only (docs/architecture.md, "Disk"). */
const localDir = ".tvk";

/** Folder of the supervisor's records and logs. */
export const servicesDir = join(localDir, "services");

/** Folder of what belongs to one stack. */
export function stackDir(stack: string): string {
  return join(localDir, "stacks", stack);
}

/** Path of one of the kit's own files. */
export function fromHere(file: URL): string {
  return relative(process.cwd(), fileURLToPath(file));
}

/** How a stack reaches the supervisor, and which run of a process it means (components/supervised.ts). */
export interface SupervisedSettings {
  readonly supervisor: string;
  readonly servicesDir: string;
  readonly instance: string;
}

/** Command line of the supervisor's door, as a `Command` runs it. */
export function supervisorCommand(): string {
  return `node ${fromHere(new URL("./main.ts", import.meta.url))}`;
}
