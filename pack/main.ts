/** @module Builds the package and packs it: `node pack/main.ts [FOLDER]`; prints the tarball's path. */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { buildPackage } from "./build-package.ts";

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const staging = join(folder, "package");

await buildPackage(root, staging);
const packed = execFileSync("npm", ["pack", staging, "--pack-destination", folder, "--json"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
const [tarball] = JSON.parse(packed) as { filename: string }[];
console.log(join(folder, tarball?.filename ?? ""));
