/** @module What goes when a thing goes: no row is left that names it. */
import { forgetConsents } from "../consents.ts";
import { forgetLinks, ownUserId } from "../linked-identities.ts";
import type { UserIdentity } from "../models/user.ts";
import type { Store } from "../store.ts";

/** A client, its grants, refresh tokens, its place at connections, and what users have allowed it (inferred). */
export function deleteClient(store: Store, clientId: string): void {
  store.transaction(() => {
    store.clients.delete(clientId);
    forgetConsents(store, "client_id", clientId);
    for (const { id } of store.clientGrants.find("client_id", clientId)) {
      store.clientGrants.delete(id);
    }
    for (const { id } of store.refreshTokens.find("client_id", clientId)) {
      store.refreshTokens.delete(id);
    }
    for (const connection of store.connections.all()) {
      if (!connection.enabled_clients.includes(clientId)) continue;
      const left = connection.enabled_clients.filter((id) => id !== clientId);
      store.connections.put(connection.id, { ...connection, enabled_clients: left });
    }
  });
}

/** A connection, its connected accounts, its identities with their links, and users that have no other identity. */
export function deleteConnection(store: Store, id: string, name: string): void {
  store.transaction(() => {
    store.connections.delete(id);
    for (const account of store.connectedAccounts.find("connection_id", id)) {
      store.connectedAccounts.delete(account.id);
    }
    for (const user of store.users.all()) {
      const left = user.identities.filter(({ connection }) => connection !== name);
      if (left.length === user.identities.length) continue;
      if (left.length === 0) {
        deleteUser(store, user.user_id);
        continue;
      }
      // A later connection of the same name has none of these people.
      forgetIdentities(
        store,
        user.user_id,
        user.identities.filter(({ connection }) => connection === name),
      );
      store.users.put(user.user_id, { ...user, identities: left });
    }
  });
}

/** A user with sessions, refresh tokens, codes, connected accounts, and what it has allowed (inferred). */
export function deleteUser(store: Store, userId: string): void {
  store.transaction(() => {
    const user = store.users.get(userId);
    if (user) forgetIdentities(store, userId, user.identities);
    store.users.delete(userId);
    forgetConsents(store, "user_id", userId);
    for (const { id } of store.connectedAccounts.find("user_id", userId)) {
      store.connectedAccounts.delete(id);
    }
    for (const { id } of store.refreshTokens.find("user_id", userId)) {
      store.refreshTokens.delete(id);
    }
    for (const { id } of store.sessions.find("user_id", userId)) store.sessions.delete(id);
    for (const { code_hash: hash } of store.codes.find("user_id", userId)) store.codes.delete(hash);
  });
}

/**
 * Who identities of a user were before they were linked to it, and what these had allowed: a link keeps that for an
 * unlink. The user itself may have its id from one of them, and stay without it.
 */
function forgetIdentities(store: Store, userId: string, identities: readonly UserIdentity[]): void {
  forgetLinks(store, identities);
  for (const id of identities.map(ownUserId)) {
    if (id !== userId) forgetConsents(store, "user_id", id);
  }
}

/**
 * An API, the grants for it, and what users have allowed applications about it (inferred). Policies of clients that
 * name it stay, as at Auth0: they do nothing.
 */
export function deleteResourceServer(store: Store, id: string, identifier: string): void {
  store.transaction(() => {
    store.resourceServers.delete(id);
    forgetConsents(store, "audience", identifier);
    for (const grant of store.clientGrants.find("audience", identifier)) {
      store.clientGrants.delete(grant.id);
    }
  });
}
