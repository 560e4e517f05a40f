/** @module A tenant's content as JSON: the shapes that a program which starts a tenant sees. */

type Row = Record<string, unknown>;

/** What `tvk tenant export` writes: each thing as the tenant keeps it. */
export interface ExportedSeed {
  format: "token-vault-kit tenant";
  version: 1;
  /** With them the owner's application, connected accounts and refresh tokens are there, too. */
  secrets: boolean;
  /** The owner's application; only with secrets. */
  management_client_id?: string | undefined;
  clients: Row[];
  connections: Row[];
  resource_servers: Row[];
  client_grants: Row[];
  users: Row[];
  connected_accounts: Row[];
  refresh_tokens: Row[];
  settings: Record<string, Row>;
}

/**
 * What a person writes: bodies of the Management API, which checks them. Beside that a client may have its
 * `client_id` and `client_secret`; a connection that is there already is changed instead of made; and
 * `settings` is a body of PATCH /tenants/settings.
 */
export interface WrittenSeed {
  settings?: Row | undefined;
  resource_servers?: Row[] | undefined;
  clients?: Row[] | undefined;
  connections?: Row[] | undefined;
  client_grants?: Row[] | undefined;
  users?: Row[] | undefined;
}

export type TenantSeed = ExportedSeed | WrittenSeed;
