/** @module The runtime as an app ships it: one module that needs nothing and stays small. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What the whole door may weigh, minified and gzipped. A wish for it to be 5 kB is open. */
const MAX_BYTES = 8_000;

const door = fileURLToPath(new URL("../../runtime/index.ts", import.meta.url));

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [door],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    // Neutral knows no Node built-in: an import of one fails the build.
    platform: "neutral",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

describe("token-vault-kit/runtime", () => {
  it("is one module without imports", async () => {
    const text = await bundle();
    expect(text).not.toMatch(/\bimport\b|\brequire\(/);
    expect(text).not.toMatch(/\bprocess\.|\bBuffer\b|__dirname/);
  });

  it("exports what its page says, and nothing else", async () => {
    const url = `data:text/javascript;base64,${Buffer.from(await bundle()).toString("base64")}`;
    const names = Object.keys(await import(/* @vite-ignore */ url)).sort();
    expect(names).toEqual([
      "ClientSecretBasic",
      "ClientSecretPost",
      "NotConnectedError",
      "ScopesNeededError",
      "TokenVault",
      "VaultError",
      "memoryStore",
    ]);
  });

  it(`weighs less than ${MAX_BYTES} bytes, minified and gzipped`, async () => {
    expect(gzipSync(await bundle(), { level: 9 }).length).toBeLessThan(MAX_BYTES);
  });
});
