/** @module How a stack runs the agent of its tunnel: cloudflared, ngrok, or ssh to a machine of one's own. */
import { randomUUID } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import {
  type SupervisedSettings,
  servicesDir,
  stackDir,
  supervisorCommand,
} from "./project-paths.ts";
import { readPublicUrl } from "./public-url.ts";
import { ServiceError } from "./service-error.ts";
import { readRecord } from "./service-record.ts";
import type { ServiceSpec } from "./service-spec.ts";
import { supervisor } from "./supervisor.ts";

/** The keys of the configuration that count here (components/tunnel-settings.ts). */
export interface TunnelKeys {
  readonly kind: "none" | "external" | "cloudflared" | "ngrok" | "ssh";
  readonly url?: string | undefined;
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  readonly sshPort?: number | undefined;
  readonly remotePort?: number | undefined;
  readonly identityFile?: string | undefined;
  readonly knownHostsFile?: string | undefined;
}

/** What the `Tunnel` component takes as `agent`. */
export interface TunnelAgentSettings extends SupervisedSettings {
  readonly service: Omit<ServiceSpec, "name" | "instance">;
}

/** What the agent is told. */
interface Told {
  readonly stack: string;
  readonly keys: TunnelKeys;
  /** The helpdesk's port on this machine. */
  readonly port: number;
  /** Secret. */
  readonly token: string | undefined;
}

/** How long an agent has to come up, in milliseconds: it has a way through the internet before it. */
const startMs = 60_000;

const agents = { cloudflared, ngrok, ssh };
const install = {
  cloudflared:
    "Install it (macOS: brew install cloudflared; elsewhere: Cloudflare's downloads page)",
  ngrok: "Install it (macOS: brew install ngrok; elsewhere: ngrok's download page)",
  ssh: "Install OpenSSH's client (Debian: apt-get install openssh-client)",
} as const;

/**
 * Settings of the tunnel's agent. Reads the supervisor's record and asks a running agent for its URL:
 * where it has another than when it was started, the stack gets a new run of it, and sees the change.
 *
 * @returns Undefined for a kind that needs no agent.
 * @throws {ServiceError} `NO_PROGRAM`: the agent is not installed.
 */
export async function tunnelAgent(
  stack: string,
  keys: TunnelKeys,
  port: number,
  token?: string,
): Promise<TunnelAgentSettings | undefined> {
  const { kind } = keys;
  if (kind === "none" || kind === "external") return undefined;
  requireProgram(kind);
  return {
    supervisor: supervisorCommand(),
    servicesDir,
    instance: await currentInstance(`${stack}-tunnel`),
    service: { cwd: ".", timeoutMs: startMs, ...agents[kind]({ stack, keys, port, token }) },
  };
}

/** Hosts that a tunnel may come to have when nobody has given it a URL. */
export function possibleHosts({ kind, url }: TunnelKeys): string[] {
  if (url !== undefined) return [];
  if (kind === "cloudflared") return ["*.trycloudflare.com"];
  if (kind !== "ngrok") return [];
  return ["*.ngrok-free.app", "*.ngrok-free.dev", "*.ngrok.app", "*.ngrok.dev", "*.ngrok.io"];
}

async function currentInstance(name: string): Promise<string> {
  const live = supervisor(servicesDir).live(name);
  const api = readRecord(servicesDir, name)?.publicUrl;
  if (live === undefined) return randomUUID();
  const url = api === undefined ? undefined : await readPublicUrl(api);
  return url === undefined || url === live.url ? live.instance : randomUUID();
}

type Agent = Pick<ServiceSpec, "command" | "env" | "ready" | "publicUrl">;

/** Without a `url` it is a quick tunnel, whose name Cloudflare makes up at each start. */
function cloudflared({ keys: { url, name }, port, token }: Told): Agent {
  const metrics = "127.0.0.1:{port}";
  const common = ["cloudflared", "tunnel", "--no-autoupdate", "--metrics", metrics];
  const target = ["--url", `http://127.0.0.1:${port}`];
  const ready = { url: `http://${metrics}/ready` };
  if (url === undefined) {
    const publicUrl = { api: "cloudflared", url: `http://${metrics}/quicktunnel` } as const;
    return { command: [...common, ...target], env: {}, ready, publicUrl };
  }
  // A token says which tunnel it is, and Cloudflare's dashboard where it leads.
  const run = name === undefined ? ["run"] : ["run", ...target, name];
  const env: Record<string, string> = token === undefined ? {} : { TUNNEL_TOKEN: token };
  return { command: [...common, ...run], env, ready, publicUrl: url };
}

/** The places where ngrok keeps a person's configuration, with the token: Linux, then macOS. */
const ngrokConfigs = [
  "$HOME/.config/ngrok/ngrok.yml",
  "$HOME/Library/Application Support/ngrok/ngrok.yml",
];

/**
 * The address of ngrok's API can be given in a file only: a shell writes it and becomes ngrok, which
 * reads a person's own file before it. The shell knows the home folder, so that no state names it.
 */
function ngrok({ stack, keys: { url }, port, token }: Told): Agent {
  const file = join(stackDir(stack), "ngrok.yml");
  const api = "127.0.0.1:{port}";
  const shell = [
    `umask 077; printf 'version: "3"\nagent:\n  web_addr: ${api}\n' >"$0"`,
    `for own in ${ngrokConfigs.map((place) => `"${place}"`).join(" ")}`,
    'do [ -f "$own" ] && set -- "$@" --config "$own"',
    'done; exec "$@" --config "$0"',
  ].join("; ");
  const http = ["ngrok", "http", String(port), "--log", "stdout"];
  return {
    command: ["sh", "-c", shell, file, ...http, ...(url === undefined ? [] : ["--url", url])],
    env: token === undefined ? {} : { NGROK_AUTHTOKEN: token },
    ready: { url: `http://${api}/api/tunnels` },
    publicUrl: { api: "ngrok", url: `http://${api}/api/tunnels` },
  };
}

/** A reverse tunnel: a port of the other machine leads to the helpdesk. It never asks, and trusts no unknown host. */
function ssh({ keys, port }: Told): Agent {
  const { url = "", host = "", sshPort, remotePort, identityFile, knownHostsFile } = keys;
  const options = {
    BatchMode: "yes",
    ExitOnForwardFailure: "yes",
    StrictHostKeyChecking: "yes",
    ConnectTimeout: "15",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "3",
    ...(knownHostsFile === undefined ? {} : { UserKnownHostsFile: knownHostsFile }),
    ...(identityFile === undefined ? {} : { IdentityFile: identityFile, IdentitiesOnly: "yes" }),
    ...(sshPort === undefined ? {} : { Port: String(sshPort) }),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const forward = ["-R", `${remotePort}:127.0.0.1:${port}`];
  return {
    command: ["ssh", "-N", "-T", ...flags, ...forward, "--", host],
    env: {},
    ready: { url: `${url}/health`, through: true },
    publicUrl: url,
  };
}

function requireProgram(program: keyof typeof install): void {
  const found = (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found) return;
  throw new ServiceError(
    "NO_PROGRAM",
    `tunnel.kind is \`${program}\`, and there is no ${program} on PATH`,
    `${install[program]}, or take another tunnel.kind: none, external, cloudflared, ngrok, ssh.`,
  );
}
