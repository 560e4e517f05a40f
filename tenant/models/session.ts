/** @module The browser's session at the tenant. */

export interface SessionRow {
  /** Also the `sid` of ID tokens. */
  id: string;
  /** SHA-256 of the secret in the browser's cookie. */
  secret_hash: string;
  user_id: string;
  /** Epoch seconds of the last real authentication. */
  auth_time: number;
  /** The connection's name. */
  connection: string;
  created_at?: number;
  /** Clients that got tokens in this session. */
  client_ids?: string[];
  /** What the Management API was told to keep with it. */
  session_metadata?: Record<string, unknown> | null;
}
