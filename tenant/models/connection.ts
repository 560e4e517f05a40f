/** @module The connection (a source of users, or a provider of Token Vault) as the wire has it. */

/** Options of a connection; `oauth2` and `auth0` keys that have an effect here are named. */
export interface ConnectionOptions {
  client_id?: string;
  client_secret?: string;
  authorizationURL?: string;
  tokenURL?: string;
  scope?: string | string[];
  scripts?: { fetchUserProfile?: string; [script: string]: unknown };
  pkce_enabled?: boolean;
  upstream_params?: Record<string, { alias?: string; value?: string }> | null;
  authParams?: Record<string, string>;
  authParamsMap?: Record<string, string>;
  customHeaders?: Record<string, string>;
  useOauthSpecScope?: boolean;
  set_user_root_attributes?: "on_each_login" | "on_first_login" | "never_on_login" | (string & {});
  non_persistent_attrs?: string[];
  icon_url?: string;
  disable_signup?: boolean;
  [option: string]: unknown;
}

/** The wire object in full. */
export interface ConnectionRow {
  id: string;
  name: string;
  display_name?: string;
  strategy: string;
  options: ConnectionOptions;
  is_domain_connection: boolean;
  /** Offered for login, and accepted by /authorize. */
  authentication: { active: boolean };
  /** Open to the Connected Accounts flow, and so to Token Vault. */
  connected_accounts: { active: boolean; [field: string]: unknown };
  enabled_clients: string[];
  realms: string[];
  metadata?: Record<string, string>;
  [field: string]: unknown;
}
