/** @module The JavaScript of the package: each door and each process as bundled ES modules. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import type { Doors } from "./manifest.ts";
import { type NamedFiles, ownFiles } from "./own-files.ts";
import { pluginInputs, readyMade } from "./ready-made.ts";
import { smallZod } from "./small-zod.ts";

/** What a process of ours starts with `node FILE`. */
const processes = ["tenant/main.mjs", "helpdesk/main.ts", "services/main.ts"];
/** The runtime's door as its part for Node, one folder below, finds it. */
const runtimeDoor = "../index.js";
const peerScope = "@pulumi/";
/** The policy pack's own door, which the engine's Node loads: beside it lies what Pulumi reads first. */
const policyDoor = "policy/main.mjs";

/** A bundled library that is CommonJS asks for Node's built-ins by `require`. */
const requireBanner = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);
`;
/** esbuild's stand-in for a `require` that is not there: what uses it needs the banner. */
const requireStandIn = 'Dynamic require of "';

/** Zod's messages in all its languages are a third of a program; ours are English. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, ({ pluginData }) => ({
      contents: 'export { default as en } from "./en.js";',
      pluginData,
    }));
  },
};

/** The runtime's errors are one class, so its part for Node takes them from the door beside it. */
const besideRuntime: Plugin = {
  name: "beside-runtime",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: runtimeDoor, external: true }));
  },
};

/**
 * Bundles everything that runs into `out`, one folder a room as in the repository.
 *
 * @returns What went into the bundles: paths from the repository.
 * @throws An import that an installed package could not follow, or a named file that is missing.
 */
export async function writeBundles(root: string, out: string, doors: Doors): Promise<string[]> {
  const named: NamedFiles = new Set();
  const shared = {
    absWorkingDir: root,
    outdir: out,
    outbase: root,
    bundle: true,
    format: "esm",
    metafile: true,
    legalComments: "none",
    tsconfigRaw: "{}",
    logLevel: "silent",
    // What two doors share is loaded once: one class, whichever door it came through.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    plugins: [readyMade(root, out), oneLanguage, smallZod, ownFiles(root, named)],
  } satisfies BuildOptions;
  const web = await build({
    ...shared,
    entryPoints: [...doors.web],
    platform: "neutral",
    target: "es2022",
    chunkNames: "runtime/[name]-[hash]",
  });
  refuseImports(web.metafile, () => false);
  const node = { ...shared, platform: "node", target: "node22" } as const;
  const runtimeOnNode = await build({
    ...node,
    entryPoints: [...doors.runtimeOnNode],
    target: "node20",
    chunkNames: "runtime/node/[name]-[hash]",
    plugins: [...shared.plugins, besideRuntime],
  });
  refuseImports(runtimeOnNode.metafile, (path) => isBuiltin(path) || path === runtimeDoor);
  const withPeers = { ...node, external: [`${peerScope}*`] };
  const components = await build({ ...withPeers, entryPoints: [...doors.components] });
  const policy = await build({ ...withPeers, entryPoints: [policyDoor] });
  for (const { metafile } of [components, policy]) {
    refuseImports(metafile, (path) => isBuiltin(path) || path.startsWith(peerScope));
  }
  const programs = await build({
    ...node,
    // One file a command, loaded when it is called.
    entryPoints: [doors.bin, ...processes, ...doors.programs],
    // A dynamic import of a CommonJS module gives no named exports in a bundle.
    mainFields: ["module", "main"],
  });
  refuseImports(programs.metafile, isBuiltin);
  const metafiles = [web, runtimeOnNode, components, policy, programs].map(
    ({ metafile }) => metafile,
  );
  await finish(out, root, metafiles, named);
  // Plain Pulumi takes the folder itself, by the name that its manifest gives.
  await copyFile(join(root, "policy/PulumiPolicy.yaml"), join(out, "policy/PulumiPolicy.yaml"));
  await writeFile(join(out, policyDoor), 'import "./main.js";\n');
  const inputs = [...metafiles.map((metafile) => metafile.inputs), await pluginInputs(root)];
  return [...new Set(inputs.flatMap((each) => Object.keys(each)))].sort();
}

/** What is not bundled must be there where the package is installed. */
function refuseImports({ outputs }: Metafile, except: (path: string) => boolean): void {
  for (const [file, { imports }] of Object.entries(outputs)) {
    const missing = imports.find(({ path, external }) => external === true && !except(path));
    if (missing !== undefined) {
      throw new Error(
        `${file} imports "${missing.path}", which an installed package does not have`,
      );
    }
  }
}

/** Copies the files that are named and not built, and gives CommonJS its `require`. */
async function finish(
  out: string,
  root: string,
  metafiles: readonly Metafile[],
  named: NamedFiles,
): Promise<void> {
  const built = metafiles.flatMap(({ outputs }) => Object.keys(outputs));
  const published = new Set(built.map((file) => relative(out, join(root, file))));
  for (const file of published) {
    const path = join(out, file);
    const text = await readFile(path, "utf8");
    if (text.includes("import.meta.url") && file.split(sep).length !== 2)
      throw new Error(`${file} names a file of its own and is not one folder deep`);
    if (text.includes(requireStandIn)) await writeFile(path, withRequire(text));
  }
  for (const file of named) {
    if (published.has(file) || file === "package.json") continue;
    if (file.endsWith(".js")) throw new Error(`${file} is started by its path and is not built`);
    await mkdir(dirname(join(out, file)), { recursive: true });
    await copyFile(join(root, file), join(out, file));
  }
}

function withRequire(text: string): string {
  const [first = "", ...rest] = text.split("\n");
  return first.startsWith("#!")
    ? `${first}\n${requireBanner}${rest.join("\n")}`
    : requireBanner + text;
}
