/** @module What an image is built from: the context's files and the Dockerfile, as one archive with a digest. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { PluginError } from "../protocol/plugin.ts";
import { type TarEntry, tarArchive } from "./tar.ts";

export interface BuildContext {
  /** Tar, as Docker's build takes it. */
  readonly archive: Buffer;
  /** Hexadecimal SHA-256 of the files as they are: of names, contents and executable bits, of nothing else. */
  readonly digest: string;
  /** The Dockerfile's name inside the archive. */
  readonly dockerfile: string;
}

/** The name of a Dockerfile that lies outside of its context. */
const outsideName = ".dockerfile";

/**
 * Reads a build context.
 *
 * @param context Folder, from the project's.
 * @param dockerfile File, from the project's folder too; `Dockerfile` in the context where none is given.
 * @param labels What every layer of the image is to say, beside what the Dockerfile says: the daemon's own
 *   `labels` are on the last one only, and so not on what a killed build leaves.
 *
 * @throws {PluginError} A file is missing, or the context has a .dockerignore.
 */
export function buildContext(
  context: string,
  dockerfile: string = join(context, "Dockerfile"),
  labels: Readonly<Record<string, string>> = {},
): BuildContext {
  const folder = resolve(context);
  const file = resolve(dockerfile);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new PluginError(`the build context ${context} is no folder`);
  }
  if (!existsSync(file)) throw missingDockerfile(context, dockerfile);
  if (existsSync(join(folder, ".dockerignore"))) {
    throw new PluginError(
      `the build context ${context} has a .dockerignore, which the kit's docker plugin does not read`,
      "Build from a folder that holds what the image needs and nothing else, or set TVK_PLUGINS=official",
    );
  }
  const inside = !relative(folder, file).startsWith("..");
  const name = inside ? relative(folder, file).split(sep).join("/") : outsideName;
  const entries = [...entriesOf(folder), ...(inside ? [] : [entryOf(file, outsideName)])];
  const asTheyAre = tarArchive(entries);
  return {
    archive:
      Object.keys(labels).length === 0 ? asTheyAre : tarArchive(labelled(entries, name, labels)),
    digest: createHash("sha256").update(asTheyAre).digest("hex"),
    dockerfile: name,
  };
}

/** The entries, their Dockerfile with the labels. */
function labelled(
  entries: readonly TarEntry[],
  dockerfile: string,
  labels: Readonly<Record<string, string>>,
): TarEntry[] {
  return entries.map((entry) =>
    entry.path === dockerfile && entry.content !== undefined
      ? { ...entry, content: withLabels(entry.content, labels) }
      : entry,
  );
}

/** The Dockerfile with the labels at the start of each stage. */
function withLabels(content: Buffer, labels: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(labels).map(([label, value]) => `LABEL ${label}="${value}"`);
  // A stage whose first line goes on in the next one is left as it is.
  const text = content
    .toString("utf8")
    .replace(/^[ \t]*FROM[ \t].*[^\\\s][ \t]*$/gim, (from) => [from, ...lines].join("\n"));
  return Buffer.from(text);
}

/** A folder's files as a tar. */
export function tarOf(folder: string): Buffer {
  return tarArchive(entriesOf(folder));
}

function missingDockerfile(context: string, dockerfile: string): PluginError {
  const beside = join(context, dockerfile);
  const hint = existsSync(resolve(beside))
    ? `It is taken from the project's folder: set build.dockerfile to ${beside}`
    : "Set build.dockerfile to its path from the project's folder";
  return new PluginError(`there is no Dockerfile at ${dockerfile}`, hint);
}

function entriesOf(folder: string, below = ""): TarEntry[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = below === "" ? name : `${below}/${name}`;
      const entry = entryOf(join(folder, path), path);
      return entry.type === "folder" ? [entry, ...entriesOf(folder, path)] : [entry];
    });
}

function entryOf(file: string, path: string): TarEntry {
  const stats = statSync(file, { throwIfNoEntry: false });
  const target = linkTarget(file);
  if (target !== undefined) return { path, type: "link", target };
  if (stats?.isDirectory() === true) return { path, type: "folder" };
  if (stats?.isFile() !== true) {
    throw new PluginError(`${file} in the build context is neither a file, a folder nor a link`);
  }
  const executable = (stats.mode & 0o111) !== 0;
  return { path, type: "file", executable, content: readFileSync(file) };
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
