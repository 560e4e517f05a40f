/** @module Counts request fields that are kept and answered but have no effect on this tenant. */

/** One field of one endpoint, and how often it came. */
export interface DroppedField {
  /** `METHOD /path/{pattern}`. */
  endpoint: string;
  /** Path of the field in the request. */
  field: string;
  count: number;
}

/** The counter. A field whose effect is missing is shown here, never dropped in silence. */
export interface DroppedFields {
  count(endpoint: string, field: string): void;
  list(): DroppedField[];
}

/** @param first Called once for each new pair of endpoint and field. */
export function droppedFields(first: (dropped: DroppedField) => void): DroppedFields {
  const counted = new Map<string, DroppedField>();
  return {
    count(endpoint, field) {
      const key = `${endpoint} ${field}`;
      const known = counted.get(key);
      if (known) {
        known.count += 1;
        return;
      }
      const dropped = { endpoint, field, count: 1 };
      counted.set(key, dropped);
      first(dropped);
    },
    list: () => [...counted.values()].map((dropped) => ({ ...dropped })),
  };
}
