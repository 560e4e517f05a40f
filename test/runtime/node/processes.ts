/** @module Starts processes that share a store, and a real Redis server for them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../free-ports.ts";
import type { StoreProcess } from "./store-process.ts";

const script = fileURLToPath(new URL("store-process.ts", import.meta.url));

export interface Started {
  child: ChildProcess;
  /** What it printed, when it has ended. */
  token: Promise<string>;
}

/** Starts a process that asks for one token. */
export function startProcess(task: StoreProcess): Started {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const failed: Buffer[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => failed.push(chunk));
  child.stdin.end(JSON.stringify(task));
  const token = once(child, "close").then(([code]) => {
    if (code === 0) return Buffer.concat(out).toString();
    throw new Error(`the process ended with ${code}: ${Buffer.concat(failed)}`);
  });
  token.catch(() => {});
  return { child, token };
}

/** An empty folder that goes with `remove`. */
export function temporaryFolder(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "tvk-store-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Starts `redis-server` (or `valkey-server`) on a free port, without a file of its own. */
export async function redisServer(): Promise<{ port: number; close: () => Promise<void> }> {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  for (const program of ["redis-server", "valkey-server"]) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], cwd: tmpdir() });
    const ready = await new Promise<boolean>((resolve) => {
      child.on("error", () => resolve(false));
      child.on("close", () => resolve(false));
      child.stdout.on("data", (chunk) => `${chunk}`.includes("Ready to accept") && resolve(true));
    });
    if (!ready) continue;
    return {
      port,
      close: async () => {
        child.kill();
        await once(child, "close");
      },
    };
  }
  throw new Error("REDIS MISSING: install redis-server (Debian: apt-get install redis-server)");
}
