/** @module What an engine is: a Pulumi CLI with a Node language host. */
import { join } from "node:path";
import type { Report } from "./heartbeat.ts";

/** An engine that runs. */
export interface Engine {
  /** The CLI. */
  readonly pulumi: string;
  /** Folder to put first on the PATH. */
  readonly bin: string;
  /** Where it came from: the user's own, kept from before, downloaded or built just now. */
  readonly origin: "path" | "cache" | "release" | "go";
  /** Of the CLI, without a leading `v`. */
  readonly version: string;
}

/** What every way to a new engine is given. */
export interface Making {
  readonly env: NodeJS.ProcessEnv;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
  /** Our folder in the user's cache. */
  readonly cacheDir: string;
}

/** Name of the CLI's executable. */
export const cliName = "pulumi";
/** Name of the language host's executable, which the CLI looks for. */
export const hostName = "pulumi-language-nodejs";

/** Executables of an engine in a folder of its own. */
export function engineLayout(dir: string): {
  bin: string;
  pulumi: string;
  host: string;
  realHost: string;
} {
  const bin = join(dir, "bin");
  return {
    bin,
    pulumi: join(bin, cliName),
    host: join(bin, hostName),
    // Where `host` is a shim: not in a folder of the PATH, so that the CLI sees one host and not two.
    realHost: join(dir, "libexec", hostName),
  };
}
