/** @module Skills and manifests: valid as their formats have them, and true of the CLI. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { globalArgs } from "../../cli/globals.ts";
import { commands } from "../../cli/main.ts";
import { parseArguments } from "../../cli/parse-arguments.ts";
import { commandsOf, readSkill, skillProblems } from "./skill-file.ts";

const root = join(import.meta.dirname, "../..");
const names = readdirSync(join(root, "skills"));
const folder = (name: string) => join(root, "skills", name);
const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

suite("the skills", () => {
  test.each(names)("%s is a valid agentskills.io skill", (name) => {
    expect(skillProblems(folder(name), readSkill(folder(name)))).toEqual([]);
  });

  test("the check finds what breaks the format", () => {
    const long = "x".repeat(1025);
    const skill = {
      fields: { name: "Two--Dashes", description: long, color: "red", metadata: { a: {} } },
      body: " ",
      front: 'metadata:\n  a: {"b":1}',
    };
    expect(skillProblems("skills/other", skill)).toEqual([
      "an unknown field",
      "name's characters",
      "name is not the folder's",
      "description's length",
      "a map or list in one line",
      "metadata is no map of texts",
      "body's length",
    ]);
  });

  test.each(names)("%s links to files that are there", (name) => {
    const { body } = readSkill(folder(name));
    for (const [, path = ""] of body.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(folder(name), path)), path).toBe(true);
    }
  });

  test.each(names)("%s has commands that tvk takes as they stand", async (name) => {
    const { body } = readSkill(folder(name));
    const shown = commandsOf({ fields: {}, body });
    expect(shown.length).toBeGreaterThan(2);
    for (const line of shown) {
      const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      const [tvk, ...rest] = words.map((word) => word.replace(/^["']|["']$/g, ""));
      expect(tvk).toBe("tvk");
      const index = rest.findIndex((word) => Object.hasOwn(commands, word));
      const definition = await commands[rest[index] ?? ""]?.();
      const args = (await definition?.args) ?? {};
      expect(() =>
        parseArguments(rest.toSpliced(index, 1), { ...globalArgs, ...args }),
      ).not.toThrow();
    }
  });

  test("token-vault says what each exit code asks of an agent", () => {
    const { body } = readSkill(folder("token-vault"));
    const rows = [...body.matchAll(/^\| (\d) \| .+ \| .+ \|$/gm)].map(([, code]) => Number(code));
    expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("token-vault has a live status line with a JSON fallback", () => {
    const { body } = readSkill(folder("token-vault"));
    const [, fallback = ""] = /!`tvk --json status .*\|\| echo '(.+)'`/.exec(body) ?? [];
    expect(JSON.parse(fallback)).toMatchObject({ error: { code: "not_configured" } });
  });

  test("token-vault's OpenClaw metadata names the package's own command, and installs by no script", () => {
    const { metadata } = readSkill(folder("token-vault")).fields as {
      metadata: { openclaw: unknown };
    };
    const { name, bin } = json("package.json");
    expect(metadata.openclaw).toEqual({
      emoji: expect.any(String),
      requires: { bins: Object.keys(bin) },
      os: ["darwin", "linux", "win32"],
      install: [
        {
          id: "npm",
          kind: "node",
          package: name,
          bins: Object.keys(bin),
          label: expect.any(String),
        },
      ],
    });
    expect(JSON.stringify(metadata)).not.toMatch(/curl|\| *sh/);
  });

  test("its command list has every command that is for an agent or its user", () => {
    const text = readFileSync(join(folder("token-vault"), "references/commands.md"), "utf8");
    const own = ["status", "connections", "fetch", "doctor", "init", "login", "connect"];
    for (const name of [...own, "disconnect", "logout"]) expect(text).toContain(`\`tvk ${name}`);
  });
});

suite("the Claude Code manifests", () => {
  test("the marketplace lists every skill, by a path that is there", () => {
    const { name, owner, plugins } = json(".claude-plugin/marketplace.json");
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(owner.name).toBeTruthy();
    expect(plugins).toHaveLength(1);
    const [plugin] = plugins;
    expect(plugin.source).toMatch(/^\.\//);
    expect(plugin.skills).toHaveLength(names.length);
    for (const path of plugin.skills) expect(existsSync(join(root, path, "SKILL.md"))).toBe(true);
  });

  test("a clone has every skill where Claude Code looks for a project's own", () => {
    for (const name of names) {
      const own = join(root, ".claude/skills", name, "SKILL.md");
      expect(realpathSync(own)).toBe(realpathSync(join(folder(name), "SKILL.md")));
    }
  });

  test("plugin, marketplace and package have one name and version", () => {
    const { name, version } = json("package.json");
    const plugin = json(".claude-plugin/plugin.json");
    const { metadata, plugins } = json(".claude-plugin/marketplace.json");
    expect([plugin.name, plugins[0].name]).toEqual([name, name]);
    expect([plugin.version, metadata.version]).toEqual([version, version]);
  });
});
