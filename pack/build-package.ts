/** @module Builds the npm package into a folder, ready for `npm pack`. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeBundles } from "./bundles.ts";
import { writeDeclarations } from "./declarations.ts";
import { doorsOf, publishedManifest, readManifest } from "./manifest.ts";
import { bundledLibraries, noticesText } from "./notices.ts";

/** Published as they are: what README.md and the command's hints point to is among them. */
const texts = ["LICENSE", "README.md", "docs", "skills"];

/**
 * Makes `out` anew: bundles, declarations, package.json, licence texts.
 *
 * The same sources and libraries give the same bytes in every folder. Nothing is left of an earlier
 * build.
 *
 * @param root The repository, installed with `npm ci`.
 * @param out The package's folder.
 */
export async function buildPackage(root: string, out: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const manifest = readManifest(await readFile(join(root, "package.json"), "utf8"));
  const doors = doorsOf(manifest);
  const inputs = await writeBundles(root, out, doors);
  await writeDeclarations(root, out, doors);
  await writeFile(
    join(out, "package.json"),
    `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`,
  );
  await writeFile(join(out, "THIRD-PARTY-NOTICES.md"), noticesText(bundledLibraries(root, inputs)));
  for (const name of texts) await cp(join(root, name), join(out, name), { recursive: true });
}
