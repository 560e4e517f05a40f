/** What a release is held to, and that its steps run as the workflow has them, but for the publishing. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, suite, test } from "vitest";
import { parse } from "yaml";
import { releaseNotes, releaseProblems } from "../../pack/release.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

suite("a release", () => {
  test("names all that stands in its way at once", () => {
    const files: Record<string, string> = {
      "package.json": '{ "version": "1.2.0" }',
      "policy/package.json": '{ "version": "1.1.0" }',
      "CHANGELOG.md": "# Changelog\n\n## 1.1.0\n\n- Before.\n",
    };
    const problems = releaseProblems("v1.3.0", (file) => files[file] ?? "");
    expect(problems).toHaveLength(3);
    expect(problems.join("\n")).toMatch(/v1\.3\.0.*1\.2\.0[\s\S]*policy[\s\S]*CHANGELOG/);
  });

  test("takes the notes of its own version only", () => {
    const changelog = "# Changelog\n\n## 1.2.0\n\n- New.\n\n## 1.1.0\n\n- Old.\n";
    expect(releaseNotes("1.2.0", changelog)).toBe("- New.");
    expect(releaseNotes("1.2", changelog)).toBe("");
  });

  test("of this version could be made now: notes, and one tarball", () => {
    const folder = mkdtempSync(join(tmpdir(), "tvk-release-"));
    try {
      const args = [join(root, "pack/release.ts"), `v${version}`, folder];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      expect(status, stderr).toBe(0);
      expect(existsSync(stdout.trim())).toBe(true);
      expect(readFileSync(join(folder, "notes.md"), "utf8").length).toBeGreaterThan(20);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);

  test("with another tag is refused", () => {
    const args = [join(root, "pack/release.ts"), "v0.0.0"];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain(`package.json says ${version}`);
  });
});

suite("the release workflow", () => {
  const workflow = parse(read(".github/workflows/release.yml"));
  const jobs = Object.values(workflow.jobs) as {
    permissions: Record<string, string>;
    steps: { uses?: string; run?: string }[];
  }[];

  test("gives no right but what a step needs, and pins each action to a commit", () => {
    expect(workflow.permissions).toEqual({});
    for (const { uses } of jobs.flatMap(({ steps }) => steps)) {
      if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    }
  });

  test("publishes the tarball that was tested, with provenance, and takes no text of others into a command", () => {
    const runs = jobs.flatMap(({ steps }) => steps.map(({ run }) => run ?? ""));
    expect(runs.filter((run) => run.includes("npm publish"))).toEqual([
      expect.stringContaining("--provenance"),
    ]);
    expect(runs.filter((run) => run.includes("$" + "{{"))).toEqual([]);
    expect(runs.join("\n")).toContain("node_modules/.bin/node pack/release.ts");
    expect(runs.join("\n")).toContain("bash .ci/run");
  });
});
