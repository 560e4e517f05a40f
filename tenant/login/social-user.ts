/** @module The user behind a social login: made at the first, brought up to date at the later ones. */
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { UserIdentity, UserRow } from "../models/user.ts";
import type { ProviderTokens } from "../upstream/token-request.ts";
import { gravatar } from "./new-user.ts";
import { ProviderLoginError, type ProviderProfile } from "./provider-login.ts";

/** Profile keys that become facts of the user itself. */
const rootAttributes = [
  "name",
  "given_name",
  "family_name",
  "nickname",
  "picture",
  "email",
  "email_verified",
] as const;

/** Profile keys that a script can't set: the tenant's own. */
const reserved = new Set([
  "identities",
  "created_at",
  "updated_at",
  "last_login",
  "last_ip",
  "logins_count",
  "blocked",
  "app_metadata",
  "user_metadata",
  "password_hash",
  "__proto__",
]);

/**
 * Writes the user `oauth2|CONNECTION|ID`. The connection's `set_user_root_attributes` decides whether root
 * attributes follow the provider at each login, stay as of the first, or are never set; the last also
 * keeps a user from being made, so that an unknown one is refused.
 *
 * @throws {ProviderLoginError} `access_denied`: unknown, and none is made.
 */
export function saveSocialUser(
  tenant: TenantContext,
  connection: ConnectionRow,
  profile: ProviderProfile,
  tokens: ProviderTokens,
): UserRow {
  const userId = `oauth2|${connection.name}|${profile.userId}`;
  const mode = connection.options.set_user_root_attributes ?? "on_each_login";
  const now = new Date(tenant.now() * 1000).toISOString();
  const known = tenant.store.users.get(userId);
  if (known === undefined && mode === "never_on_login") {
    const text = `the user does not exist, and "${connection.name}" makes none at login`;
    throw new ProviderLoginError("access_denied", text);
  }
  const attributes = keptAttributes(connection, profile);
  const update = known === undefined || mode === "on_each_login" ? attributes : {};
  const user: UserRow = {
    ...(known ?? withDefaults(profile, attributes)),
    ...update,
    user_id: userId,
    identities: [identity(connection, profile, tokens), ...(known?.identities ?? []).slice(1)],
    created_at: known?.created_at ?? now,
    updated_at: now,
    last_login: now,
    last_ip: "127.0.0.1",
    logins_count: (known?.logins_count ?? 0) + 1,
  };
  tenant.store.users.put(userId, user);
  return user;
}

/** The provider's tokens stay with the identity; the Management API decides who may read them. */
function identity(
  connection: ConnectionRow,
  profile: ProviderProfile,
  tokens: ProviderTokens,
): UserIdentity {
  return {
    provider: "oauth2",
    user_id: `${connection.name}|${profile.userId}`,
    connection: connection.name,
    isSocial: true,
    access_token: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
  };
}

function keptAttributes(
  connection: ConnectionRow,
  profile: ProviderProfile,
): Record<string, unknown> {
  const dropped = new Set(connection.options.non_persistent_attrs ?? []);
  return Object.fromEntries(
    Object.entries(profile.attributes).filter(
      ([name, value]) => value !== null && !dropped.has(name) && !reserved.has(name),
    ),
  );
}

/** What Auth0 fills in where the provider says nothing. */
function withDefaults(
  profile: ProviderProfile,
  attributes: Record<string, unknown>,
): Record<string, unknown> & Pick<UserRow, "identities"> {
  const text = Object.fromEntries(
    rootAttributes.map((name) => [
      name,
      typeof attributes[name] === "string" ? attributes[name] : "",
    ]),
  );
  const name = text["name"] || text["email"] || profile.userId;
  return {
    identities: [],
    name,
    nickname: (text["email"] || name).split("@")[0] ?? name,
    picture: gravatar(text["email"] || profile.userId),
  };
}
