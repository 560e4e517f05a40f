/** @module Removes environments by their marks: those whose time is over, and nothing of anybody else's. */
import { absent } from "../engine/plugins/auth0/absent.ts";
import type { Management } from "../engine/plugins/auth0/management.ts";
import { isPlainMap, type PlainMap } from "../engine/plugins/protocol/value.ts";
import { type MarkedObject, marksNow, removeMarked } from "../engine/recovery/marked-objects.ts";
import { stateAt, type TenantEnvironment } from "./tenant-environments.ts";

/** Which environments a sweep may take. */
export interface SweepScope {
  /** Name of the Pulumi project; other projects' are left. */
  readonly project: string;
  /** Only this owner's. */
  readonly owner: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** One thing that a sweep did not remove, and why. */
export interface LeftBehind {
  readonly name: string;
  readonly project: string;
  readonly owner: string | undefined;
  /** The object, where not the whole environment was left. */
  readonly object?: string;
  readonly why: string;
}

/** What a sweep means to do. */
export interface SweepPlan {
  readonly remove: readonly TenantEnvironment[];
  readonly left: readonly LeftBehind[];
}

/** Tells what is over from what is not. Asks nothing. */
export function planSweep(
  environments: readonly TenantEnvironment[],
  scope: SweepScope,
): SweepPlan {
  const remove: TenantEnvironment[] = [];
  const left: LeftBehind[] = [];
  for (const each of environments) {
    const why = whyLeft(each, scope);
    if (why === undefined) remove.push(each);
    else left.push({ ...whose(each), why });
  }
  return { remove, left };
}

/**
 * Removes an environment's objects: its clients first, then its connections.
 *
 * Each is looked at once more right before: who renewed it meanwhile keeps it. A connection that
 * another client than the environment's own may use is left. An object that is gone is well.
 *
 * @param condition What the marks must still say for an object to go.
 */
export async function removeEnvironment(
  api: Management,
  environment: TenantEnvironment,
  condition: (marks: MarkedObject["marks"]) => boolean,
): Promise<{ removed: MarkedObject[]; left: LeftBehind[] }> {
  const removed: MarkedObject[] = [];
  const left: LeftBehind[] = [];
  const own = new Set(environment.objects.map(({ id }) => id));
  for (const each of environment.objects) {
    const object = `${each.kind} "${each.name}"`;
    const marks = await marksNow(api, each);
    if (marks === undefined) continue;
    if (!condition(marks)) {
      left.push({ ...whose(environment), object, why: "renewed meanwhile" });
      continue;
    }
    const guests = each.kind === "connection" ? await usersOf(api, each.id, own) : [];
    if (guests.length > 0) {
      const why = `in use by ${guests.join(", ")}, which the environment does not own`;
      left.push({ ...whose(environment), object, why });
      continue;
    }
    await removeMarked(api, each);
    removed.push(each);
  }
  return { removed, left };
}

/** True while the marks say that the time is over. */
export function isOver(now: number): (marks: MarkedObject["marks"]) => boolean {
  return (marks) => stateAt(marks["tvk_expires"], now) === "expired";
}

function whyLeft(
  { project, owner, expires, state }: TenantEnvironment,
  scope: SweepScope,
): string | undefined {
  if (project !== scope.project) return `of another project, ${project}`;
  if (state === "permanent") return "no expiry: a stack that stays";
  if (state === "unreadable") return `its expiry is no time: ${JSON.stringify(expires)}`;
  if (state === "live") return `its time is not over until ${expires}`;
  if (scope.owner !== undefined && owner !== scope.owner) {
    return owner === undefined ? "it has no owner" : `it is ${owner}'s`;
  }
  return undefined;
}

function whose({ name, project, owner }: TenantEnvironment) {
  return { name, project, owner };
}

/** Clients of others for which a connection is enabled. */
async function usersOf(
  api: Management,
  connection: string,
  own: ReadonlySet<string>,
): Promise<string[]> {
  const path = `/connections/${encodeURIComponent(connection)}/clients?take=50`;
  // Another sweep may have removed it since.
  const answer = await api.request("GET", path).catch(absent);
  const clients = isPlainMap(answer) && Array.isArray(answer["clients"]) ? answer["clients"] : [];
  return clients
    .filter((each): each is PlainMap => isPlainMap(each))
    .map(({ client_id: id }) => String(id))
    .filter((id) => !own.has(id));
}
