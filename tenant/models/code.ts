/** @module The authorization code, found by the SHA-256 of its text; single use. */

export interface CodeRow {
  /** SHA-256 of the code, base64url; also the row's id. */
  code_hash: string;
  client_id: string;
  user_id: string;
  redirect_uri: string;
  scope: string;
  audience?: string;
  nonce?: string;
  code_challenge?: string;
  code_challenge_method?: "S256" | "plain";
  auth_time: number;
  session_id: string;
  max_age?: number;
  /** Epoch seconds. */
  expires_at: number;
  /** Set by the first use; a second one is an attack, and revokes what the first one gave. */
  used_at?: number;
  /** Set by the second use, for a first one that has not given its refresh token yet. */
  reused_at?: number;
  /** The refresh token that the first use gave. */
  refresh_token_id?: string;
}
