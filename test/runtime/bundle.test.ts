/** @module The runtime as an app ships it: one module that needs nothing and stays small, and what is loaded later. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { plainBundle, weighDoor } from "./door-weight.ts";

/** What the door may weigh, minified and gzipped: all that fetch() and token() need. */
const MAX_DOOR_BYTES = 5_000;
/** What connecting, and naming a tenant's refusal, may add when they are first needed. */
const MAX_LATER_BYTES = 4_000;

describe("token-vault-kit/runtime", () => {
  it("is one module without imports; what it loads later imports nothing of it", async () => {
    const { door, later } = await weighDoor();
    expect(door.modules).toHaveLength(1);
    expect(later.modules.join(" ")).not.toMatch(/token-vault|errors|send|token-cache|tenant\.ts/);
    expect(door.text).not.toMatch(/\bimport\b(?!\()|\brequire\(/);
    expect(door.text + later.text).not.toMatch(/\bprocess\.|\bBuffer\b|__dirname/);
  });

  it("exports what its page says, and nothing else", async () => {
    const url = `data:text/javascript;base64,${Buffer.from(await plainBundle()).toString("base64")}`;
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

  it(`weighs less than ${MAX_DOOR_BYTES} bytes, minified and gzipped`, async () => {
    const { door } = await weighDoor();
    expect(door.bytes).toBeGreaterThan(1_000);
    expect(door.bytes).toBeLessThan(MAX_DOOR_BYTES);
  });

  it(`loads less than ${MAX_LATER_BYTES} bytes more for connect() and for a refusal`, async () => {
    const { later } = await weighDoor();
    expect(later.bytes).toBeGreaterThan(1_000);
    expect(later.bytes).toBeLessThan(MAX_LATER_BYTES);
  });
});

describe("token-vault-kit/runtime/private-key-jwt", () => {
  it("is one small module without imports", async () => {
    const entry = fileURLToPath(new URL("../../runtime/private-key-jwt.ts", import.meta.url));
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "neutral",
      logLevel: "silent",
    });
    const text = outputFiles[0]?.text ?? "";
    expect(text).not.toMatch(/\bimport\b|\brequire\(/);
    expect(gzipSync(text, { level: 9 }).length).toBeLessThan(1_000);
  });
});
