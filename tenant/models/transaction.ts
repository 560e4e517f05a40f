/** @module A browser's way through login or connect, between its first request and its last. */

/** A login or connect in progress; the rest of the shape belongs to whoever writes `kind`. */
export type TransactionRow = { id: string; kind: string } & Record<string, unknown>;

/** A connected-accounts session, from POST connect to POST complete. */
export type ConnectSessionRow = { id: string; kind: string } & Record<string, unknown>;
