/** @module Makes a release ready: `node pack/release.ts TAG [FOLDER]` checks it and packs it; publishes nothing. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/**
 * What stands in the way of a release, all of it at once.
 *
 * @param tag The git tag, `v` and the version.
 * @param read Reads a file of the repository.
 */
export function releaseProblems(tag: string, read: (file: string) => string): string[] {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const { version: policy } = JSON.parse(read("policy/package.json")) as { version: string };
  const problems: string[] = [];
  if (tag !== `v${version}`) {
    problems.push(`the tag is "${tag}" and package.json says ${version}; tag v${version}`);
  }
  if (policy !== version) {
    problems.push(`policy/package.json says ${policy} and package.json ${version}; make them one`);
  }
  if (releaseNotes(version, read("CHANGELOG.md")) === "") {
    problems.push(`CHANGELOG.md has nothing under "## ${version}"; write what is new for users`);
  }
  return problems;
}

/** The section of a version, without its heading; empty where there is none. */
export function releaseNotes(version: string, changelog: string): string {
  const heading = new RegExp(`^## ${version.replaceAll(".", "\\.")}(?: .*)?$`, "m");
  const found = heading.exec(changelog);
  if (found === null) return "";
  const [section = ""] = changelog.slice(found.index + found[0].length).split(/^## /m);
  return section.trim();
}

function main(tag: string, folder: string): void {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const problems = releaseProblems(tag, read);
  if (problems.length > 0) {
    console.error(`this is no release yet:\n${problems.map((each) => `  ${each}`).join("\n")}`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "notes.md"), `${releaseNotes(tag.slice(1), read("CHANGELOG.md"))}\n`);
  const tarball = execFileSync(process.execPath, [join(root, "pack/main.ts"), folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  console.log(tarball);
  const output = process.env["GITHUB_OUTPUT"];
  if (output !== undefined) appendFileSync(output, `tarball=${tarball}\n`);
}

if (import.meta.main) {
  const [tag, folder = join(root, "dist")] = process.argv.slice(2);
  if (tag === undefined) {
    console.error("usage: node pack/release.ts TAG [FOLDER]");
    process.exitCode = 2;
  } else main(tag, resolve(folder));
}
