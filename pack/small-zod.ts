/** @module An esbuild plugin: what imports `zod/mini`, or the core beneath, gets a copy of the library with only what it uses. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** Tells the copy's modules from those of the whole library. */
const COPY = "?mini";

/**
 * Keeps the modules below `zod/mini` apart from those below `zod`. The build shakes a module once for
 * all its programs: as one library, a command that checks a profile would load all that any other uses.
 */
export const smallZod: Plugin = {
  name: "small-zod",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^zod\/(mini|v4\/core)$/ }, async ({ path, pluginData, ...from }) => {
      // Our own question, which is answered as any other.
      if (pluginData === COPY) return undefined;
      const found = await resolve(path, { ...from, pluginData: COPY });
      return { ...found, suffix: COPY, pluginData: COPY, sideEffects: false };
    });
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, pluginData }) =>
      pluginData === COPY
        ? { path: join(resolveDir, path), suffix: COPY, pluginData: COPY, sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /[/\\]zod[/\\].*\.js$/ }, async ({ path, suffix }) =>
      suffix === COPY
        ? { contents: await readFile(path, "utf8"), resolveDir: dirname(path), pluginData: COPY }
        : undefined,
    );
  },
};
