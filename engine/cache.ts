/** @module Engines that were made before, in the user's cache folder. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Engine, engineLayout } from "./engine.ts";
import { EngineError, NotThisWay } from "./engine-error.ts";
import { cliProgram, releaseVersion } from "./versions.ts";

/** What an engine was made from. */
export type Source = "release" | "go";

/** One file of an engine, as it was when it was made. */
interface FileRecord {
  readonly path: string;
  readonly size: number;
  /** A file with this very time is not read again. */
  readonly mtimeMs: number;
  readonly sha256: string;
}

interface EngineRecord {
  readonly version: string;
  readonly files: readonly FileRecord[];
}

const recordName = "engine.json";
const makingPrefix = "making-";

/**
 * Our folder in the user's cache: `TVK_CACHE_DIR`, else the platform's place.
 *
 * @see [XDG Base Directory Specification](https://specifications.freedesktop.org/basedir-spec/latest/)
 */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  const own = env["TVK_CACHE_DIR"];
  if (own !== undefined && own !== "") return own;
  const home = env["HOME"] ?? homedir();
  if (process.platform === "darwin") return join(home, "Library", "Caches", "token-vault-kit");
  const xdg = env["XDG_CACHE_HOME"] ?? "";
  // The specification says to ignore a relative path.
  return join(isAbsolute(xdg) ? xdg : join(home, ".cache"), "token-vault-kit");
}

/** The folder in which an engine of that source is kept: one for each version and platform. */
export function entryDir(cache: string, source: Source): string {
  const version = source === "release" ? releaseVersion : cliProgram.version;
  return join(cache, "engine", `pulumi-${version}-${source}-${process.platform}-${process.arch}`);
}

/**
 * Finds an engine that was made before, whole: an official one if there is, else a built one.
 *
 * @throws {NotThisWay} There is none, or its files are not as they were.
 */
export async function cachedEngine(cache: string): Promise<Engine> {
  const reasons: string[] = [];
  for (const source of ["release", "go"] as const) {
    const dir = entryDir(cache, source);
    if (!existsSync(dir)) continue;
    const checked = await check(dir);
    if (typeof checked !== "string") return checked;
    reasons.push(checked);
  }
  throw new NotThisWay(reasons.join("; ") || `${cache} holds none`);
}

/**
 * Makes a new engine in a folder beside the cache's entries and puts it in place when it is whole.
 *
 * The caller holds the cache's lock: what an earlier maker left half done is removed.
 *
 * @param make Fills the folder and returns the CLI's version.
 */
export async function keepEngine(
  cache: string,
  source: Source,
  make: (dir: string) => Promise<string>,
): Promise<Engine> {
  const dir = entryDir(cache, source);
  const making = await newFolder(join(cache, "engine"));
  try {
    const version = await make(making);
    await writeRecord(making, version);
    // A temporary folder is its maker's alone; an image's cache is read by other users, too.
    await chmod(making, 0o755);
    await rm(dir, { recursive: true, force: true });
    await rename(making, dir);
    const { bin, pulumi } = engineLayout(dir);
    return { pulumi, bin, origin: source, version };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** @throws {EngineError} `CACHE_UNUSABLE` */
async function newFolder(parent: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    const left = (await readdir(parent)).filter((name) => name.startsWith(makingPrefix));
    await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
    return await mkdtemp(join(parent, makingPrefix));
  } catch (cause) {
    throw cacheUnusable(parent, cause);
  }
}

/** The cache can't be written to. */
export function cacheUnusable(dir: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineError(
    "CACHE_UNUSABLE",
    `no engine can be kept in ${dir}: ${reason}`,
    "Make the folder writable, or name another one in TVK_CACHE_DIR.",
    cause,
  );
}

async function check(dir: string): Promise<Engine | string> {
  try {
    const record: EngineRecord = JSON.parse(await readFile(join(dir, recordName), "utf8"));
    for (const file of record.files) {
      const problem = await damage(join(dir, file.path), file);
      if (problem !== undefined) return problem;
    }
    const { bin, pulumi } = engineLayout(dir);
    return { pulumi, bin, origin: "cache", version: record.version };
  } catch {
    return `${dir} is not whole`;
  }
}

async function damage(path: string, file: FileRecord): Promise<string | undefined> {
  const { size, mtimeMs } = await stat(path);
  if (size !== file.size) return `${path} has ${size} bytes, not ${file.size}`;
  if (mtimeMs === file.mtimeMs) return undefined;
  if ((await sha256(path)) !== file.sha256) return `${path} has changed since it was made`;
  // Copied or touched, not changed: so that the next look is quick again.
  const time = file.mtimeMs / 1000;
  await utimes(path, time, time).catch(() => {});
  return undefined;
}

async function writeRecord(dir: string, version: string): Promise<void> {
  const { pulumi, host, realHost } = engineLayout(dir);
  const files = await Promise.all(
    [pulumi, host, realHost]
      .filter((file) => existsSync(file))
      .map((file) => fileRecord(dir, file)),
  );
  const record: EngineRecord = { version, files };
  await writeFile(join(dir, recordName), `${JSON.stringify(record, undefined, 2)}\n`);
}

async function fileRecord(dir: string, file: string): Promise<FileRecord> {
  // Whole seconds: a time that every file system keeps as it was set.
  const mtimeMs = Math.floor((await stat(file)).mtimeMs / 1000) * 1000;
  await utimes(file, mtimeMs / 1000, mtimeMs / 1000);
  const { size } = await stat(file);
  return { path: relative(dir, file), size, mtimeMs, sha256: await sha256(file) };
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
