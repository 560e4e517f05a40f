/** @module Makes a tenant what a seed says: wholly or not at all. */

import { endOf } from "../authentication/refresh-tokens.ts";
import type { Collection } from "../collection.ts";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { RefreshTokenRow } from "../models/refresh-token.ts";
import type { UserRow } from "../models/user.ts";
import { ownerClientId } from "../owner/require-owner.ts";
import { clearTenant } from "../reset-tenant.ts";
import { seed as seedTenant } from "../seed.ts";
import { secretOptions } from "./export-seed.ts";
import type { ExportedSeed } from "./seed.ts";
import { domainMark, replacedTexts } from "./seed-format.ts";

/**
 * Replaces what the tenant holds, in one transaction. Sessions and the log go; the address, the keys and, unless
 * the seed has one, the owner's application stay. What a seed without secrets lacks is kept where the
 * same thing was here before, by id; else a client gets a new secret, and a user can't sign in by password.
 */
export function importSeed(tenant: TenantContext, given: ExportedSeed): void {
  const { store, settings } = tenant;
  const seed = replacedTexts(given, `https://${domainMark}`, `https://${settings.domain}`);
  tenant.flushLog();
  store.transaction(() => {
    const before = snapshot(tenant);
    clearTenant(store);
    if (seed.management_client_id !== undefined) {
      if (before.owner !== undefined) store.clients.delete(before.owner);
      store.settings.put("management-client", { client_id: seed.management_client_id });
    } else putAll(store.clientGrants, before.ownerGrants, "id");
    putAll(
      store.clients,
      seed.clients.map((row) => client(tenant, before, row)),
      "client_id",
    );
    putAll(
      store.connections,
      seed.connections.map((row) => connection(before, row)),
      "id",
    );
    putAll(
      store.resourceServers,
      seed.resource_servers.map((row) => api(before, row)),
      "id",
    );
    putAll(store.clientGrants, seed.client_grants, "id");
    putAll(
      store.users,
      seed.users.map((row) => user(before, row)),
      "user_id",
    );
    putAll(
      store.connectedAccounts,
      seed.secrets ? seed.connected_accounts : kept(before, seed).accounts,
      "id",
    );
    for (const row of (seed.secrets
      ? seed.refresh_tokens
      : kept(before, seed).tokens) as RefreshTokenRow[]) {
      store.refreshTokens.put(row.id, row, endOf(row));
    }
    for (const [id, value] of Object.entries(seed.settings)) {
      store.settings.put(id, seed.secrets ? value : linked(before, id, value));
    }
    // What makes it a tenant at all is there even when the seed lacks it; its other first objects are not forced on it.
    store.settings.put("seeded", { audience: `${settings.issuer}api/v2/` });
    seedTenant(store, settings.domain, settings.tenantId);
  });
}

type Before = ReturnType<typeof snapshot>;

function snapshot(tenant: TenantContext) {
  const { store } = tenant;
  const owner = ownerClientId(tenant);
  return {
    owner,
    ownerGrants: owner === undefined ? [] : store.clientGrants.find("client_id", owner),
    clients: new Map(store.clients.entries()),
    connections: new Map(store.connections.entries()),
    apis: new Map(store.resourceServers.entries()),
    users: new Map(store.users.entries()),
    settings: new Map(store.settings.entries()),
    accounts: store.connectedAccounts.all(),
    tokens: store.refreshTokens.all(),
  };
}

function putAll<T extends object>(
  collection: Collection<T>,
  rows: readonly object[],
  id: string,
): void {
  // The seed's shape was checked for its ids; the rest is what an export wrote.
  for (const row of rows) collection.put(String((row as Record<string, unknown>)[id]), row as T);
}

function client(tenant: TenantContext, before: Before, row: object): object {
  if ("client_secret" in row) return row;
  const id = (row as ClientRow).client_id;
  return { ...row, client_secret: before.clients.get(id)?.client_secret ?? tenant.ids.newSecret() };
}

function api(before: Before, row: Record<string, unknown>): object {
  const old = before.apis.get(String(row["id"]))?.signing_secret;
  return "signing_secret" in row || old === undefined ? row : { ...row, signing_secret: old };
}

function connection(before: Before, row: object): object {
  const { id, options } = row as ConnectionRow;
  const old = before.connections.get(id)?.options ?? {};
  const secrets = secretOptions.flatMap((name) =>
    name in old && !(name in options) ? [[name, old[name]] as const] : [],
  );
  return secrets.length === 0
    ? row
    : { ...row, options: { ...options, ...Object.fromEntries(secrets) } };
}

function user(before: Before, row: object): object {
  return withOldSecrets(row, before.users.get((row as UserRow).user_id));
}

function linked(
  before: Before,
  id: string,
  value: Record<string, unknown>,
): Record<string, unknown> {
  const now = value["user"];
  if (typeof now !== "object" || now === null) return value;
  return {
    ...value,
    user: withOldSecrets(now, before.settings.get(id)?.["user"] as UserRow | undefined),
  };
}

function withOldSecrets(row: object, old: UserRow | undefined): object {
  const { identities, password_hash: hash } = row as UserRow;
  if (old === undefined) return row;
  const password = hash ?? old.password_hash;
  return {
    ...row,
    identities: identities.map((identity) => {
      const same = old.identities.find(
        ({ provider, user_id: id }) => provider === identity.provider && id === identity.user_id,
      );
      return { ...identity, ...tokensOf(same), ...tokensOf(identity) };
    }),
    ...(password === undefined ? {} : { password_hash: password }),
  };
}

function tokensOf(identity: UserRow["identities"][number] | undefined): object {
  const { access_token: access, refresh_token: refresh } = identity ?? {};
  return {
    ...(access === undefined ? {} : { access_token: access }),
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
  };
}

/** Accounts and tokens whose user, connection and client the seed has, too. */
function kept(before: Before, seed: ExportedSeed) {
  const users = new Set(seed.users.map((row) => row["user_id"]));
  const connections = new Set(seed.connections.map((row) => row["id"]));
  const clients = new Set(seed.clients.map((row) => row["client_id"]));
  return {
    accounts: before.accounts.filter(
      (row) => users.has(row.user_id) && connections.has(row.connection_id),
    ),
    tokens: before.tokens.filter((row) => users.has(row.user_id) && clients.has(row.client_id)),
  };
}
