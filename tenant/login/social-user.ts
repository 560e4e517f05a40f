/** @module The user behind a social login: made at the first, brought up to date at the later ones. */
import type { TenantContext } from "../context.ts";
import { ownUserId, primaryUser } from "../linked-identities.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { newUser } from "../models/new-user.ts";
import type { UserIdentity, UserRow } from "../models/user.ts";
import type { ProviderTokens } from "../upstream/token-request.ts";
import { ProviderLoginError, type ProviderProfile } from "./provider-login.ts";

const textAttributes = new Set([
  "name",
  "given_name",
  "family_name",
  "nickname",
  "picture",
  "email",
]);

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
 * Writes the user of the connection. Its `set_user_root_attributes` decides whether root
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
  const own = socialUserId(connection, profile.userId);
  const primary = primaryUser(tenant.store, own);
  const mode = connection.options.set_user_root_attributes ?? "on_each_login";
  const known = primary ?? tenant.store.users.get(own);
  const userId = known?.user_id ?? own;
  if (known === undefined && mode === "never_on_login") {
    const text = `the user does not exist, and "${connection.name}" makes none at login`;
    throw new ProviderLoginError("access_denied", text);
  }
  const attributes = keptAttributes(connection, profile);
  const fresh = newUser({
    userId,
    identity: identity(connection, profile, tokens),
    profile: { ...nameless(profile, attributes), ...attributes },
    now: tenant.now(),
  });
  const user: UserRow = {
    ...fresh,
    ...known,
    // Root attributes are those of the user's first identity.
    ...(mode === "on_each_login" && primary === undefined ? attributes : {}),
    identities: renewed(known?.identities ?? [], fresh.identities),
    updated_at: fresh.updated_at,
    last_login: fresh.updated_at,
    last_ip: "127.0.0.1",
    logins_count: (known?.logins_count ?? 0) + 1,
  };
  tenant.store.users.put(userId, user);
  return user;
}

/** The login's identity in its old place, or as the only one. */
function renewed(known: UserIdentity[], fresh: UserIdentity[]): UserIdentity[] {
  if (known.length === 0) return fresh;
  return known.map((old) => {
    const again = fresh.find((each) => ownUserId(each) === ownUserId(old));
    const { profileData } = old;
    return again ? { ...again, ...(profileData === undefined ? {} : { profileData }) } : old;
  });
}

/** `oauth2|CONNECTION|ID` for a custom connection, `STRATEGY|ID` for a built-in one. */
function socialUserId({ strategy, name }: ConnectionRow, id: string): string {
  return strategy === "oauth2" ? `oauth2|${name}|${id}` : `${strategy}|${id}`;
}

/** A user without name and email is called by the provider's id. */
function nameless(
  profile: ProviderProfile,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (attributes["email"] !== undefined) return {};
  return { name: profile.userId, nickname: profile.userId };
}

/** The provider's tokens stay with the identity; the Management API decides who may read them. */
function identity(
  connection: ConnectionRow,
  profile: ProviderProfile,
  tokens: ProviderTokens,
): UserIdentity {
  return {
    provider: connection.strategy,
    user_id: socialUserId(connection, profile.userId).slice(connection.strategy.length + 1),
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
      ([name, value]) => isKept(name, value) && !dropped.has(name) && !reserved.has(name),
    ),
  );
}

/** Root attributes have a type; a script that gives another one gives nothing. */
function isKept(name: string, value: unknown): boolean {
  if (name === "email_verified") return typeof value === "boolean";
  if (textAttributes.has(name)) return typeof value === "string" && value !== "";
  return value !== null && value !== undefined;
}
