/** @module A new user of a database connection, with Auth0's defaults. */
import { createHash } from "node:crypto";
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { UserRow } from "../models/user.ts";
import { hashPassword } from "../passwords.ts";

export interface NewUser {
  readonly email: string;
  readonly password: string;
  /** Root attributes and `user_metadata`, checked by the caller. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The user is already there. */
export class UserExistsError extends Error {
  override readonly name = "UserExistsError";
}

/** @throws {UserExistsError} The email has a user on this connection. */
export async function createDatabaseUser(
  tenant: TenantContext,
  connection: ConnectionRow,
  input: NewUser,
): Promise<UserRow> {
  const email = input.email.trim().toLowerCase();
  const passwordHash = await hashPassword(input.password);
  const id = tenant.ids.newHexId();
  const now = new Date(tenant.now() * 1000).toISOString();
  const user: UserRow = {
    name: email,
    nickname: email.split("@")[0] ?? email,
    picture: gravatar(email),
    ...input.more,
    user_id: `auth0|${id}`,
    email,
    email_verified: false,
    identities: [{ connection: connection.name, user_id: id, provider: "auth0", isSocial: false }],
    created_at: now,
    updated_at: now,
    password_hash: passwordHash,
  };
  tenant.store.transaction(() => {
    if (findDatabaseUser(tenant, connection, email) !== undefined)
      throw new UserExistsError("The user already exists.");
    tenant.store.users.put(user.user_id, user);
  });
  return user;
}

/** By email, whatever its case. */
export function findDatabaseUser(
  tenant: TenantContext,
  connection: ConnectionRow,
  email: string,
): UserRow | undefined {
  return tenant.store.users
    .find("email", email.trim().toLowerCase())
    .find(({ identities }) => identities.some((one) => one.connection === connection.name));
}

/** @see [Gravatar's image requests](https://docs.gravatar.com/api/avatars/images/) */
export function gravatar(email: string): string {
  const hash = createHash("md5").update(email.trim().toLowerCase()).digest("hex");
  return `https://s.gravatar.com/avatar/${hash}?s=480&r=pg&d=retro`;
}
