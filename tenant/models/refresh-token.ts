/** @module The refresh token of a user at a client, found by the SHA-256 of its text. */

/** Times are epoch seconds. */
export interface RefreshTokenRow {
  id: string;
  /** SHA-256 of the token, base64url. */
  token_hash: string;
  user_id: string;
  client_id: string;
  session_id: string;
  /** The API of the first login; absent: /userinfo only. */
  audience?: string;
  /** Space-separated, as granted at login. */
  scope: string;
  rotating: boolean;
  /** All tokens that rotation made from one login share this. */
  family_id?: string;
  /** When this token was rotated away; it may still be used for the client's leeway. */
  rotated_at?: number;
  auth_time?: number;
  created_at: number;
  last_exchanged_at: number;
  expires_at?: number;
  idle_expires_at?: number;
  /** What the Management API was told to keep with it. */
  refresh_token_metadata?: Record<string, unknown> | null;
}
