/** @module Identities that were linked to another user: the user they were is kept until they are unlinked. */
import type { UserIdentity, UserRow } from "./models/user.ts";
import type { Store } from "./store.ts";

/** Attributes of the linked user that Auth0 shows with the identity. */
const profileAttributes = [
  ...["email", "email_verified", "name", "username", "given_name", "family_name"],
  ...["phone_number", "phone_verified", "nickname", "picture"],
];

/** `PROVIDER|ID`, the user that an identity is when it is nobody else's. */
export function ownUserId(identity: Pick<UserIdentity, "provider" | "user_id">): string {
  return `${identity.provider}|${identity.user_id}`;
}

/** The user that an identity was linked to. */
export function primaryUser(store: Store, id: string): UserRow | undefined {
  const primary = store.settings.get(linkId(id))?.["primary"];
  return typeof primary === "string" ? store.users.get(primary) : undefined;
}

/** Makes the secondary user's identities the primary's; the secondary is no user of its own then. */
export function linkUser(store: Store, primary: UserRow, secondary: UserRow): UserRow {
  return store.transaction(() => {
    const profile = Object.fromEntries(
      Object.entries(secondary).filter(([name]) => profileAttributes.includes(name)),
    );
    const [first, ...others] = secondary.identities;
    const added = first ? [{ ...first, profileData: profile }, ...others] : others;
    const linked = { ...primary, identities: [...primary.identities, ...added] };
    store.users.put(primary.user_id, linked);
    store.settings.put(linkId(secondary.user_id), { primary: primary.user_id, user: secondary });
    const address = addressId(secondary);
    if (address) store.settings.put(address, { linked: secondary.user_id });
    // Found by their own ids until now.
    for (const identity of others) {
      const id = ownUserId(identity);
      const link = store.settings.get(linkId(id));
      if (link) store.settings.put(linkId(id), { ...link, primary: primary.user_id });
    }
    for (const account of store.connectedAccounts.find("user_id", secondary.user_id)) {
      store.connectedAccounts.put(account.id, { ...account, user_id: primary.user_id });
    }
    for (const { id } of store.refreshTokens.find("user_id", secondary.user_id)) {
      store.refreshTokens.delete(id);
    }
    for (const { id } of store.sessions.find("user_id", secondary.user_id)) {
      store.sessions.delete(id);
    }
    store.users.delete(secondary.user_id);
    return linked;
  });
}

/** Takes an identity from a user; it is a user of its own again, as it was before. */
export function unlinkUser(store: Store, user: UserRow, identity: UserIdentity): UserRow {
  return store.transaction(() => {
    const left = { ...user, identities: user.identities.filter((each) => each !== identity) };
    store.users.put(user.user_id, left);
    const id = ownUserId(identity);
    const before = store.settings.get(linkId(id))?.["user"] as UserRow | undefined;
    forget(store, id);
    if (before) {
      const { profileData: _, ...own } = identity;
      store.users.put(id, { ...before, identities: [own as UserIdentity] });
    }
    return left;
  });
}

/** Forgets who identities were that go, with their user or with their connection. */
export function forgetLinks(store: Store, identities: readonly UserIdentity[]): void {
  for (const identity of identities) forget(store, ownUserId(identity));
}

/** The user, as it was, who signed in to a database with an address before it was linked to another. */
export function linkedDatabaseUser(
  store: Store,
  connection: string,
  email: string,
): UserRow | undefined {
  const id = store.settings.get(addressKey(connection, email))?.["linked"];
  if (typeof id !== "string") return undefined;
  return store.settings.get(linkId(id))?.["user"] as UserRow | undefined;
}

function forget(store: Store, id: string): void {
  const user = store.settings.get(linkId(id))?.["user"] as UserRow | undefined;
  const address = user && addressId(user);
  if (address) store.settings.delete(address);
  store.settings.delete(linkId(id));
}

function linkId(id: string): string {
  return `linked:${id}`;
}

function addressId({ identities, email }: UserRow): string | undefined {
  const [first] = identities;
  if (first?.provider !== "auth0" || email === undefined) return undefined;
  return addressKey(first.connection, email);
}

function addressKey(connection: string, email: string): string {
  // No id of a user looks like this: one list of links has both.
  return linkId(JSON.stringify([connection, email]));
}
