/** @module Which tenant the plugin talks to and with what credentials: from the stack's config or the environment. */

import { PluginError } from "../protocol/plugin.ts";
import type { PlainMap } from "../protocol/value.ts";

export interface Credentials {
  /** Host of the tenant, with its port where it has one. Always spoken to over https. */
  readonly domain: string;
  /** A Management API token; then no token is asked for. */
  readonly apiToken: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** Identifier of the Management API. */
  readonly audience: string;
}

type Environment = { readonly [name: string]: string | undefined };

/**
 * Reads the credentials. Nothing of the environment is ever written to the state.
 *
 * @throws {PluginError} The domain or the credentials are missing.
 */
export function readCredentials(config: PlainMap, env: Environment): Credentials {
  const read = (key: string, name: string) => {
    const value = config[key];
    return (typeof value === "string" && value !== "" ? value : env[name]) || undefined;
  };
  const domain = read("domain", "AUTH0_DOMAIN")
    ?.replace(/^https?:\/\//, "")
    .replace(/\/+$/, "");
  if (domain === undefined) {
    throw new PluginError(
      "auth0: no tenant is configured",
      "Set auth0:domain in the stack's config, or AUTH0_DOMAIN in the environment",
    );
  }
  const credentials = {
    domain,
    apiToken: read("apiToken", "AUTH0_API_TOKEN"),
    clientId: read("clientId", "AUTH0_CLIENT_ID"),
    clientSecret: read("clientSecret", "AUTH0_CLIENT_SECRET"),
    audience: read("audience", "AUTH0_AUDIENCE") ?? `https://${domain}/api/v2/`,
  };
  const { apiToken, clientId, clientSecret } = credentials;
  if (apiToken === undefined && (clientId === undefined || clientSecret === undefined)) {
    throw new PluginError(
      `auth0: no credentials for the tenant ${domain}`,
      "Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET (or AUTH0_API_TOKEN) in the environment, or auth0:clientId and auth0:clientSecret in the stack's config",
    );
  }
  return credentials;
}

/** Whether the tenant is on this machine. */
export function isLoopback(domain: string): boolean {
  const host = domain.replace(/:\d+$/, "");
  return host === "localhost" || host.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(host);
}
