/** @module What a stack made and its state does not know: found by the marks on the objects themselves. */
import { absent } from "../plugins/auth0/absent.ts";
import { type Management, management } from "../plugins/auth0/management.ts";
import { isPlainMap, type Plain } from "../plugins/protocol/value.ts";
import type { GuardedStack } from "./guarded-stack.ts";
import { listed } from "./tenant-list.ts";

/** A tenant, and the application that manages it. */
export interface ManagedTenant {
  /** Host and port. This process must trust its certificate authority. */
  readonly domain: string;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: string;
}

/** An object that bears marks (components/marks.ts). */
export interface MarkedObject {
  readonly kind: "client" | "connection";
  readonly id: string;
  readonly name: string;
  /** Of a connection: what its login button says. */
  readonly displayName?: string;
  /** `tvk_stack`, `tvk_urn` and, if set, `tvk_owner` and `tvk_expires`. */
  readonly marks: Readonly<Record<string, string>>;
}

/**
 * The kinds of object that bear marks, and where they bear them. In the order in which they are
 * removed: without its client nobody gets at a connection any more; the other way round a client would
 * for a moment offer what is gone.
 */
const kinds = [
  { kind: "client", path: "/clients", id: "client_id", metadata: "client_metadata" },
  { kind: "connection", path: "/connections", id: "id", metadata: "metadata" },
] as const;

/** Asks a tenant's Management API as this application. */
export function managementOf(tenant: ManagedTenant): Management {
  return management({
    credentials: { ...tenant, apiToken: undefined, audience: `https://${tenant.domain}/api/v2/` },
    parentAlive: () => true,
  });
}

/** Every object of the tenant that bears a stack's marks, in the order in which they are removed. */
export async function markedObjects(api: Management): Promise<MarkedObject[]> {
  const found: MarkedObject[] = [];
  for (const { kind, path, id, metadata } of kinds) {
    for (const each of await listed(api, path)) {
      const marks = marksIn(each[metadata]);
      if (marks === undefined) continue;
      const shown = each["display_name"];
      const more = typeof shown === "string" ? { displayName: shown } : {};
      found.push({ kind, id: String(each[id]), name: String(each["name"]), ...more, marks });
    }
  }
  return found;
}

/** The marks that the object bears now. Undefined where it is gone, or bears none any more. */
export async function marksNow(
  api: Management,
  { kind, id }: MarkedObject,
): Promise<MarkedObject["marks"] | undefined> {
  const { path, metadata } = kindOf(kind);
  const each = await api.request("GET", `${path}/${encodeURIComponent(id)}`).catch(absent);
  return isPlainMap(each) ? marksIn(each[metadata]) : undefined;
}

/** Deletes an object. Its grants, enabled clients and connected accounts go with it. Gone already is well. */
export async function removeMarked(api: Management, { kind, id }: MarkedObject): Promise<void> {
  await api.request("DELETE", `${kindOf(kind).path}/${encodeURIComponent(id)}`).catch(absent);
}

/** Takes an object's marks off: no stack has it any more, and no sweep takes it. Gone already is well. */
export async function unmark(
  api: Management,
  { kind, id, displayName, marks }: MarkedObject,
): Promise<void> {
  const { path, metadata } = kindOf(kind);
  const none = Object.fromEntries(Object.keys(marks).map((mark) => [mark, null]));
  // An update without it would set it back to the name.
  const shown = displayName === undefined ? {} : { display_name: displayName };
  const body = { [metadata]: none, ...shown };
  await api.request("PATCH", `${path}/${encodeURIComponent(id)}`, body).catch(absent);
}

/** What the `tvk_stack` of a stack's objects says. It is cut where Auth0's limit for a value is. */
export function stackMark(project: string, stack: string): string {
  return `${project}/${stack}`.slice(0, 255);
}

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
  { project, stack }: Pick<GuardedStack, "project" | "stack">,
  tenant: ManagedTenant,
  managed: ReadonlySet<string>,
): Promise<string[]> {
  const api = managementOf(tenant);
  const mark = stackMark(project, stack);
  const swept: string[] = [];
  for (const each of await markedObjects(api)) {
    if (each.marks["tvk_stack"] !== mark || managed.has(each.id)) continue;
    await removeMarked(api, each);
    swept.push(`${each.kind} "${each.name}"`);
  }
  return swept;
}

function kindOf(kind: MarkedObject["kind"]) {
  return kind === "client" ? kinds[0] : kinds[1];
}

function marksIn(metadata: Plain | undefined): MarkedObject["marks"] | undefined {
  if (!isPlainMap(metadata) || metadata["tvk_stack"] === undefined) return undefined;
  if (metadata["tvk_urn"] === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) =>
      key.startsWith("tvk_") ? [[key, String(value)]] : [],
    ),
  );
}
