/**
 * @module What this deployment has learned about which object belongs to which resource.
 *
 * A create may return an id that exists. Two things must not follow from that: the adoption of the object that
 * is just being replaced, and the deletion of an adopted object as if it were the replaced one. Each type of
 * resource has a memory of its own, since credentials and their client have one id.
 */

export interface KnownObjects {
  /** The state has this resource; its id may not have been said. */
  seen(urn: string): void;
  /** The state has this resource under this id. */
  is(urn: string, id: string): void;
  /** A create of this deployment returned the id. */
  created(id: string): void;
  ids(urn: string): ReadonlySet<string>;
  mayAdopt(urn: string): boolean;
  wasCreated(id: string): boolean;
  /** Another deployment begins. */
  clear(): void;
}

export function knownObjects(): KnownObjects {
  const urns = new Map<string, Set<string>>();
  const made = new Set<string>();
  const of = (urn: string) => {
    const ids = urns.get(urn) ?? new Set<string>();
    urns.set(urn, ids);
    return ids;
  };
  return {
    seen: (urn) => void of(urn),
    is: (urn, id) => void of(urn).add(id),
    created: (id) => void made.add(id),
    ids: (urn) => urns.get(urn) ?? new Set(),
    mayAdopt: (urn) => urns.get(urn)?.size !== 0,
    wasCreated: (id) => made.has(id),
    clear: () => {
      urns.clear();
      made.clear();
    },
  };
}
