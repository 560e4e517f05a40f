/** @module The JavaScript runtimes of this test: fetched from npm into a cache, and how each is started. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A program of npm, with the versions that are asked for. */
export interface Runtime {
  name: string;
  /** What `npm install` gets; none for the Node that runs this. */
  spec?: string;
  /** Where the program is in node_modules. */
  program: string;
  args?: string[];
  /** The variable that names a certificate authority. */
  caVariable?: string;
  /** Its TLS library (BoringSSL) refuses the IP name constraints in the tenant's certificate. */
  relayed?: boolean;
}

const system = `${process.platform}-${process.arch}`;
const NODE = `node-${system}`;
const node = (version: string): Runtime => ({
  name: `Node ${version}`,
  spec: `${NODE}@${version}`,
  program: `${NODE}/bin/node`,
  caVariable: "NODE_EXTRA_CA_CERTS",
});

/** All of them; workerd is started by {@link file://./workerd.ts}. */
export const runtimes: Runtime[] = [
  node("20"),
  node("22"),
  { name: "Node 24 (this one)", program: process.execPath, caVariable: "NODE_EXTRA_CA_CERTS" },
  node("26"),
  {
    name: "Bun",
    spec: "bun",
    program: `@oven/bun-${system}/bin/bun`,
    args: ["run"],
    relayed: true,
  },
  {
    name: "Deno",
    spec: "deno",
    program: `@deno/${system}${process.platform === "linux" ? "-glibc" : ""}/deno`,
    args: ["run", "--allow-all", "--no-config"],
    caVariable: "DENO_CERT",
  },
];

export const workerd: Runtime = {
  name: "workerd",
  relayed: true,
  spec: "workerd",
  program: `@cloudflare/workerd-${process.platform}-${process.arch === "x64" ? "64" : process.arch}/bin/workerd`,
};

/**
 * Gives the program's path; fetches the package first where the cache has none.
 *
 * @throws {Error} npm has no such package for this machine, or can't be reached.
 */
export async function programOf({ name, spec, program }: Runtime): Promise<string> {
  if (spec === undefined) return program;
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "token-vault-kit", "runtimes", spec.replaceAll(/[^\w.-]/g, "-"));
  const file = join(folder, "node_modules", program);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    const args = ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", [...args, "--no-save", spec]).catch((cause) => {
      throw new Error(`RUNTIME MISSING: ${name} was not fetched: ${cause.stderr || cause}`);
    });
  }
  if (!existsSync(file)) throw new Error(`RUNTIME MISSING: ${name} has no program for ${system}`);
  return file;
}
