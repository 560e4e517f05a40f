/** @module What one local stack keeps on this machine: passphrase, Pulumi's home and backend, rendered configuration. */
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseDocument, stringify } from "yaml";
import { replaceFile } from "../locks/whole-file.ts";
import { passphraseFile } from "./passphrase.ts";
import { stackConfig } from "./stack-config.ts";

/** Paths of a local stack, all absolute. */
export interface StackFolder {
  readonly dir: string;
  /** PULUMI_HOME: our plugins live here, apart from the user's own installation. */
  readonly home: string;
  /** Folder of the file backend. */
  readonly backendDir: string;
  /** File that holds the passphrase, 0600. */
  readonly passphraseFile: string;
  /** The configuration that Pulumi reads and writes, so that the committed one stays as it is. */
  readonly configFile: string;
  /** A folder with Pulumi.yaml alone, for `pulumi stack init`, which can't be told another config file. */
  readonly initDir: string;
}

/**
 * Makes ready the folder of a local stack: what is missing is made, what is there stays.
 *
 * @param projectDir Folder with Pulumi.yaml.
 * @param note Told in one line what was damaged and made anew.
 * @throws {UnknownStackError} `UNKNOWN_STACK`: nothing configures it; the operator's.
 * @throws {PassphraseError} `PASSPHRASE_LOST`: what it has sealed can't be opened any more.
 */
export function stackFolder(
  projectDir: string,
  stack: string,
  note: (line: string) => void = () => {},
): StackFolder {
  const local = resolve(projectDir, ".tvk");
  const dir = join(local, "stacks", stack);
  const folder = {
    dir,
    home: join(dir, "home"),
    backendDir: join(dir, "backend"),
    configFile: join(dir, `Pulumi.${stack}.yaml`),
    initDir: join(dir, "init"),
  };
  const committed = stackConfig(projectDir, stack);
  // Alone: `recursive` says ENOENT of a read-only file system.
  makeFolder(local);
  for (const each of [dir, folder.home, folder.backendDir, folder.initDir]) {
    mkdirSync(each, { recursive: true, mode: 0o700 });
  }
  // Another run of the stack may be reading it.
  replaceFile(
    join(folder.initDir, "Pulumi.yaml"),
    readFileSync(join(projectDir, "Pulumi.yaml"), "utf8"),
  );
  for (const each of [folder.configFile, `${folder.configFile}.base`]) setAsideDamaged(each, note);
  render(committed, folder.configFile);
  return { ...folder, passphraseFile: passphraseFile(dir, stack) };
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * Brings the rendered configuration up to date with the committed one.
 *
 * A key that someone set in the rendered file (`pulumi config set` in a `tvk shell`) stays; every
 * other key follows the committed file. What was committed at the last rendering tells them apart.
 */
function render(committed: string, rendered: string): void {
  const base = `${rendered}.base`;
  const now = readConfig(committed);
  const before = readConfig(base);
  const kept = readConfig(rendered);
  const own = Object.entries(kept.config).filter(
    ([key, value]) => !same(value, before.config[key]) && !same(value, now.config[key]),
  );
  const merged = {
    // A salt in the committed file is that of another passphrase: this folder has its own.
    ...kept.rest,
    config: { ...now.config, ...Object.fromEntries(own) },
  };
  // Quotes what the engine's YAML would take for something else than text: a time, yes, no.
  const text = stringify(merged, { schema: "yaml-1.1" });
  if (!existsSync(rendered) || readFileSync(rendered, "utf8") !== text) replaceFile(rendered, text);
  replaceFile(base, readFileSync(committed, "utf8"));
}

interface StackConfig {
  readonly config: Record<string, unknown>;
  /** `encryptionsalt` and its kin. */
  readonly rest: Record<string, unknown>;
}

function readConfig(file: string): StackConfig {
  if (!existsSync(file)) return { config: {}, rest: {} };
  const document = parseDocument(readFileSync(file, "utf8"));
  const problem = document.errors[0];
  if (problem !== undefined) throw new Error(`${file} is no YAML: ${problem.message}`);
  const { config, ...rest } = (document.toJS() ?? {}) as Record<string, unknown>;
  return { config: (config ?? {}) as Record<string, unknown>, rest };
}

/** What is only rendered can be rendered again; what a person had set in it stays beside. */
function setAsideDamaged(file: string, note: (line: string) => void): void {
  try {
    readConfig(file);
  } catch {
    renameSync(file, `${file}.damaged`);
    note(`${file} was damaged: it is made anew, and the old one is ${file}.damaged.`);
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
