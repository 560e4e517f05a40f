/** @module The helpdesk as one file, which a container runs without node_modules. */
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** The bundled libraries that are CommonJS ask for Node's built-ins by `require`. */
const banner = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`;

/** Zod's messages in all its languages are a third of it; ours are English. */
const oneLanguage: Plugin = {
  name: "one-language",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** The text of the bundle, an ES module: the same sources give the same text, in every folder. */
export async function helpdeskBundle(): Promise<string> {
  const { build } = await import("esbuild");
  const main = fileURLToPath(new URL("../helpdesk/main.ts", import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [main],
    absWorkingDir: fileURLToPath(new URL("../", import.meta.url)),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    // oidc-provider looks up a token's lifetime by its class's name.
    keepNames: true,
    legalComments: "none",
    tsconfigRaw: "{}",
    banner: { js: banner },
    plugins: [oneLanguage],
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild made nothing of the helpdesk");
  return output.text;
}
