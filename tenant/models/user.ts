/** @module The user, with identities, as the wire has it, plus the password hash that it never shows. */

/** One login of the user: `user_id` is the id without the provider's prefix. */
export interface UserIdentity {
  connection: string;
  user_id: string;
  provider: string;
  isSocial: boolean;
  access_token?: string;
  refresh_token?: string;
  [field: string]: unknown;
}

/** The wire object in full; times are ISO 8601 with milliseconds, as Auth0 writes them. */
export interface UserRow {
  user_id: string;
  email?: string;
  email_verified?: boolean;
  username?: string;
  phone_number?: string;
  name?: string;
  nickname?: string;
  given_name?: string;
  family_name?: string;
  picture?: string;
  blocked?: boolean;
  identities: UserIdentity[];
  user_metadata?: Record<string, unknown>;
  app_metadata?: Record<string, unknown>;
  created_at: string;
  updated_at: string;
  last_login?: string;
  last_ip?: string;
  logins_count?: number;
  /** scrypt, as tenant/passwords.ts writes it; never answered. */
  password_hash?: string;
  [field: string]: unknown;
}
