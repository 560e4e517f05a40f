/** @module The connected account: one entry of the token vault. */

/** What Token Vault holds for one user at one provider. The tokens never leave by the Management API. */
export interface ConnectedAccountRow {
  /** `cac_` and 22 base-62 characters. */
  id: string;
  user_id: string;
  /** The connection's name. */
  connection: string;
  connection_id: string;
  strategy: string;
  /** The user's id at the provider; what `login_hint` names. */
  idp_user_id: string;
  access_type: "offline";
  scopes: string[];
  /** ISO 8601 with milliseconds. */
  created_at: string;
  /** When the provider's refresh token ends, if the provider said so; ISO 8601. */
  expires_at?: string;
  access_token: string;
  /** Epoch seconds. */
  access_token_expires_at: number;
  refresh_token: string;
  /** What the provider granted, space-separated. */
  token_scope: string;
}
