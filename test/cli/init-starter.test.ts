/** @module tvk init in a folder without a program: what it writes, installs and refuses. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documentedBlocks } from "../pack/documented-blocks.ts";
import { TVK, testEnv } from "./run-tvk.ts";

function folder() {
  const dir = testEnv()["TVK_CONFIG_DIR"] ?? "";
  mkdirSync(dir);
  return dir;
}

function init(cwd: string, ...args: string[]) {
  const ran = spawnSync(process.execPath, [TVK, "init", "--json", ...args], {
    cwd,
    encoding: "utf8",
    // What stands in for npm: it says what it was asked for.
    env: { ...process.env, PATH: [join(cwd, "bin"), process.env["PATH"]].join(delimiter) },
  });
  return { exitCode: ran.status, answer: JSON.parse(ran.stdout), stderr: ran.stderr };
}

describe("tvk init without a program", () => {
  it("writes the program that docs/components.md shows, asking nothing", () => {
    const dir = folder();
    const { exitCode, answer, stderr } = init(dir, "--no-install");
    expect(exitCode, stderr).toBe(0);
    expect(answer).toMatchObject({
      status: "program_written",
      stack: "dev",
      written: ["package.json", ".gitignore", "index.ts", "Pulumi.dev.yaml", "Pulumi.yaml"],
      installed: [],
      next: [expect.stringMatching(/^npm install @pulumi\/pulumi@\d/), "npx tvk dev"],
    });
    const shown = documentedBlocks("components.md");
    for (const name of ["index.ts", "Pulumi.yaml"]) {
      expect(readFileSync(join(dir, name), "utf8")).toBe(shown.get(`desk/${name}`));
    }
    expect(parse(readFileSync(join(dir, "Pulumi.dev.yaml"), "utf8"))).toEqual(
      parse(shown.get("desk/Pulumi.dev.yaml") ?? ""),
    );
    expect(readdirSync(dir).sort()).toEqual([...answer.written].sort());
  });

  it("keeps what package.json and .gitignore have, and adds what they lack", () => {
    const dir = folder();
    writeFileSync(join(dir, "package.json"), '{"dependencies":{"token-vault-kit":"1"}}');
    writeFileSync(join(dir, ".gitignore"), "dist/\n/node_modules/");
    const { answer } = init(dir, "--no-install", "--stack", "mine", "--helpdesk-port", "3999");
    expect(answer.next.at(-1)).toBe("npx tvk dev --stack mine");
    expect(JSON.parse(readFileSync(join(dir, "package.json"), "utf8"))).toEqual({
      dependencies: { "token-vault-kit": "1" },
      type: "module",
    });
    expect(readFileSync(join(dir, ".gitignore"), "utf8")).toBe("dist/\n/node_modules/\n.tvk/\n");
    expect(parse(readFileSync(join(dir, "Pulumi.mine.yaml"), "utf8"))).toEqual({
      config: { "token-vault-kit:tenant": "local", "acme-desk:helpdeskPort": "3999" },
    });
  });

  it.each(["index.ts", "Pulumi.dev.yaml"])(
    "never writes over %s: exit 2, nothing written",
    (name) => {
      const dir = folder();
      writeFileSync(join(dir, name), "mine");
      const { exitCode, answer } = init(dir, "--no-install");
      expect([exitCode, answer.error.code]).toEqual([2, "file_exists"]);
      expect(answer.error.message).toContain(name);
      expect(readdirSync(dir)).toEqual([name]);
      expect(readFileSync(join(dir, name), "utf8")).toBe("mine");
    },
  );

  it("a CommonJS project is told what to change: exit 2, nothing written", () => {
    const dir = folder();
    writeFileSync(join(dir, "package.json"), '{"type":"commonjs"}');
    const { exitCode, answer } = init(dir);
    expect([exitCode, answer.error.code]).toEqual([2, "file_exists"]);
    expect(readdirSync(dir)).toEqual(["package.json"]);
  });

  it.each([
    [["--tenant", "cloud"], "no_program"],
    [["--connection", "acme-wiki"], "no_program"],
    [["--helpdesk-port", "0"], "invalid_input"],
    [["--stack", "a/b"], "invalid_input"],
  ])("%j is refused, exit 2, and nothing written", (args, code) => {
    const dir = folder();
    const { exitCode, answer } = init(dir, ...args);
    expect([exitCode, answer.error.code]).toEqual([2, code]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    ["npm", undefined],
    ["pnpm", "pnpm-lock.yaml"],
  ])(
    "installs what is missing with %s, where %s says so, its output on stderr",
    (manager, lock) => {
      const dir = folder();
      mkdirSync(join(dir, "bin"));
      writeFileSync(join(dir, "bin", manager), '#!/bin/sh\necho "asked: $@"\n');
      chmodSync(join(dir, "bin", manager), 0o755);
      if (lock !== undefined) writeFileSync(join(dir, lock), "");
      const { answer, stderr } = init(dir);
      expect(answer).toMatchObject({
        installed: [
          expect.stringMatching(/^@pulumi\/pulumi@\d+\.\d+\.\d+$/),
          expect.stringMatching(/^@pulumi\/auth0@\d+\.\d+\.\d+$/),
          expect.stringMatching(/^@pulumi\/command@\d+\.\d+\.\d+$/),
        ],
        next: ["npx tvk dev"],
      });
      expect(stderr).toContain(`--ignore-scripts`);
      expect(stderr).toMatch(/asked: (install|add) .*@pulumi\/command@/);
    },
  );

  it("an installation that fails is install_failed, exit 1, with the command; the program stays", () => {
    const dir = folder();
    mkdirSync(join(dir, "bin"));
    writeFileSync(join(dir, "bin/npm"), "#!/bin/sh\nexit 7\n");
    chmodSync(join(dir, "bin/npm"), 0o755);
    const { exitCode, answer } = init(dir);
    expect(exitCode).toBe(1);
    expect(answer.error).toMatchObject({
      code: "install_failed",
      message: "npm ended with 7",
      hint: expect.stringMatching(/^Run: npm install .*@pulumi\/auth0@/),
    });
    expect(readdirSync(dir)).toContain("index.ts");
  });
});
