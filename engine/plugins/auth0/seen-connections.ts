/** @module Name and strategy of the connections that a deployment has had in an answer: neither ever changes, so nobody asks for them again. */

import type { PlainMap } from "../protocol/value.ts";
import type { Management } from "./management.ts";

/** A deployment has a client of its own. */
const seen = new WeakMap<Management, Map<string, PlainMap>>();

/** Takes note of a connection as the tenant answered it. */
export function noteConnection(management: Management, connection: PlainMap): void {
  const { id, name, strategy } = connection;
  if (typeof id !== "string" || typeof name !== "string" || typeof strategy !== "string") return;
  const known = seen.get(management) ?? new Map<string, PlainMap>();
  seen.set(management, known.set(id, { name, strategy }));
}

/** Name and strategy of a connection, if an answer has had it. */
export function notedConnection(management: Management, id: string): PlainMap | undefined {
  return seen.get(management)?.get(id);
}
