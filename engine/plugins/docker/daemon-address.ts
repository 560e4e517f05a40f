/** @module Where the Docker daemon is: found as the docker command finds it. Sends nothing. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PluginError } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";

/** Variables of a process. */
export type Environment = { readonly [name: string]: string | undefined };

/** What `node:http` and dockerode take to reach it. */
export type DaemonOptions =
  | { readonly socketPath: string }
  | {
      readonly protocol: "http" | "https";
      readonly host: string;
      readonly port: string;
      readonly ca?: Buffer;
      readonly cert?: Buffer;
      readonly key?: Buffer;
    };

/** The daemon's address. */
export interface DaemonAddress {
  /** As DOCKER_HOST writes it. */
  readonly host: string;
  readonly options: DaemonOptions;
}

const defaultHost = "unix:///var/run/docker.sock";

/**
 * Finds the daemon as the docker CLI does: the stack's `docker:host`, DOCKER_HOST, the current
 * context, else the usual socket. Sends nothing.
 *
 * @throws {PluginError} The address can't be used.
 */
export function daemonAddress(config: PlainMap, env: Environment): DaemonAddress {
  const configured = config["host"];
  const host =
    (typeof configured === "string" && configured !== "" ? configured : env["DOCKER_HOST"]) ||
    contextHost(env) ||
    defaultHost;
  return { host, options: optionsOf(host, env) };
}

function optionsOf(host: string, env: Environment): DaemonOptions {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  const url = URL.parse(host);
  if (url === null || !["tcp:", "http:", "https:"].includes(url.protocol)) {
    throw new PluginError(
      `docker: "${host}" is no address of a daemon that the kit's docker plugin can reach`,
      "Set docker:host or DOCKER_HOST to unix:///PATH or tcp://HOST:PORT (by SSH: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST)",
    );
  }
  const tls = url.protocol === "https:" || Boolean(env["DOCKER_TLS_VERIFY"]);
  return {
    protocol: tls ? "https" : "http",
    host: url.hostname,
    port: url.port || (tls ? "2376" : "2375"),
    ...(tls && env["DOCKER_CERT_PATH"] ? certificates(env["DOCKER_CERT_PATH"]) : {}),
  };
}

function certificates(dir: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string) => readFileSync(join(dir, name));
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

/** The daemon of the CLI's current context: Docker Desktop and Colima set one. */
function contextHost(env: Environment): string | undefined {
  const dir = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
  const name = env["DOCKER_CONTEXT"] || read(join(dir, "config.json"))?.["currentContext"];
  if (typeof name !== "string" || name === "" || name === "default") return undefined;
  const folder = createHash("sha256").update(name).digest("hex");
  const meta = read(join(dir, "contexts", "meta", folder, "meta.json"));
  const endpoints = meta?.["Endpoints"] as { docker?: { Host?: unknown } } | undefined;
  const host = endpoints?.docker?.Host;
  return typeof host === "string" ? host : undefined;
}

function read(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
