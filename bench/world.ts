/** @module What the measured programs talk to: the local tenant, the helpdesk and an empty server, in a process of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PortableWorld } from "../test/runtime/everywhere/portable.ts";

export interface BenchWorld extends PortableWorld {
  /** The tenant's certificate authority, PEM. */
  ca: string;
  /** `TVK_CONFIG_DIR` of a profile in which Alice is signed in and connected. */
  configDir: string;
  /** A plain HTTP server that answers every request with the same few bytes. */
  emptyUrl: string;
  close(): Promise<void>;
}

/** Starts it; a process of its own, so that its CPU is not counted as the caller's. */
export async function startWorld(): Promise<BenchWorld> {
  const program = fileURLToPath(new URL("world-process.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: "pipe" });
  const ended = once(child, "close");
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.endsWith("\n")) break;
  }
  if (!printed.endsWith("\n")) throw new Error(`the servers did not start: ${said}`);
  const world = JSON.parse(printed);
  return {
    ...world,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
