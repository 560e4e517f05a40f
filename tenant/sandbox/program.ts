/** @module The two texts that a sandbox process is fed: its own program, and the realm it gives a script. */
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** JavaScript, ready to run. */
export interface SandboxProgram {
  /** Runs in the process itself; given on its standard input, so that it needs no file access. */
  readonly child: string;
  /** Declares `guest`; runs inside the vm context. */
  readonly guest: string;
}

let built: SandboxProgram | undefined;

/** Bundles child.ts and guest/ once per tenant process (some 20 ms), when the first script runs. */
export function sandboxProgram(): SandboxProgram {
  built ??= {
    child: bundle(new URL("./child.ts", import.meta.url), { format: "cjs", platform: "node" }),
    guest: bundle(new URL("./guest/install.ts", import.meta.url), {
      format: "iife",
      platform: "neutral",
      globalName: "guest",
    }),
  };
  return built;
}

function bundle(
  file: URL,
  options: { format: "cjs" | "iife"; platform: "node" | "neutral"; globalName?: string },
): string {
  const result = buildSync({
    ...options,
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    write: false,
    target: "node22",
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}
