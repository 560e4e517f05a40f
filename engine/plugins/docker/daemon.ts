/** @module Which Docker daemon the plugin talks to, and what its refusals become. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { PluginError } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";

type Environment = { readonly [name: string]: string | undefined };

/** The daemon of one deployment. */
export interface Daemon {
  readonly docker: Docker;
  /** Where it is, as DOCKER_HOST writes it. */
  readonly host: string;
}

const defaultHost = "unix:///var/run/docker.sock";

/**
 * Finds the daemon as the docker CLI does: the stack's `docker:host`, DOCKER_HOST, the current
 * context, else the usual socket. Sends nothing.
 *
 * @throws {PluginError} The address can't be used.
 */
export function findDaemon(config: PlainMap, env: Environment): Daemon {
  const configured = config["host"];
  const host =
    (typeof configured === "string" && configured !== "" ? configured : env["DOCKER_HOST"]) ||
    contextHost(env) ||
    defaultHost;
  return { host, docker: new Docker(optionsOf(host, env)) };
}

function optionsOf(host: string, env: Environment): Docker.DockerOptions {
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

/** The status of a refusal; undefined where the daemon did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

/** Undefined where the daemon says that there is no such object. */
export async function unlessGone<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** An error for a person: what the daemon said, or that there is none. */
export function explained(error: unknown, { host }: Daemon): unknown {
  if (error instanceof PluginError || !(error instanceof Error)) return error;
  const { code, message, json, reason } = error as NodeJS.ErrnoException & {
    json?: { message?: string } | null;
    reason?: string;
  };
  if (statusOf(error) !== undefined) {
    return new PluginError(`docker: ${json?.message ?? reason ?? message}`, undefined, {
      cause: error,
    });
  }
  if (code === "EACCES") {
    return new PluginError(
      `docker: ${host} may not be used by this user`,
      "Add the user to the group docker, or set DOCKER_HOST to a daemon of their own",
      { cause: error },
    );
  }
  return new PluginError(
    `docker: no daemon answers at ${host} (${code ?? message})`,
    "Start Docker, or set DOCKER_HOST to where it listens; helpdesk.mode `process` needs none",
    { cause: error },
  );
}
