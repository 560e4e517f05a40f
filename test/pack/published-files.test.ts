import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, inject, suite, test } from "vitest";
import { buildPackage } from "../../pack/build-package.ts";

const repository = resolve(import.meta.dirname, "../..");
const staging = inject("staging");
const manifest = JSON.parse(readFileSync(join(staging, "package.json"), "utf8"));

/** The 5 kB that test/runtime holds the sources to, and the longer names of the built files. */
const maxDoorBytes = 5_100;

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

function hashes(dir: string) {
  const hash = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(dir, file)))
      .digest("hex");
  return filesOf(dir).map((file) => [file, hash(file)]);
}

suite("the published files", () => {
  test("the same sources give the same bytes in another folder", async () => {
    const other = mkdtempSync(join(tmpdir(), "tvk-pack-again-"));
    try {
      await buildPackage(repository, join(other, "elsewhere"));
      expect(hashes(join(other, "elsewhere"))).toEqual(hashes(staging));
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test("none names a folder of the machine that built it", () => {
    const folders = [repository, staging, join(tmpdir(), "tvk-"), `${homedir()}/`];
    const user = userInfo().username;
    if (user !== "root") folders.push(`/${user}/`);
    const naming = filesOf(staging).filter((file) => {
      const text = readFileSync(join(staging, file), "utf8");
      return folders.some((folder) => text.includes(folder));
    });
    expect(naming).toEqual([]);
  });

  test("are JavaScript, declarations and texts: no source, no source map", () => {
    const others = filesOf(staging).filter(
      (file) =>
        !/(\.js|\.mjs|\.cjs|\.d\.ts|\.md|^LICENSE|^helpdesk\/Dockerfile|^policy\/(PulumiPolicy\.yaml|package\.json)|^package\.json)$/.test(
          file,
        ),
    );
    expect(others).toEqual([]);
  });

  test("package.json has no dependency and no script, and its peers are optional", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("optionalDependencies");
    expect(manifest).not.toHaveProperty("scripts");
    expect(manifest).not.toHaveProperty("private");
    for (const peer of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
    }
  });

  test("publint has nothing to say, in its strict mode", async () => {
    const { messages } = await publint({ pkgDir: staging, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test("every bundled library is named with version and licence, and has its text", () => {
    const notices = readFileSync(join(staging, "THIRD-PARTY-NOTICES.md"), "utf8");
    for (const name of ["hono", "jose", "oidc-provider", "zod", "@grpc/grpc-js", "citty"]) {
      expect(notices).toMatch(new RegExp(`^\\| ${name} \\| \\d+\\.\\d+\\.\\d+ \\| [A-Z]`, "m"));
      expect(notices).toMatch(
        new RegExp(`^## ${name} \\d+\\.\\d+\\.\\d+\n\n\`{5}text\n.{20}`, "ms"),
      );
    }
  });
});

suite("the published runtime", () => {
  // node/ is its part for Node, a door of its own.
  const files = filesOf(join(staging, "runtime")).filter((file) => /^[^/]+\.js$/.test(file));

  test("imports nothing but its own files: no package, no module of Node", () => {
    const imported = /\b(?:from|import|import\(|require\() ?"([^"]+)"/g;
    const names = files.flatMap((file) => {
      const text = readFileSync(join(staging, "runtime", file), "utf8");
      return [...text.matchAll(imported)].map(([, name = ""]) => name);
    });
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.startsWith("./"))).toEqual([]);
  });

  test(`what the door loads at once is under ${maxDoorBytes} bytes, minified and gzipped`, () => {
    const weight = (file: string) => {
      const text = readFileSync(join(staging, "runtime", file), "utf8");
      const { code } = transformSync(text, { minify: true, format: "esm" });
      return gzipSync(code, { level: 9 }).length;
    };
    const first = new Set(["index.js"]);
    for (const file of first) {
      const text = readFileSync(join(staging, "runtime", file), "utf8");
      for (const [, path = ""] of text.matchAll(/^(?:import|\}) .*?"\.\/(.+)";$/gm))
        first.add(path);
    }
    const door = [...first].reduce((sum, file) => sum + weight(file), 0);
    const all = files.reduce((sum, file) => sum + weight(file), 0);
    process.stdout.write(`runtime: ${door} bytes at once, ${all} with all that is loaded later\n`);
    expect(door).toBeGreaterThan(1_000);
    expect(door).toBeLessThan(maxDoorBytes);
  });
});
