/** @module The log's entries, which lie in the store as they were written: many at a time. */
import type { LogBatch, LogRow } from "./models/log-entry.ts";
import type { Store } from "./store.ts";

/** Seconds that an entry is kept: 30 days. */
const keepSeconds = 30 * 86_400;

/** One row for all of them: a row each would take a third of the time of a token's request. */
export function writeLogEntries(store: Store, entries: readonly LogRow[], now: number): void {
  const [first] = entries;
  if (first === undefined) return;
  store.hasty(() => store.logs.put(first.log_id, { entries }, now + keepSeconds));
}

/** Oldest first. */
export function logEntries(store: Store): LogRow[] {
  return store.logs.all().flatMap(entriesOf);
}

/** The last ones, newest first. */
export function latestLogEntries(store: Store, count: number): LogRow[] {
  // None of the batches is empty: as many of them have at least as many entries.
  const batches = store.logs.latest(count).toReversed();
  return batches.flatMap(entriesOf).slice(-count).reverse();
}

export function findLogEntry(store: Store, id: string): LogRow | undefined {
  return logEntries(store).find((entry) => entry.log_id === id);
}

/** Data of an earlier version has an entry a row. */
function entriesOf(row: LogBatch | LogRow): readonly LogRow[] {
  return Array.isArray(row.entries) ? (row as LogBatch).entries : [row as LogRow];
}
