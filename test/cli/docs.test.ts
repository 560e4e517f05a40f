/** @module docs/cli.md names tests: each one is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../cli/main.ts";
import { namedTests, titlesOf } from "../documented-tests.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/cli.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| "));

describe("docs/cli.md", () => {
  const named = namedTests(page);

  it("names a test in nearly every row of its tables", () => {
    const without = rows.filter((row) => !/\.test\.ts`/.test(row) && /not carried/.test(row));
    expect(named.length).toBeGreaterThan(70);
    expect(without.length).toBeLessThan(5);
  });

  it.each(named)("%s has the test %j", (file, title) => {
    expect(titlesOf(file)).toContain(title);
  });

  it("has every command of auth0-tv, and every one that is about a user", () => {
    const own = ["init", "login", "logout", "status", "connect", "connections", "disconnect"];
    for (const name of [...own, "fetch", "gmail", "calendar", "slack", "github", "doctor"]) {
      expect(page).toContain(`\`${name}`);
    }
    for (const name of own) expect(commands).toHaveProperty(name);
  });
});
