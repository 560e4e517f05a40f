/** @module What the runtime's door weighs, and what it loads later: minified by esbuild, gzipped. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

const door = fileURLToPath(new URL("../../runtime/index.ts", import.meta.url));
const shared = {
  entryPoints: [door],
  bundle: true,
  minify: true,
  write: false as const,
  format: "esm" as const,
  target: "es2022",
  // Neutral knows no Node built-in: an import of one fails the build.
  platform: "neutral" as const,
  logLevel: "silent" as const,
} satisfies BuildOptions;

export interface Part {
  /** Each file's own gzip, added up. */
  bytes: number;
  text: string;
  /** For each file of it, the sources in it. */
  modules: string[];
}

/** All in one module, as a bundler that splits nothing makes it. */
export async function plainBundle(): Promise<string> {
  const { outputFiles } = await build(shared);
  return outputFiles[0]?.text ?? "";
}

/** The door with all that it imports at once, and what its `import()` expressions load. */
export async function weighDoor(): Promise<{ door: Part; later: Part }> {
  const { outputFiles, metafile } = await build({
    ...shared,
    splitting: true,
    outdir: "out",
    metafile: true,
  });
  const entry = Object.keys(metafile.outputs).find((name) => basename(name) === "index.js") ?? "";
  const first = new Set([entry]);
  for (const name of first) {
    for (const { path, kind } of metafile.outputs[name]?.imports ?? []) {
      if (kind === "import-statement") first.add(path);
    }
  }
  const part = (names: string[]): Part => {
    const texts = names.map(
      (name) => outputFiles.find(({ path }) => basename(path) === basename(name))?.text ?? "",
    );
    return {
      bytes: texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0),
      text: texts.join("\n"),
      modules: names.map((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}).join(" ")),
    };
  };
  const others = Object.keys(metafile.outputs).filter((name) => !first.has(name));
  return { door: part([...first]), later: part(others) };
}
