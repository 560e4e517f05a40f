/** @module What the repository bundles when it is first needed, and the package carries ready-made. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

/** The provider plugins, by the folder of their sources. */
const pluginNames = ["auth0", "command", "docker"] as const;

/** Sources that bundle at run time, and what takes their place. */
const replaced = {
  "engine/plugins/bundle.ts": pluginModule,
  "tenant/sandbox/program.ts": sandboxModule,
  "services/helpdesk-bundle.ts": helpdeskModule,
} as const;

/**
 * Puts ready-made texts in the place of the modules that call esbuild, which an installed
 * package does not have. The rooms' own bundlers make the texts: the package carries what the
 * repository runs.
 *
 * @param root The repository.
 * @param out The package's folder; it gets `engine/plugin-NAME.mjs` and `helpdesk/container.mjs`.
 */
export function readyMade(root: string, out: string): Plugin {
  return {
    name: "ready-made",
    setup({ onLoad }) {
      for (const [source, make] of Object.entries(replaced)) {
        const file = join(root, source);
        const filter = new RegExp(`${source.replace(/[/.]/g, "[/\\\\.]")}$`);
        onLoad({ filter }, async ({ path }) =>
          path === file ? { contents: await make(root, out), loader: "js" } : undefined,
        );
      }
    },
  };
}

/** Which libraries go into the provider plugins; bundles them once more for that, and writes nothing. */
export async function pluginInputs(root: string): Promise<Metafile["inputs"]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: pluginNames.map((name) => `engine/plugins/${name}/main.ts`),
    outdir: ".",
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    // Left out of the plugins too (engine/plugins/bundle.ts).
    external: ["@grpc/proto-loader", "protobufjs", "ssh2"],
    logLevel: "silent",
  });
  return metafile.inputs;
}

interface PluginBundler {
  readonly bundlePlugin: (
    name: string,
    cacheDir: string,
  ) => Promise<{ file: string; hash: string }>;
}

async function pluginModule(root: string, out: string): Promise<string> {
  const { bundlePlugin } = await load<PluginBundler>(root, "engine/plugins/bundle.ts");
  const cache = await mkdtemp(join(tmpdir(), "tvk-plugins-"));
  try {
    const entries: string[] = [];
    for (const name of pluginNames) {
      const { file, hash } = await bundlePlugin(name, cache);
      const published = join(out, "engine", `plugin-${name}.mjs`);
      await mkdir(dirname(published), { recursive: true });
      await copyFile(file, published);
      const url = `new URL("../engine/plugin-${name}.mjs", import.meta.url)`;
      entries.push(`${name}: { url: ${url}, hash: "${hash}" }`);
    }
    return `import { fileURLToPath } from "node:url";
const plugins = { ${entries.join(", ")} };
export async function bundlePlugin(name) {
  const { url, hash } = plugins[name];
  return { file: fileURLToPath(url), hash };
}`;
  } finally {
    await rm(cache, { recursive: true });
  }
}

interface SandboxBundler {
  readonly sandboxProgram: () => { child: string; guest: string };
}

async function sandboxModule(root: string): Promise<string> {
  const { sandboxProgram } = await load<SandboxBundler>(root, "tenant/sandbox/program.ts");
  return `const program = ${JSON.stringify(sandboxProgram())};
export const sandboxProgram = () => program;`;
}

interface HelpdeskBundler {
  readonly helpdeskBundle: () => Promise<string>;
}

async function helpdeskModule(root: string, out: string): Promise<string> {
  const { helpdeskBundle } = await load<HelpdeskBundler>(root, "services/helpdesk-bundle.ts");
  const published = join(out, "helpdesk", "container.mjs");
  await mkdir(dirname(published), { recursive: true });
  await writeFile(published, await helpdeskBundle());
  return `import { readFile } from "node:fs/promises";
export const helpdeskBundle = () =>
  readFile(new URL("../helpdesk/container.mjs", import.meta.url), "utf8");`;
}

/** By path and not by an import: the build runs what it publishes, and depends on no room. */
async function load<T>(root: string, source: string): Promise<T> {
  return (await import(pathToFileURL(join(root, source)).href)) as T;
}
