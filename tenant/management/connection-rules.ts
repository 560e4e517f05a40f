/** @module Rules about a connection that span several of its fields, or several connections. */
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { invalidBody, ManagementError } from "./management-error.ts";

/** Strategies that give no token for a provider's API, so nothing for Token Vault (inferred). */
const withoutTokens = new Set([
  "auth0",
  "email",
  "sms",
  "ad",
  "adfs",
  "samlp",
  "pingfederate",
  "ip",
]);

/** @throws {ManagementError} 400 or 409; the texts but the one on names are (inferred). */
export function checkConnection(tenant: TenantContext, connection: ConnectionRow): void {
  if (connection.connected_accounts.active && withoutTokens.has(connection.strategy)) {
    throw new ManagementError(
      400,
      "connected_accounts is not supported for this connection.",
      "operation_not_supported",
    );
  }
  const others = tenant.store.connections.all().filter(({ id }) => id !== connection.id);
  if (others.some(({ name }) => name === connection.name)) {
    throw new ManagementError(409, "A connection with the same name already exists", "conflict");
  }
  const taken = new Set(others.flatMap(({ realms }) => realms));
  const clash = connection.realms.find((realm) => taken.has(realm));
  if (clash !== undefined) {
    const message = `The realm ${clash} has already been used for another connection`;
    throw new ManagementError(409, message, "conflict");
  }
  const unknown = connection.enabled_clients.find((id) => !tenant.store.clients.get(id));
  if (unknown !== undefined) throw invalidBody(`enabled_clients: no client has the id ${unknown}`);
}
