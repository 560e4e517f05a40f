/** @module The policy pack, such that any engine that we find can run it. */
import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { replaceFile } from "../locks/whole-file.ts";

/** Where a rendered pack is. */
export interface RenderedPack {
  /** For `--policy-pack`. */
  readonly dir: string;
  /** Folder of the executable that serves it, for PATH. */
  readonly bin: string;
}

/**
 * No language host of this name exists, so the engine looks for `pulumi-analyzer-policy-NAME` on PATH.
 * The language host that can be built from Go modules knows no policy packs (`runtime: nodejs`).
 */
const runtime = "tvk-node";

/** The pack's library is not installed: whoever never asks for the pack need not have it. */
class NoPolicyLibraryError extends Error {
  readonly code = "NO_POLICY_LIBRARY";
  readonly hint: string;
  constructor(version: string, cause: unknown) {
    super("--policy needs @pulumi/policy, which is not installed", { cause });
    this.name = "NoPolicyLibraryError";
    this.hint = `Run: npm install --save-dev @pulumi/policy@${version}`;
  }
}

/**
 * Writes a policy pack that stands for ours, with the executable that serves it.
 *
 * @param dir Folder of its own, made where it is missing; the same content every time.
 * @param node The Node that serves it: 22.18 or later.
 * @throws {NoPolicyLibraryError} `NO_POLICY_LIBRARY`
 */
export function renderPolicyPack(dir: string, node: string = process.execPath): RenderedPack {
  const bin = join(dir, "bin");
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  const door = fileURLToPath(new URL("../policy/main.mjs", import.meta.url));
  const manifest = fileURLToPath(new URL("../policy/package.json", import.meta.url));
  requireLibrary(door, manifest);
  const files = {
    "PulumiPolicy.yaml": `runtime: ${runtime}\nmain: main.mjs\n`,
    // The pack tells the engine the version that its folder's package.json has.
    "package.json": readFileSync(manifest, "utf8"),
    "main.mjs": `import ${JSON.stringify(pathToFileURL(door).href)};\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    replaceFile(join(dir, name), text, { mode: 0o644 });
  }
  replaceFile(join(bin, `pulumi-analyzer-policy-${runtime}`), shim(node), { mode: 0o755 });
  return { dir, bin };
}

/** Looked for where the pack itself will look. Otherwise the engine would only say that the pack does not start. */
function requireLibrary(door: string, manifest: string): void {
  const library = "@pulumi/policy";
  try {
    createRequire(realpathSync(door)).resolve(library);
  } catch (error) {
    const { peerDependencies } = JSON.parse(readFileSync(manifest, "utf8"));
    throw new NoPolicyLibraryError(peerDependencies[library], error);
  }
}

/** NODE_OPTIONS is meant for the program that the engine runs. */
function shim(node: string): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
node=${quoted}
[ -x "$node" ] || node=node
unset NODE_OPTIONS
exec "$node" "\${0%/*}/../main.mjs" "$@"
`;
}
