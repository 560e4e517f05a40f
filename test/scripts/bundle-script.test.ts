/** @module The bundler: one deterministic function, or every problem at once. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import {
  bundleScript,
  maxScriptCharacters,
  ScriptBundleError,
} from "../../scripts/bundle-script.ts";
import { runScript } from "./sandbox.ts";

suite("bundleScript()", () => {
  let folder: string;
  const home = process.cwd();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bundle-script-"));
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  function write(files: Record<string, string>): string {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return join(folder, Object.keys(files)[0] ?? "");
  }

  function problemsOf(entry: string, options: { packages?: string[] } = {}): readonly string[] {
    try {
      bundleScript({ entry, ...options });
    } catch (error) {
      if (error instanceof ScriptBundleError) return error.problems;
      throw error;
    }
    return [];
  }

  test("makes one function of several TypeScript files", async () => {
    const entry = write({
      "script.ts": `import { shout } from "./lib/shout.ts";
        export function fetchUserProfile(token: string, context: { sub: string }, callback: Function): void {
          callback(null, { user_id: shout(context.sub) satisfies string });
        }`,
      "lib/shout.ts": "export const shout = (text: string): string => text.toUpperCase();",
    });
    const text = bundleScript({ entry });
    expect(text).toMatch(/^function fetchUserProfile\(accessToken, context, callback\) \{\n/);
    expect(text).toMatch(/\n\}\n$/);
    expect(await runScript(text, "token", { sub: "alice" })).toEqual({
      calls: 1,
      profile: { user_id: "ALICE" },
    });
  });

  test("is a declaration that Auth0 can also evaluate as an expression", () => {
    const text = bundleScript({ entry: write({ "a.js": minimal }) });
    expect(() => new Function(`return (${text})`)()).not.toThrow();
    expect(new Function(`${text}; return typeof fetchUserProfile`)()).toBe("function");
  });

  test("keeps a script's own names apart from the parameters", async () => {
    const entry = write({
      "a.ts": `const context = "mine"; const callback = "mine too"; const accessToken = context + callback;
        export const fetchUserProfile = (_a, _b, done) => done(null, { user_id: accessToken });`,
    });
    const { profile } = await runScript(bundleScript({ entry }), "theirs");
    expect(profile).toEqual({ user_id: "minemine too" });
  });

  test("gives the same bytes from another folder and another working directory", () => {
    const files = {
      "one/script.ts": `/* a comment */ import { x } from "../shared/x.ts";\n${minimal}; export const y = x;`,
      "shared/x.ts": "// another\nexport const x = () => require('crypto');",
    };
    const first = bundleScript({ entry: write(files) });
    const copy = join(folder, "copy");
    cpSync(join(folder, "one"), join(copy, "deep", "one"), { recursive: true });
    cpSync(join(folder, "shared"), join(copy, "deep", "shared"), { recursive: true });
    writeFileSync(join(copy, "tsconfig.json"), '{"compilerOptions":{"target":"es5"}}');
    process.chdir(copy);
    expect(bundleScript({ entry: "deep/one/script.ts" })).toBe(first);
  });

  test("has no path and no comment in the text", () => {
    const entry = write({
      "script.ts": `// secret remark\nimport { b } from "./sub/b.ts";\n${minimal}; export const c = b;`,
      "sub/b.ts": "/** remark */ export const b = 1; console.log(b);",
    });
    const text = bundleScript({ entry });
    expect(text).toContain("console.log(b)");
    expect(text).not.toMatch(/remark|sub|script\.ts|\/\//);
  });

  test("replaces defined names by their expressions", async () => {
    const entry = write({
      "a.ts": "export const fetchUserProfile = (_a, _b, done) => done(null, { user_id: WHO });",
    });
    const text = bundleScript({ entry, define: { WHO: JSON.stringify('a "quoted" name') } });
    expect((await runScript(text, "t")).profile).toEqual({ user_id: 'a "quoted" name' });
  });

  test("names the function as asked, for the connection's other script", () => {
    const entry = write({
      "a.js": "export function getLogoutUrl(a, b, done) { done(null, 'x'); }",
    });
    expect(bundleScript({ entry, name: "getLogoutUrl" })).toMatch(/^function getLogoutUrl\(/);
  });

  test("refuses a name that is no identifier, before it reads anything", () => {
    expect(() => bundleScript({ entry: "nowhere.ts", name: "a-b" })).toThrow(TypeError);
  });

  test("leaves the sandbox's own modules to require", () => {
    const entry = write({
      "a.ts": `import { createHash } from "node:crypto"; import jwt from "jsonwebtoken";
        export const fetchUserProfile = (t, c, done) => done(null, { user_id: createHash("md5").update(jwt.decode(t).sub).digest("hex") });`,
    });
    const text = bundleScript({ entry });
    expect(text).toContain('require("node:crypto")');
    expect(text).toContain('require("jsonwebtoken")');
  });

  test("refuses packages that the sandbox does not have, all of them, with the file", () => {
    const entry = write({
      "a.ts": `import axios from "axios"; import { b } from "./b.ts"; export const fetchUserProfile = () => axios.get(b);`,
      "b.ts": `import _ from "lodash"; export const b = _.now();`,
    });
    expect(problemsOf(entry).toSorted()).toEqual([
      'a.ts: imports "axios", which Auth0\'s sandbox does not have',
      'b.ts: imports "lodash", which Auth0\'s sandbox does not have',
    ]);
    expect(problemsOf(entry, { packages: ["axios", "lodash"] })).toEqual([]);
  });

  test("names file, line and column of every syntax error, in all files", () => {
    const entry = write({
      "a.ts": `import "./b.ts"; import "./c.ts"; ${minimal}`,
      "b.ts": "const a = 1;\nconst = 2;",
      "c.ts": "function (",
    });
    const problems = problemsOf(entry).toSorted();
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^b\.ts:2:7: /);
    expect(problems[1]).toMatch(/^c\.ts:1:10: /);
  });

  test("says that the function is not exported", () => {
    for (const content of ["function fetchUserProfile() {}", "export const other = 1;"]) {
      const entry = write({ "a.ts": content });
      expect(problemsOf(entry)).toEqual([`${entry} does not export fetchUserProfile`]);
    }
  });

  test("tells a missing export and a missing package together", () => {
    const entry = write({ "a.ts": 'import axios from "axios"; export const other = axios;' });
    expect(problemsOf(entry)).toEqual([
      `${entry} does not export fetchUserProfile`,
      'a.ts: imports "axios", which Auth0\'s sandbox does not have',
    ]);
  });

  test("says that the file is not there", () => {
    const entry = join(folder, "nowhere.ts");
    expect(problemsOf(entry)).toEqual([`${entry}: there is no such file`]);
  });

  test("says which file imports one that is not there", () => {
    const entry = write({ "a.ts": `import "./gone.ts";\n${minimal}` });
    expect(problemsOf(entry)[0]).toMatch(/^a\.ts:1:8: Could not resolve "\.\/gone\.ts"/);
  });

  test("refuses more text than Auth0 takes, and takes what just fits", () => {
    const script = (length: number) =>
      write({
        "a.js": `export const fetchUserProfile = (a, b, done) => done("${"x".repeat(length)}");`,
      });
    const rest = bundleScript({ entry: script(0) }).length;
    expect(bundleScript({ entry: script(maxScriptCharacters - rest) })).toHaveLength(51_200);
    expect(problemsOf(script(maxScriptCharacters - rest + 1))).toEqual([
      "the bundle has 51201 characters, Auth0 takes 51200: import less",
    ]);
  });

  test("refuses what has no meaning in a function's text", () => {
    expect(
      problemsOf(
        write({ "a.ts": `${minimal}; export const here = import.meta.url; console.log(here);` }),
      )[0],
    ).toMatch(/^a\.ts:1:\d+: .*import\.meta/);
    expect(problemsOf(write({ "b.ts": `await 1; ${minimal}` }))[0]).toMatch(/^b\.ts:1:1: .*await/);
  });
});

const minimal =
  "export function fetchUserProfile(token, context, callback) { callback(null, { user_id: 'x' }); }";
