/** @module The environment in which `pulumi` runs a stack of ours. */
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the parts of a stack's run are. */
export interface EngineEnvironmentOptions {
  /** PULUMI_HOME: plugins and credentials of this stack alone. */
  readonly home: string;
  /** Folder of the file backend. */
  readonly backendDir: string;
  /** File with the passphrase that the stack's secrets are encrypted with. */
  readonly passphraseFile: string;
  /** Folder of the CLI and the language host. */
  readonly bin: string;
  /** Folder of the Node that runs the program. */
  readonly nodeBin: string;
  /** Certificate authority, PEM, that Node processes trust besides the usual ones. */
  readonly caFile?: string;
  /** What the result is laid upon: its PATH and NODE_OPTIONS are kept, behind ours. Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * A variable that would win over one of {@link engineEnvironment}: whoever lays that upon an
 * environment takes this out of it.
 */
export const overriding = ["PULUMI_CONFIG_PASSPHRASE"] as const;

/**
 * What a child `pulumi` needs: only the variables that are set, to be laid upon the caller's own.
 *
 * Holds no secret: the passphrase is named by its file. Starts nothing and writes nothing.
 */
export function engineEnvironment(options: EngineEnvironmentOptions): Record<string, string> {
  const { home, backendDir, passphraseFile, bin, nodeBin, caFile, env = process.env } = options;
  return {
    PATH: [nodeBin, bin, ...filled(env["PATH"])].join(delimiter),
    PULUMI_HOME: home,
    // A URL, in which these three mean something; everything else Pulumi takes as it is.
    PULUMI_BACKEND_URL: `file://${backendDir.replace(/[%?#]/g, encodeURIComponent)}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Compiled JavaScript of the program, the SDKs and our plugins: half a second on each later run.
    NODE_COMPILE_CACHE: join(home, "node-compile-cache"),
    NODE_OPTIONS: [`--require=${quoted(preload())}`, ...filled(env["NODE_OPTIONS"])].join(" "),
    ...(caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
    ...straightToLoopback(env),
  };
}

/**
 * The engine, the program and the plugins talk gRPC over loopback, and Node's gRPC takes these variables,
 * in small letters, for loopback too.
 */
function straightToLoopback(env: NodeJS.ProcessEnv): Record<string, string> {
  const proxies = ["grpc_proxy", "https_proxy", "http_proxy", "all_proxy"];
  if (proxies.every((name) => filled(env[name]).length === 0)) return {};
  const exceptions = [...filled(env["no_proxy"] ?? env["NO_PROXY"]), ...loopback];
  return { no_proxy: [...new Set(exceptions.join(",").split(","))].join(",") };
}

const loopback = ["localhost", "127.0.0.1", "::1"];

function preload(): string {
  return fileURLToPath(new URL("./preload.cjs", import.meta.url));
}

/** A word of NODE_OPTIONS, which is split at spaces outside double quotes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}

function filled(value: string | undefined): string[] {
  return value === undefined || value === "" ? [] : [value];
}
