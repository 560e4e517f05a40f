/** @module Which Docker daemon the plugin talks to, and what its refusals become. */

import Docker from "dockerode";
import { PluginError } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";
import { daemonAddress, type Environment } from "./daemon-address.ts";

/** The daemon of one deployment. */
export interface Daemon {
  readonly docker: Docker;
  /** Where it is, as DOCKER_HOST writes it. */
  readonly host: string;
}

/** The daemon at the address that the stack or the environment gives. @throws {PluginError} It can't be used. */
export function findDaemon(config: PlainMap, env: Environment): Daemon {
  const { host, options } = daemonAddress(config, env);
  return { host, docker: new Docker(options) };
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
