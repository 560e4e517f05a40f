/** @module Runs the bundled portable test in one runtime, as a process or in workerd. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { freePort } from "../../free-ports.ts";
import type { PortableWorld } from "./portable.ts";
import type { Runtime } from "./runtimes.ts";

export interface Outcome {
  passed: string[];
  failed: string[];
}

/** Bundles an entry of this folder into one file that needs nothing. */
export async function bundled(entry: "process" | "worker", dir: string): Promise<string> {
  const outfile = join(dir, `${entry}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`${entry}.ts`, import.meta.url))],
    bundle: true,
    outfile,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    external: ["node:*"],
    logLevel: "silent",
  });
  return outfile;
}

/** Runs it as a process that reads the world and prints the outcome. */
export async function runAsProcess(
  { args = [], caVariable = "" }: Runtime,
  program: string,
  file: string,
  caFile: string,
  world: PortableWorld,
): Promise<Outcome> {
  const env = { ...process.env, ...(caVariable ? { [caVariable]: caFile } : {}) };
  const child = spawn(program, [...args, file], { env, stdio: "pipe" });
  const limit = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const [out, err] = [collected(child.stdout), collected(child.stderr)];
  child.stdin.end(JSON.stringify(world));
  const [code] = await once(child, "close");
  clearTimeout(limit);
  if (code !== 0) throw new Error(`ended with ${code}: ${(await err).slice(0, 600)}`);
  return JSON.parse(await out);
}

/** Runs it in workerd, which may call this machine. */
export async function runInWorkerd(
  program: string,
  file: string,
  dir: string,
  world: PortableWorld,
): Promise<Outcome> {
  const port = await freePort();
  await writeFile(join(dir, "config.capnp"), configText(file, port));
  const child = spawn(program, ["serve", join(dir, "config.capnp")], { stdio: "pipe" });
  const err = collected(child.stderr);
  const ended = once(child, "close");
  try {
    for (let tries = 0; ; tries++) {
      const body = JSON.stringify(world);
      const url = `http://127.0.0.1:${port}/`;
      const response = await fetch(url, { method: "POST", body }).catch(() => undefined);
      if (response?.ok) {
        const outcome = (await response.json()) as Outcome;
        await fetch(`${url}leave`, { method: "POST", body });
        const come = await fetch(`${url}come`, { method: "POST", body });
        const later = (await come.json()) as Outcome;
        const both = (of: keyof Outcome) => [...outcome[of], ...later[of]];
        return { passed: both("passed"), failed: both("failed") };
      }
      if (response || child.exitCode !== null || tries > 300) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
  throw new Error(`did not answer: ${(await err).slice(0, 600)}`);
}

/** @see [workerd's configuration](https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp) */
function configText(file: string, port: number) {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed ${JSON.stringify(basename(file))})],
      compatibilityDate = "2025-09-01",
      globalOutbound = "all",
    )),
    (name = "all", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

async function collected(stream: AsyncIterable<Buffer>) {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
