/** @module One entry of GET /logs. */

/** The wire object in full; `log_id` sorts by time. */
export interface LogRow {
  log_id: string;
  _id: string;
  /** ISO 8601 with milliseconds. */
  date: string;
  type: string;
  description: string;
  tenant_name: string;
  client_id?: string;
  client_name?: string;
  user_id?: string;
  user_name?: string;
  connection?: string;
  connection_id?: string;
  strategy?: string;
  ip?: string;
  user_agent?: string;
  audience?: string;
  scope?: string;
  hostname?: string;
  details?: Record<string, unknown>;
  [field: string]: unknown;
}

/** Entries that were written together, oldest first. */
export interface LogBatch {
  readonly entries: readonly LogRow[];
}
