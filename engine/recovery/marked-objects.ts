/** @module What a stack made and its state does not know: found by the marks on the objects themselves. */
import { type Management, management } from "../plugins/auth0/management.ts";
import { isPlainMap, type PlainMap } from "../plugins/protocol/value.ts";
import type { GuardedStack } from "./guarded-stack.ts";

/** The tenant of a local stack, and the application that manages it. */
export interface ManagedTenant {
  /** Host and port. This process must trust its certificate authority. */
  readonly domain: string;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: string;
}

/** Auth0's largest page of a list. */
const perPage = 100;

/** The kinds of object that bear marks (components/marks.ts), and where they bear them. */
const kinds = [
  { what: "connection", path: "/connections", id: "id", metadata: "metadata" },
  { what: "client", path: "/clients", id: "client_id", metadata: "client_metadata" },
] as const;

/**
 * Deletes every client and connection that bears the stack's mark and is not in its state: what a
 * killed run made and did not write down.
 *
 * Two requests, and one for each object found. Grants and enabled clients go with their client.
 *
 * @param managed Ids that the state has.
 * @returns What was deleted, in words.
 */
export async function sweepMarked(
  { project, stack }: GuardedStack,
  tenant: ManagedTenant,
  managed: ReadonlySet<string>,
): Promise<string[]> {
  const api = management({
    credentials: { ...tenant, apiToken: undefined, audience: `https://${tenant.domain}/api/v2/` },
    parentAlive: () => true,
  });
  // The mark is cut where Auth0's limit for a value is (components/marks.ts).
  const mark = `${project}/${stack}`.slice(0, 255);
  const swept: string[] = [];
  for (const { what, path, id, metadata } of kinds) {
    for (const each of await listed(api, path)) {
      const marks = each[metadata];
      const own = isPlainMap(marks) && marks["tvk_stack"] === mark;
      if (!own || marks["tvk_urn"] === undefined || managed.has(String(each[id]))) continue;
      await api.request("DELETE", `${path}/${encodeURIComponent(String(each[id]))}`);
      swept.push(`${what} "${String(each["name"])}"`);
    }
  }
  return swept;
}

async function listed(api: Management, path: string): Promise<PlainMap[]> {
  const all: PlainMap[] = [];
  for (let page = 0; ; page++) {
    const list = await api.request("GET", `${path}?page=${page}&per_page=${perPage}`);
    const rows = Array.isArray(list) ? list.filter(isPlainMap) : [];
    all.push(...rows);
    if (rows.length < perPage) return all;
  }
}
