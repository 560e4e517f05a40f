/** @module Turns a seed that a person wrote into one that can be imported: by the Management API, in a tenant aside. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TenantContext } from "../context.ts";
import { openTenant } from "../open-tenant.ts";
import { type CallManagement, managementCalls } from "../owner/management-calls.ts";
import { openKey } from "../signing-keys.ts";
import { openStore } from "../store.ts";
import { exportSeed } from "./export-seed.ts";
import type { ExportedSeed, WrittenSeed } from "./seed.ts";
import { domainMark, replacedTexts, SeedError } from "./seed-format.ts";

/**
 * Every entry is checked by the endpoint that would make it, with Auth0's defaults. Fields without effect here
 * are counted at the tenant itself.
 *
 * @throws {SeedError} All that the Management API refuses.
 */
export async function compiledSeed(
  tenant: TenantContext,
  written: WrittenSeed,
): Promise<ExportedSeed> {
  const { domain } = tenant.settings;
  const dir = mkdtempSync(join(tmpdir(), "tvk-seed-"));
  const store = openStore(dir, tenant.now);
  let aside: TenantContext | undefined;
  try {
    const key = await openKey(tenant.store);
    const { context } = openTenant(store, key, { dir, domain, now: tenant.now });
    aside = context;
    const seed = replacedTexts(written, `https://${domainMark}`, `https://${domain}`);
    const problems = await apply(context, seed);
    if (problems.length > 0) throw new SeedError(problems);
    for (const { endpoint, field, count } of context.droppedFields.list()) {
      for (let at = 0; at < count; at += 1) tenant.droppedFields.count(endpoint, field);
    }
    return withoutOwner(exportSeed(context, true));
  } finally {
    aside?.flushLog();
    store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function apply(tenant: TenantContext, seed: WrittenSeed): Promise<string[]> {
  const call = managementCalls(tenant);
  const problems: string[] = [];
  const attempt = async (where: string, ...request: Parameters<CallManagement>) => {
    const { refused, body } = (await call(...request).then((result) =>
      result.refused === undefined ? { body: result.body } : { refused: result.refused },
    )) as { refused?: { message: string }; body?: Record<string, unknown> };
    if (refused !== undefined) problems.push(`${where}: ${refused.message}`);
    return body;
  };
  if (seed.settings !== undefined) {
    await attempt("settings", "PATCH", "/tenants/settings", seed.settings);
  }
  for (const [at, row] of (seed.resource_servers ?? []).entries()) {
    await attempt(`resource_servers[${at}]`, "POST", "/resource-servers", row);
  }
  for (const [at, row] of (seed.clients ?? []).entries()) {
    const { client_id: id, client_secret: secret, ...rest } = row;
    const made = await attempt(`clients[${at}]`, "POST", "/clients", rest);
    if (made !== undefined) keepCredentials(tenant, String(made["client_id"]), { id, secret });
  }
  for (const [at, row] of (seed.connections ?? []).entries()) {
    const { name, strategy, ...rest } = row;
    const [known] = tenant.store.connections.find("name", String(name));
    if (known === undefined) await attempt(`connections[${at}]`, "POST", "/connections", row);
    else await attempt(`connections[${at}]`, "PATCH", `/connections/${known.id}`, rest);
  }
  for (const [at, row] of (seed.client_grants ?? []).entries()) {
    await attempt(`client_grants[${at}]`, "POST", "/client-grants", row);
  }
  for (const [at, row] of (seed.users ?? []).entries()) {
    await attempt(`users[${at}]`, "POST", "/users", row);
  }
  return problems;
}

/** A test wants to know its client before the tenant is there, so it may choose what Auth0 would make. */
function keepCredentials(
  { store }: TenantContext,
  made: string,
  wanted: { id: unknown; secret: unknown },
): void {
  const client = store.clients.get(made);
  if (client === undefined) return;
  store.clients.delete(made);
  const id = typeof wanted.id === "string" && wanted.id !== "" ? wanted.id : made;
  const secret =
    typeof wanted.secret === "string" && wanted.secret !== ""
      ? wanted.secret
      : client.client_secret;
  store.clients.put(id, { ...client, client_id: id, client_secret: secret });
}

/** The real tenant has its own. */
function withoutOwner({ management_client_id: owner, ...seed }: ExportedSeed): ExportedSeed {
  return {
    ...seed,
    clients: seed.clients.filter((row) => row["client_id"] !== owner),
    client_grants: seed.client_grants.filter((row) => row["client_id"] !== owner),
  };
}
