/** @module Creates and updates users for the Management API. */
import type { TenantContext } from "../context.ts";
import { linkedDatabaseUser, primaryUser } from "../linked-identities.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { newUser } from "../models/new-user.ts";
import type { UserRow } from "../models/user.ts";
import { isWeakPassword, type PasswordPolicy } from "../password-policy.ts";
import { hashPassword } from "../passwords.ts";
import { inexistent, invalidPayload, ManagementError } from "./management-error.ts";
import type { UserCreate, UserUpdate } from "./user-schema.ts";
import { withoutNulls, withoutUndefined } from "./without.ts";

/** Strategies whose users the tenant itself keeps. */
const ownStrategies: Readonly<Record<string, string>> = {
  auth0: "auth0",
  email: "email",
  sms: "sms",
};

/** Root attributes that a provider sets at each login, so that nobody else may. */
const providerAttributes = [
  ...["email", "email_verified", "phone_number", "phone_verified", "username", "password", "name"],
  ...["nickname", "given_name", "family_name", "picture"],
] as const;

/** Keys of an update that say how to update, and are nothing of the user. */
const instructions = new Set([
  ...["connection", "client_id", "password", "verify_email", "verify_phone_number"],
]);

/** @throws {ManagementError} 400 for a wrong connection or password, 409 for a user that exists. */
export async function createUser(tenant: TenantContext, body: UserCreate): Promise<UserRow> {
  const [connection] = tenant.store.connections.find("name", body.connection);
  const provider = connection && ownStrategies[connection.strategy];
  if (!connection) throw noConnection();
  if (provider === undefined) {
    const message = "The connection must be a database or passwordless connection";
    throw new ManagementError(400, message, "operation_not_supported");
  }
  requireIdentifier(connection.strategy, body);
  if (body.password !== undefined) checkPassword(body.password, connection);
  const password = body.password === undefined ? undefined : await hashPassword(body.password);
  const id = body.user_id || tenant.ids.newHexId();
  const { connection: _, password: _password, verify_email: _verify, user_id: _id, ...rest } = body;
  const profile = withoutUndefined(rest);
  if (body.email !== undefined) profile.email = body.email.toLowerCase();
  const user = newUser({
    userId: `${provider}|${id}`,
    identity: { connection: connection.name, user_id: id, provider, isSocial: false },
    profile,
    now: tenant.now(),
  });
  if (password !== undefined) user.password_hash = password;
  const taken = takenBy(tenant, user, connection.name);
  const { users } = tenant.store;
  if (taken || users.get(user.user_id) || primaryUser(tenant.store, user.user_id)) throw exists();
  // Deleted while the password was being hashed.
  if (!tenant.store.connections.get(connection.id)) throw noConnection();
  tenant.store.users.put(user.user_id, user);
  return user;
}

/**
 * Metadata merges by key, null removes; another attribute is replaced.
 *
 * @throws {ManagementError} 400 for what the connection refuses, 404 for a user that was deleted meanwhile.
 */
export async function updateUser(
  tenant: TenantContext,
  user: UserRow,
  body: UserUpdate,
): Promise<UserRow> {
  const [identity] = user.identities;
  const name = body.connection ?? identity?.connection ?? "";
  const [connection] = tenant.store.connections.find("name", name);
  const own = connection !== undefined && connection.strategy in ownStrategies;
  const refused = own ? undefined : providerAttributes.find((key) => body[key] !== undefined);
  if (refused !== undefined) {
    throw new ManagementError(
      400,
      `The following user attributes cannot be updated: ${refused}. The connection (${name}) should either be a database connection, or have the sync of user profile attributes turned off.`,
      "operation_not_supported",
    );
  }
  if (body.password !== undefined && connection) checkPassword(body.password, connection);
  const password = body.password === undefined ? undefined : await hashPassword(body.password);
  // Read again: the hash took a while, and others may have written since.
  const current = tenant.store.users.get(user.user_id);
  if (current === undefined) throw inexistent.user();
  const next = merged(current, body, tenant.now());
  if (password !== undefined) next.password_hash = password;
  const taken = takenBy(tenant, next, name);
  if (taken) {
    const message = `The specified new ${taken} already exists`;
    throw new ManagementError(400, message, "auth0_idp_error");
  }
  tenant.store.users.put(next.user_id, next);
  return next;
}

function merged(user: UserRow, body: UserUpdate, now: number): UserRow {
  const { user_metadata: userMetadata, app_metadata: appMetadata, ...others } = body;
  const rest = Object.fromEntries(Object.entries(others).filter(([key]) => !instructions.has(key)));
  const next: UserRow = { ...user, ...withoutUndefined(rest) };
  for (const [key, value] of Object.entries(rest)) if (value === null) delete next[key];
  if (body.email !== undefined) next.email = body.email.toLowerCase();
  if (userMetadata) next.user_metadata = withoutNulls({ ...user.user_metadata, ...userMetadata });
  if (appMetadata) next.app_metadata = withoutNulls({ ...user.app_metadata, ...appMetadata });
  next.updated_at = new Date(now * 1000).toISOString();
  return next;
}

function requireIdentifier(strategy: string, body: UserCreate): void {
  if (strategy === "sms") {
    if (body.phone_number === undefined) throw missing("phone_number");
    return;
  }
  if (body.email === undefined) throw missing("email");
  if (strategy === "auth0" && body.password === undefined) throw missing("password");
}

function missing(property: string): ManagementError {
  return invalidPayload(`Missing required property: ${property}`);
}

function checkPassword(password: string, connection: ConnectionRow): void {
  const policy = (connection.options["passwordPolicy"] ?? "none") as PasswordPolicy;
  const complexity = connection.options["password_complexity_options"] as
    | { min_length?: number }
    | null
    | undefined;
  if (!isWeakPassword(password, policy, complexity?.min_length)) return;
  throw new ManagementError(400, "PasswordStrengthError: Password is too weak");
}

/**
 * An e-mail address or username is there once a connection: which of them another user has. The address of a user who
 * was linked to another one stays its own.
 */
function takenBy(tenant: TenantContext, user: UserRow, connection: string): string | undefined {
  return (["email", "username"] as const).find((field) => {
    const value = user[field];
    if (value === undefined) return false;
    if (field === "email" && isLinkedElsewhere(tenant, user, connection, value)) return true;
    const others = tenant.store.users.find(field, value);
    return others.some(
      ({ user_id: id, identities }) =>
        id !== user.user_id && identities.some((identity) => identity.connection === connection),
    );
  });
}

function isLinkedElsewhere(
  { store }: TenantContext,
  user: UserRow,
  connection: string,
  email: string,
): boolean {
  const linked = linkedDatabaseUser(store, connection, email);
  return linked !== undefined && primaryUser(store, linked.user_id)?.user_id !== user.user_id;
}

function noConnection(): ManagementError {
  return new ManagementError(400, "The connection does not exist", "inexistent_connection");
}

function exists(): ManagementError {
  return new ManagementError(409, "The user already exists.", "auth0_idp_error");
}
