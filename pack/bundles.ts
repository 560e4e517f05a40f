/** @module The JavaScript of the package: each door and each process as bundled ES modules. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { type NamedFiles, ownFiles } from "./own-files.ts";
import { pluginInputs, readyMade } from "./ready-made.ts";

/** Sources of the package's doors, as paths in the repository. */
export interface Doors {
  /** What `import … from "token-vault-kit"` and its sub-paths load. */
  readonly modules: readonly string[];
  /** What the command starts. */
  readonly bin: string;
}

/** What a process of ours starts with `node FILE`. */
const processes = ["tenant/main.ts", "helpdesk/main.ts", "services/main.ts"];
const runtimeDoor = "runtime/index.ts";
const componentsDoor = "components/index.ts";

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
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
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
    plugins: [readyMade(root, out), oneLanguage, ownFiles(root, named)],
  } satisfies BuildOptions;
  const programs = doors.modules.filter((door) => ![runtimeDoor, componentsDoor].includes(door));
  const built = [
    await build({
      ...shared,
      entryPoints: [runtimeDoor],
      platform: "neutral",
      target: "es2022",
    }),
    await build({
      ...shared,
      entryPoints: [componentsDoor],
      platform: "node",
      target: "node22",
      external: ["@pulumi/*"],
    }),
    await build({
      ...shared,
      entryPoints: [doors.bin, ...processes, ...programs],
      platform: "node",
      target: "node22",
      // One file a command, loaded when it is called; what several share is a file of its own.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      // A dynamic import of a CommonJS module gives no named exports in a bundle.
      mainFields: ["module", "main"],
    }),
  ];
  const metafiles = built.map(({ metafile }) => metafile);
  refuseForeignImports(metafiles);
  await finish(out, root, metafiles, named);
  const inputs = [...metafiles.map((metafile) => metafile.inputs), await pluginInputs(root)];
  return [...new Set(inputs.flatMap((each) => Object.keys(each)))].sort();
}

/** Whatever is not bundled must be Node's own, or a peer of the components. */
function refuseForeignImports(metafiles: readonly Metafile[]): void {
  for (const { outputs } of metafiles) {
    for (const [file, { imports, entryPoint }] of Object.entries(outputs)) {
      for (const { path, external } of imports) {
        const peer = entryPoint === componentsDoor && path.startsWith("@pulumi/");
        const own = entryPoint !== runtimeDoor && isBuiltin(path);
        if (external === true && !peer && !own) {
          throw new Error(`${file} imports "${path}", which an installed package does not have`);
        }
      }
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
    if (file.split(sep).length !== 2) throw new Error(`${file} is not one folder deep`);
    const path = join(out, file);
    const text = await readFile(path, "utf8");
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
