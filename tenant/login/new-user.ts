/** @module Users of a database connection: made at sign-up, found at sign-in. */
import type { TenantContext } from "../context.ts";
import { linkedDatabaseUser } from "../linked-identities.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { newUser } from "../models/new-user.ts";
import type { UserRow } from "../models/user.ts";
import { hashPassword } from "../passwords.ts";

export interface SignUp {
  readonly email: string;
  readonly password: string;
  /** Root attributes and `user_metadata`, checked by the caller. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** No user is made, for a reason that is nobody's business outside. */
export class SignUpRefusedError extends Error {
  override readonly name = "SignUpRefusedError";
}

/** @throws {SignUpRefusedError} The email has a user on this connection, or the connection was deleted meanwhile. */
export async function createDatabaseUser(
  tenant: TenantContext,
  connection: ConnectionRow,
  input: SignUp,
): Promise<UserRow> {
  const email = input.email.trim().toLowerCase();
  const passwordHash = await hashPassword(input.password);
  const id = tenant.ids.newHexId();
  const user = newUser({
    userId: `auth0|${id}`,
    identity: { connection: connection.name, user_id: id, provider: "auth0", isSocial: false },
    profile: { ...input.more, email },
    now: tenant.now(),
  });
  user.password_hash = passwordHash;
  tenant.store.transaction(() => {
    if (findDatabaseUser(tenant, connection, email) !== undefined) {
      throw new SignUpRefusedError("The user already exists.");
    }
    if (tenant.store.connections.get(connection.id) === undefined) {
      throw new SignUpRefusedError("The connection was deleted.");
    }
    tenant.store.users.put(user.user_id, user);
  });
  return user;
}

/**
 * By email, whatever its case. An identity that was linked to another user is found as the user that it was, with its
 * password.
 */
export function findDatabaseUser(
  tenant: TenantContext,
  connection: ConnectionRow,
  email: string,
): UserRow | undefined {
  const address = email.trim().toLowerCase();
  const linked = linkedDatabaseUser(tenant.store, connection.name, address);
  if (linked !== undefined) return linked;
  return tenant.store.users
    .find("email", address)
    .find(({ identities }) => identities.some((one) => one.connection === connection.name));
}
