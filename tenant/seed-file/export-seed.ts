/** @module Writes what a tenant holds as a seed. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { UserRow } from "../models/user.ts";
import { ownerClientId } from "../owner/require-owner.ts";
import { isContentSetting } from "./row-schemas.ts";
import type { ExportedSeed } from "./seed.ts";
import { domainMark, replacedTexts } from "./seed-format.ts";

/**
 * Everything but sessions, codes, logins in progress, the log and the signing key. Importing it into the same tenant
 * changes nothing.
 *
 * @param secrets Client secrets, password hashes, the providers' tokens and custom headers, connected
 * accounts, refresh tokens (as hashes) and the owner's application. Without them none of these is there.
 */
export function exportSeed(tenant: TenantContext, secrets: boolean): ExportedSeed {
  const { store, settings } = tenant;
  const owner = ownerClientId(tenant);
  const seed: ExportedSeed = {
    format: "token-vault-kit tenant",
    version: 1,
    secrets,
    ...(secrets && owner !== undefined ? { management_client_id: owner } : {}),
    clients: store.clients
      .all()
      .filter(({ client_id: id }) => secrets || id !== owner)
      .map((client) => (secrets ? client : withoutSecret(client))),
    connections: store.connections.all().map((row) => (secrets ? row : withoutOptionSecrets(row))),
    resource_servers: store.resourceServers
      .all()
      .map(({ signing_secret: secret, ...row }) =>
        secrets && secret !== undefined ? { ...row, signing_secret: secret } : row,
      ),
    client_grants: store.clientGrants
      .all()
      .filter(({ client_id: id }) => secrets || id !== owner)
      .map((row) => ({ ...row })),
    users: store.users.all().map((user) => (secrets ? user : withoutTokens(user))),
    connected_accounts: secrets ? store.connectedAccounts.all().map((row) => ({ ...row })) : [],
    refresh_tokens: secrets ? store.refreshTokens.all().map((row) => ({ ...row })) : [],
    settings: Object.fromEntries(
      store.settings
        .entries()
        .filter(([id]) => isContentSetting(id))
        .map(([id, value]) => [id, secrets ? value : withoutPassword(value)]),
    ),
  };
  return replacedTexts(seed, `https://${settings.domain}`, `https://${domainMark}`);
}

/** Options of a connection that are secrets, or may hold one. */
export const secretOptions = ["client_secret", "customHeaders", "configuration"] as const;

function withoutSecret({ client_secret: _, ...client }: ClientRow) {
  return client;
}

function withoutOptionSecrets(row: ConnectionRow): ConnectionRow {
  const options = { ...row.options };
  for (const name of secretOptions) delete options[name];
  return { ...row, options };
}

function withoutTokens({ password_hash: _, ...user }: UserRow) {
  const identities = user.identities.map(
    ({ access_token: _token, refresh_token: _refresh, ...rest }) => rest,
  );
  return { ...user, identities };
}

/** Of a user that was linked to another, and is kept with the link. */
function withoutPassword(value: Record<string, unknown>): Record<string, unknown> {
  const { user, ...rest } = value;
  if (typeof user !== "object" || user === null) return value;
  return { ...rest, user: withoutTokens(user as UserRow) };
}
