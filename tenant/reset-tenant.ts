/** @module Takes a running tenant back to what a new one has. */

import type { Collection } from "./collection.ts";
import type { TenantContext } from "./context.ts";
import { seed } from "./seed.ts";
import type { Store } from "./store.ts";

/** Settings that are the tenant itself, or its owner's way in. */
const keptSettings = /^(?:tenant$|signing-key|management-client$|github-stand-in$|dashboard-)/;

/**
 * Removes everything but the tenant's identity, its signing key and its owner's application, then seeds
 * it as a new tenant is. Wholly or not at all.
 */
export function resetTenant(tenant: TenantContext): void {
  const { store, settings } = tenant;
  tenant.flushLog();
  store.transaction(() => {
    clearTenant(store);
    seed(store, settings.domain, settings.tenantId);
  });
}

/** The same without the new objects. The owner's application stays, with no grant. */
export function clearTenant(store: Store): void {
  const owner = store.settings.get("management-client")?.["client_id"];
  const things: readonly Collection<object>[] = [
    ...[store.connections, store.resourceServers, store.clientGrants, store.users],
    ...[store.connectedAccounts, store.refreshTokens, store.sessions, store.codes],
    ...[store.transactions, store.connectSessions, store.logs],
  ];
  for (const collection of things) clear(collection, () => true);
  clear(store.clients, (id) => id !== owner);
  clear(store.settings, (id) => !keptSettings.test(id));
}

function clear(collection: Collection<object>, goes: (id: string) => boolean): void {
  for (const [id] of collection.entries()) if (goes(id)) collection.delete(id);
}
