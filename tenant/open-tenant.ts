/** @module Makes the tenant of an opened store: its facts, first objects, and what endpoints are given. */
import type { TenantContext } from "./context.ts";
import type { Controls } from "./controls/controls.ts";
import { droppedFields } from "./dropped-fields.ts";
import { identifiers } from "./identifiers.ts";
import { rotatingKeys } from "./key-rotation.ts";
import type { RateLimit } from "./management/rate-limit.ts";
import { writeManagementClient } from "./management-client-file.ts";
import { type ManagementClient, seed } from "./seed.ts";
import type { KeptKey } from "./signing-keys.ts";
import type { Store } from "./store.ts";
import type { ProviderOrigins } from "./strategies/built-in.ts";
import { tenantLog } from "./tenant-log.ts";

export interface OpenTenantSettings {
  /** Folder for management-client.json. */
  dir: string;
  /** `localhost:PORT`. */
  domain: string;
  /** Epoch seconds. */
  now: () => number;
  /** Enforced on the Management API. Default: none. */
  managementLimit?: RateLimit;
  /** Default: built-in providers are where they really are. */
  providerOrigins?: ProviderOrigins;
  /** Their limits go before the one above. */
  controls?: Controls;
}

/** What the store remembers of its tenant, under `tenant` in its settings. */
export interface TenantFacts extends Record<string, unknown> {
  tenantId: string;
  domain: string;
}

/** Seeds the store if it is new, writes `DIR/management-client.json`, and makes the context. */
export function openTenant(
  store: Store,
  key: KeptKey,
  settings: OpenTenantSettings,
): { context: TenantContext; managementClient: ManagementClient } {
  const { dir, domain, now, controls } = settings;
  const known = store.settings.get("tenant") as TenantFacts | undefined;
  const facts = known ?? { tenantId: identifiers.newHexId().slice(0, 12), domain };
  const { tenantId } = facts;
  const issuer = `https://${domain}/`;
  const managementClient = store.transaction(() => {
    if (!known) store.settings.put("tenant", facts);
    return seed(store, domain, tenantId);
  });
  writeManagementClient(dir, domain, managementClient);
  const { log, flush } = tenantLog(store, { domain, tenantId, now });
  const context: TenantContext = {
    settings: {
      ...{ dir, domain, issuer, tenantId },
      providerOrigins: settings.providerOrigins ?? {},
      get managementLimit() {
        return controls?.limits.current()?.management ?? settings.managementLimit;
      },
    },
    store,
    keys: rotatingKeys(store, key, { issuer, now }),
    now,
    log,
    flushLog: flush,
    droppedFields: droppedFields(({ endpoint, field }) =>
      log({
        type: "sapi",
        description: `Local tenant: the field "${field}" is kept but has no effect here`,
        client_name: "local tenant",
        details: { request: { endpoint, field }, response: {} },
      }),
    ),
    ids: identifiers,
    ...(controls === undefined ? {} : { controls }),
  };
  return { context, managementClient };
}
