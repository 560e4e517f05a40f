/** @module The environments of a tenant, read from the marks on its objects: no state is needed. */
import type { Management } from "../engine/plugins/auth0/management.ts";
import { type MarkedObject, markedObjects } from "../engine/recovery/marked-objects.ts";

/**
 * `live`: its time is not over. `expired`: it is. `permanent`: a stack without an expiry, which no
 * sweep touches. `unreadable`: its expiry is no time, which no sweep touches either.
 */
export type EnvironmentState = "live" | "expired" | "permanent" | "unreadable";

/** One stack's objects in a tenant. */
export interface TenantEnvironment {
  readonly project: string;
  readonly name: string;
  /** Whose it is; two owners' stacks of one name are two. */
  readonly owner: string | undefined;
  /** As it stands on the objects. After an interrupted renewal the latest of them. */
  readonly expires: string | undefined;
  readonly state: EnvironmentState;
  /** In the order in which they are removed. */
  readonly objects: readonly MarkedObject[];
}

/** Every stack that has objects in the tenant. Two requests, one more for each further hundred objects. */
export async function tenantEnvironments(
  api: Management,
  now: number,
): Promise<TenantEnvironment[]> {
  const groups = new Map<string, MarkedObject[]>();
  for (const each of await markedObjects(api)) {
    const key = JSON.stringify([each.marks["tvk_stack"], each.marks["tvk_owner"]]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map((objects) => environmentOf(objects, now)).sort(byName);
}

/** What an expiry means now. */
export function stateAt(expires: string | undefined, now: number): EnvironmentState {
  if (expires === undefined) return "permanent";
  const end = Date.parse(expires);
  if (Number.isNaN(end)) return "unreadable";
  return end <= now ? "expired" : "live";
}

function environmentOf(objects: readonly MarkedObject[], now: number): TenantEnvironment {
  const { tvk_stack: stack = "", tvk_owner: owner } = objects[0]?.marks ?? {};
  const expiries = objects.map(({ marks }) => marks["tvk_expires"]);
  // One object without an expiry keeps them all, and so does one that lasts longer.
  const expires = expiries.includes(undefined) ? undefined : expiries.toSorted(later)[0];
  const slash = stack.indexOf("/");
  return {
    project: stack.slice(0, slash),
    name: stack.slice(slash + 1),
    owner,
    expires,
    state: stateAt(expires, now),
    objects,
  };
}

/** Latest first; one that can't be read before all. */
function later(one: string | undefined, other: string | undefined): number {
  const end = (text: string | undefined) => {
    const time = Date.parse(text ?? "");
    return Number.isNaN(time) ? Number.MAX_VALUE : time;
  };
  return end(other) - end(one);
}

function byName(one: TenantEnvironment, other: TenantEnvironment): number {
  return one.name < other.name ? -1 : 1;
}
