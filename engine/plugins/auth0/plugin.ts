/** @module The `auth0` plugin: resources and functions of Auth0's Management API, in the official provider's terms. */

import { pluginVersions } from "../../versions.ts";
import type { Plugin } from "../protocol/plugin.ts";
import { seal } from "../protocol/secrets.ts";
import { revealMap } from "../protocol/value.ts";
import { connectionClient } from "./connection-client.ts";
import { connectionClients } from "./connection-clients.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { functions } from "./functions.ts";
import { withoutNulls } from "./inputs.ts";
import { type KnownObjects, knownObjects } from "./known-objects.ts";
import { type Management, management } from "./management.ts";
import { tableResource } from "./table-resource.ts";
import { tables } from "./tables.ts";

export interface Auth0PluginOptions {
  readonly env: { readonly [name: string]: string | undefined };
  readonly parentAlive: () => boolean;
}

export function auth0Plugin({ env, parentAlive }: Auth0PluginOptions): Plugin {
  let credentials: Credentials | undefined;
  let client: Management | undefined;
  const tenant = (): Management => {
    credentials ??= readCredentials({}, env);
    client ??= management({ credentials, parentAlive });
    return client;
  };
  const memories: KnownObjects[] = [];
  const memory = () => {
    const known = knownObjects();
    memories.push(known);
    return known;
  };
  const resources = new Map(
    tables.map((table) => [table.type, tableResource(table, tenant, memory())]),
  );
  resources.set(
    "auth0:index/connectionClients:ConnectionClients",
    connectionClients(tenant, memory()),
  );
  resources.set(
    "auth0:index/connectionClient:ConnectionClient",
    connectionClient(tenant, memory()),
  );
  const invocations = functions(tenant);

  return {
    name: "auth0",
    version: pluginVersions.auth0,
    checkConfig: (news) => ({
      inputs: seal(revealMap(withoutNulls(news)), [["clientSecret"], ["apiToken"]]),
      failures: [],
    }),
    configure(config) {
      credentials = readCredentials(config, env);
      client = undefined;
      for (const known of memories) known.clear();
    },
    resource: (type) => resources.get(type),
    invocation: (token) => (Object.hasOwn(invocations, token) ? invocations[token] : undefined),
    cancel: () => client?.cancel(),
  };
}
