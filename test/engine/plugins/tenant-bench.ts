/** @module The real tenant, a recording proxy before it, and the auth0 plugin served against both. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { auth0Plugin } from "../../../engine/plugins/auth0/plugin.ts";
import {
  type StartedTenant,
  type StartTenantOptions,
  startTenant,
} from "../../../tenant/start-tenant.ts";
import type { Json } from "./json.ts";
import { openPlugin, type PluginClient } from "./plugin-client.ts";
import { type RecordingProxy, recordingProxy } from "./recording-proxy.ts";

export interface TenantBench {
  tenant: StartedTenant;
  proxy: RecordingProxy;
  plugin: PluginClient;
  /** What the plugin and an engine need to reach the tenant through the proxy. */
  env: Record<string, string>;
  /** PEM file with the tenant's CA. */
  caFile: string;
  /** Calls the Management API past the plugin and the proxy. */
  api(method: string, path: string, body?: unknown): Promise<Json>;
  /** A new Management API token. */
  token(): Promise<Json>;
  /** A plugin of its own, as the next run has one. */
  another(env?: Record<string, string>): Promise<PluginClient>;
  close(): Promise<void>;
}

export async function tenantBench(
  options: Pick<StartTenantOptions, "managementLimit"> = {},
): Promise<TenantBench> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-plugins-"));
  const tenant = await startTenant({ dir, port: 0, ...options });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), tenant.caPem]);
  const proxy = await recordingProxy(dir, tenant.domain);
  const { clientId, clientSecret } = tenant.managementClient;
  const env = {
    AUTH0_DOMAIN: proxy.domain,
    AUTH0_CLIENT_ID: clientId,
    AUTH0_CLIENT_SECRET: clientSecret,
    AUTH0_AUDIENCE: `https://${tenant.domain}/api/v2/`,
  };
  const open: PluginClient[] = [];
  const another = async (own: Record<string, string> = {}) => {
    const plugin = await openPlugin(
      auth0Plugin({ env: { ...env, ...own }, parentAlive: () => true }),
    );
    open.push(plugin);
    await plugin.configure();
    return plugin;
  };
  const askToken = () =>
    fetchJson("POST", `${tenant.url}/oauth/token`, undefined, {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      audience: env.AUTH0_AUDIENCE,
    });
  const token = await askToken();
  return {
    tenant,
    proxy,
    plugin: await another(),
    env,
    caFile: join(dir, "ca.pem"),
    api: (method, path, body) =>
      fetchJson(method, `${tenant.url}/api/v2${path}`, String(token["access_token"]), body),
    token: askToken,
    another,
    async close() {
      for (const plugin of open) plugin.close();
      await proxy.close();
      await tenant.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function fetchJson(
  method: string,
  url: string,
  token?: string,
  body?: unknown,
): Promise<Json> {
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text || "{}");
}
