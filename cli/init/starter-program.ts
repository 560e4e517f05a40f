/** @module The program that `tvk init` writes where there is none: the one that docs/components.md shows. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { makeFile, replaceFile } from "../../locks/whole-file.ts";
import { inputError } from "../exit-codes.ts";
import { stackFileName } from "./stack-file.ts";

/** What the page shows under this folder is the program. */
const SHOWN = "desk/";
const IGNORED = [".tvk/", "node_modules/"];

export interface StarterAnswers {
  readonly stack: string;
  /** Where the sample API listens; undefined leaves 3001. */
  readonly helpdeskPort: number | undefined;
}

/**
 * Writes Pulumi.yaml, the stack's configuration and index.ts, makes an ES module of the project, and
 * keeps `.tvk/` out of git.
 *
 * @returns What was written, in order; Pulumi.yaml, which makes a project of the folder, last.
 * @throws {CliError} `file_exists`: a file of the program's is there, or package.json is one of a
 * CommonJS project. Nothing is written then.
 */
export function writeStarter(dir: string, { stack, helpdeskPort }: StarterAnswers): string[] {
  const shown = shownFiles();
  const project = /^name: (\S+)$/m.exec(shown.get("Pulumi.yaml") ?? "")?.[1];
  const config = {
    "token-vault-kit:tenant": "local",
    ...(helpdeskPort === undefined ? {} : { [`${project}:helpdeskPort`]: String(helpdeskPort) }),
  };
  const files: [name: string, text: string][] = [
    ["index.ts", shown.get("index.ts") ?? ""],
    [stackFileName(stack), stringify({ config })],
    ["Pulumi.yaml", shown.get("Pulumi.yaml") ?? ""],
  ];
  const manifest = moduleManifest(dir, shown.get("package.json") ?? "{}");
  const taken = files.map(([name]) => name).filter((name) => existsSync(join(dir, name)));
  if (taken.length > 0) {
    throw inputError(
      "file_exists",
      `${taken.join(", ")} would be written, and is there already`,
      "Run this in an empty folder, or write a Pulumi.yaml for the program that you have.",
    );
  }
  const written: string[] = [];
  for (const [name, text] of [...manifest, ...gitignore(dir)]) {
    written.push(name);
    replaceFile(join(dir, name), text, { mode: 0o644 });
  }
  for (const [name, text] of files) {
    written.push(name);
    makeFile(join(dir, name), text, { mode: 0o644 });
  }
  return written;
}

/** The page's code blocks whose first line names a file under the folder, by the file's name. */
function shownFiles(): ReadonlyMap<string, string> {
  const page = readFileSync(new URL("../../docs/components.md", import.meta.url), "utf8");
  const blocks = page.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms);
  const named = [...blocks].filter(([, path = ""]) => path.startsWith(SHOWN));
  return new Map(named.map(([, path = "", text = ""]) => [path.slice(SHOWN.length), text]));
}

/** package.json as an ES module's, if it is not one yet. */
function moduleManifest(dir: string, shown: string): [string, string][] {
  const path = join(dir, "package.json");
  const manifest = JSON.parse(existsSync(path) ? readFileSync(path, "utf8") : shown);
  if (existsSync(path) && manifest.type === "module") return [];
  if (manifest.type === "commonjs") {
    throw inputError(
      "file_exists",
      `package.json of ${basename(dir)} says "type": "commonjs", and the program is an ES module`,
      'Say "type": "module" in it, or run this in another folder.',
    );
  }
  return [["package.json", `${JSON.stringify({ ...manifest, type: "module" }, null, 2)}\n`]];
}

function gitignore(dir: string): [string, string][] {
  const path = join(dir, ".gitignore");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = text.split(/\r?\n/);
  const missing = IGNORED.filter((line) => !lines.includes(line) && !lines.includes(`/${line}`));
  if (missing.length === 0) return [];
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return [[".gitignore", `${start}${missing.join("\n")}\n`]];
}
