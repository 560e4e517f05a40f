/** @module Makes one file of a plugin and all it imports, so that it starts fast and needs no node_modules. */

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Plugin } from "esbuild";

export interface Bundle {
  readonly file: string;
  /** Names the content: the same sources and libraries give the same hash. */
  readonly hash: string;
}

const folder = import.meta.dirname;

/** What ends up in a bundle besides our own sources, and what makes it. */
const libraries = ["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "dockerode", "esbuild"];

/**
 * What the gRPC library needs only to answer questions about itself (channelz), which no engine asks, and
 * dockerode only to reach a daemon by SSH or to build with BuildKit, which our plugin does not do.
 */
const unused = /^(@grpc\/proto-loader|protobufjs|ssh2)$/;

/** The bundled libraries are CommonJS and ask for Node's built-ins by `require`. */
const banner = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`;

/**
 * Bundles a plugin, or takes the bundle of an earlier time when nothing that goes into it has changed.
 *
 * @param name Folder of the plugin beside this file.
 * @param cacheDir Where bundles are kept, by content. Made where it is missing.
 */
export async function bundlePlugin(name: string, cacheDir: string): Promise<Bundle> {
  const hash = sourceHash(name);
  const file = join(cacheDir, `${name}-${hash}.mjs`);
  if (existsSync(file)) return { file, hash };
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, name, "main.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    plugins: [withoutUnused],
    banner: { js: banner },
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of the plugin ${name}`);
  mkdirSync(cacheDir, { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, output.contents);
  renameSync(temporary, file);
  return { file, hash };
}

const withoutUnused: Plugin = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
    build.onLoad({ filter: unused, namespace: "unused" }, () => ({ contents: "" }));
  },
};

function sourceHash(name: string): string {
  const hash = createHash("sha256").update(`${banner}\0${unused}`);
  for (const part of ["protocol", name]) {
    for (const file of readdirSync(join(folder, part)).sort()) {
      hash.update(`\0${part}/${file}\0`).update(readFileSync(join(folder, part, file)));
    }
  }
  hash.update(readFileSync(join(folder, "..", "versions.ts")));
  for (const library of libraries) hash.update(`\0${library}@${versionOf(library)}`);
  return hash.digest("hex").slice(0, 16);
}

function versionOf(library: string): string {
  const { resolve } = createRequire(import.meta.url);
  for (const root of resolve.paths(library) ?? []) {
    const file = join(root, library, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).version;
  }
  throw new Error(`${library} is not installed: run npm ci`);
}
