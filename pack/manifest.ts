/** @module The package.json that is published, made from the repository's. */
import { z } from "zod";
import { publishedName } from "./own-files.ts";

/** What the repository's package.json says and the published one repeats, or is made from. */
const schema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  engines: z.record(z.string(), z.string()),
  bin: z.object({ tvk: z.string() }),
  exports: z.object({ ".": z.string() }).catchall(z.string()),
  dependencies: z.record(z.string(), z.string()),
});

/** The repository's package.json. */
export type Manifest = z.infer<typeof schema>;

/** Sources of all that can be imported or started, as paths in the repository. */
export interface Doors {
  /** The runtime's, for every place that has web standards. */
  readonly web: readonly string[];
  /** The runtime's, for Node. */
  readonly runtimeOnNode: readonly string[];
  /** The components', for Pulumi programs. */
  readonly components: readonly string[];
  /** The others, for Node. */
  readonly programs: readonly string[];
  /** What the command starts. */
  readonly bin: string;
}

/** Asked for by a part of the package only, and brought by whoever uses that part. */
const peers = [
  "@pulumi/auth0",
  "@pulumi/command",
  "@pulumi/docker",
  "@pulumi/policy",
  "@pulumi/pulumi",
  "esbuild",
] as const;

const ownManifest = "./package.json";

/** Checks the repository's package.json. @throws {z.ZodError} It lacks something that is published. */
export function readManifest(text: string): Manifest {
  return schema.parse(JSON.parse(text));
}

/** The doors that the repository's package.json names. */
export function doorsOf({ exports, bin }: Manifest): Doors {
  const modules = Object.values(exports).filter((file) => file !== ownManifest);
  const groups = Map.groupBy(modules.map(plain), groupOf);
  const {
    web = [],
    runtimeOnNode = [],
    components = [],
    programs = [],
  } = Object.fromEntries(groups);
  return { web, runtimeOnNode, components, programs, bin: plain(bin.tvk) };
}

/**
 * The published package.json. It has no `dependencies`: every library is in the bundles, and an app
 * that installs the package for its runtime gets nothing else.
 */
export function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const { name, version, description, license, engines } = manifest;
  const exports = Object.entries(manifest.exports).map(([path, file]) => [
    path,
    file === ownManifest ? file : door(file),
  ]);
  const main = door(manifest.exports["."]);
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines,
    bin: { tvk: publishedName(plain(manifest.bin.tvk)) },
    // TypeScript's older resolution, which many Pulumi programs have, reads no `exports`.
    main: main.default,
    types: main.types,
    exports: Object.fromEntries(exports),
    sideEffects: false,
    peerDependencies: Object.fromEntries(peers.map((peer) => [peer, peerRange(manifest, peer)])),
    peerDependenciesMeta: Object.fromEntries(peers.map((peer) => [peer, { optional: true }])),
  };
}

/** As new as the one that everything is tested with; esbuild makes no promise across its 0.x versions. */
function peerRange({ dependencies }: Manifest, peer: (typeof peers)[number]): string {
  const version = dependencies[peer];
  if (version === undefined) throw new Error(`package.json has no dependency "${peer}"`);
  return peer === "esbuild" ? `>=${version}` : `^${version}`;
}

function door(source: string): { types: string; default: string } {
  const file = `./${publishedName(plain(source))}`;
  return { types: file.replace(/\.js$/, ".d.ts"), default: file };
}

function groupOf(source: string): Exclude<keyof Doors, "bin"> {
  if (source.startsWith("runtime/node/")) return "runtimeOnNode";
  if (source.startsWith("runtime/")) return "web";
  return source.startsWith("components/") ? "components" : "programs";
}

function plain(file: string): string {
  return file.replace(/^\.\//, "");
}
