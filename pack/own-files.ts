/** @module An esbuild plugin: where our sources name a file of their own, the package's file is named. */
import { readFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import type { Loader, Plugin } from "esbuild";

/** Every file that the sources name by `new URL("…", import.meta.url)`, as a path in the package. */
export type NamedFiles = Set<string>;

/** How our sources name a file of their own; the build knows no other way. */
const ownFile = /new URL\("([^"]+)", import\.meta\.url\)/g;
/** A package that is looked up where the package is installed needs no change. */
const packageLookUp = /createRequire\(import\.meta\.url\)/g;

/**
 * Rewrites each `new URL("../room/main.ts", import.meta.url)` to where that file is in the package.
 *
 * A bundle stands in another place than the sources that went into it. All of ours stand one
 * folder deep, so `../` is the package's folder from every one of them.
 *
 * @param root The repository.
 * @param named Gets every file that is named, so that the build can see that each is there.
 */
export function ownFiles(root: string, named: NamedFiles): Plugin {
  return {
    name: "own-files",
    setup(build) {
      build.onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path }) => {
        const inside = relative(root, path).split(sep);
        if (inside[0] === ".." || inside.includes("node_modules")) return undefined;
        const text = await readFile(path, "utf8");
        if (!text.includes("import.meta")) return undefined;
        const contents = text.replace(ownFile, (_, target: string) => {
          const file = publishedName(relative(root, resolve(dirname(path), target)));
          named.add(file);
          return `new URL("../${file}", import.meta.url)`;
        });
        const rest = text.replace(ownFile, "").replace(packageLookUp, "");
        if (!rest.includes("import.meta")) return { contents, loader: loaderOf(path) };
        const line = rest.slice(0, rest.indexOf("import.meta")).split("\n").length;
        return {
          errors: [
            {
              text: 'import.meta is for `new URL("…", import.meta.url)` with the path written out: the package has the file elsewhere',
              location: { file: path, line },
            },
          ],
        };
      });
    },
  };
}

/** A source's name in the package: what is code is published as a `.js`. */
export function publishedName(source: string): string {
  return source
    .split(sep)
    .join("/")
    .replace(/\.(ts|mjs)$/, ".js");
}

function loaderOf(path: string): Loader {
  return path.endsWith(".ts") ? "ts" : "js";
}
