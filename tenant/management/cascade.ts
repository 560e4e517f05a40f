/** @module What goes when a thing goes: no row is left that names it. */
import { forgetLinks } from "../linked-identities.ts";
import type { Store } from "../store.ts";

/** A client, its grants, refresh tokens, and its place at connections. */
export function deleteClient(store: Store, clientId: string): void {
  store.transaction(() => {
    store.clients.delete(clientId);
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
      forgetLinks(
        store,
        user.identities.filter(({ connection }) => connection === name),
      );
      store.users.put(user.user_id, { ...user, identities: left });
    }
  });
}

/** A user with sessions, refresh tokens, codes and connected accounts. */
export function deleteUser(store: Store, userId: string): void {
  store.transaction(() => {
    const user = store.users.get(userId);
    if (user) forgetLinks(store, user.identities);
    store.users.delete(userId);
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

/** An API and the grants for it. Policies of clients that name it stay, as at Auth0: they do nothing. */
export function deleteResourceServer(store: Store, id: string, identifier: string): void {
  store.transaction(() => {
    store.resourceServers.delete(id);
    for (const grant of store.clientGrants.find("audience", identifier)) {
      store.clientGrants.delete(grant.id);
    }
  });
}
