/** @module The application ("client") as the Management API answers it. */

/** One audience that a multi-resource refresh token may be exchanged for. */
export interface RefreshTokenPolicy {
  audience: string;
  scope: string[];
}

/** How refresh tokens of the client live and rotate; lifetimes in seconds. */
export interface ClientRefreshToken {
  rotation_type: "rotating" | "non-rotating";
  expiration_type: "expiring" | "non-expiring";
  /** Seconds in which the previous rotated token may still be used. */
  leeway: number;
  token_lifetime: number;
  infinite_token_lifetime: boolean;
  idle_token_lifetime: number;
  infinite_idle_token_lifetime: boolean;
  policies?: RefreshTokenPolicy[] | null;
}

/** A public key with which a client proves itself (private_key_jwt). */
export interface ClientCredential {
  id: string;
  credential_type: string;
  name?: string;
  kid: string;
  alg: string;
  pem?: string;
  created_at: string;
  updated_at: string;
  expires_at?: string;
}

/** The wire object in full; keys without an effect here are kept and answered as they came. */
export interface ClientRow {
  client_id: string;
  /** Kept even for `none` and private_key_jwt; the Management API decides when it is shown. */
  client_secret: string;
  name: string;
  tenant: string;
  global: boolean;
  is_first_party: boolean;
  oidc_conformant: boolean;
  grant_types: string[];
  app_type?:
    | "native"
    | "spa"
    | "regular_web"
    | "non_interactive"
    | "resource_server"
    | (string & {});
  /** Absent means client_secret_basic; null after private_key_jwt was attached. */
  token_endpoint_auth_method?: "none" | "client_secret_post" | "client_secret_basic" | null;
  client_authentication_methods?: {
    private_key_jwt?: { credentials: { id: string }[] };
    [method: string]: unknown;
  } | null;
  callbacks?: string[];
  allowed_logout_urls?: string[];
  web_origins?: string[];
  allowed_origins?: string[];
  jwt_configuration: {
    secret_encoded: boolean;
    lifetime_in_seconds?: number;
    alg?: string;
    scopes?: Record<string, unknown>;
  };
  refresh_token: ClientRefreshToken;
  client_metadata?: Record<string, string>;
  /** Public keys of the client; never part of an answer about the client. */
  credentials?: ClientCredential[];
  /** Only with app_type `resource_server`: the API whose access tokens this client may exchange. */
  resource_server_identifier?: string;
  organization_usage?: string;
  [field: string]: unknown;
}
