/** @module Which connections an application's users can sign in with. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { builtInStrategies } from "../strategies/built-in.ts";

/** The ways to sign in. */
export interface LoginConnections {
  /** Where email and password are checked; absent when no database connection is enabled. */
  readonly database: ConnectionRow | undefined;
  readonly social: readonly ConnectionRow[];
}

/** Strategies that this tenant can sign a user in with. */
export const social: ReadonlySet<string> = new Set(["oauth2", ...builtInStrategies]);
const database = "auth0";

/** Enabled for the client and open to login; a domain connection is enabled for every third-party client. */
export function loginConnections(tenant: TenantContext, client: ClientRow): LoginConnections {
  const enabled = tenant.store.connections
    .all()
    .filter((connection) => isEnabled(connection, client) && connection.authentication.active);
  return {
    database: enabled.find(({ strategy }) => strategy === database),
    social: enabled.filter(({ strategy }) => social.has(strategy)),
  };
}

export function isEnabled(connection: ConnectionRow, client: ClientRow): boolean {
  if (connection.enabled_clients.includes(client.client_id)) return true;
  return connection.is_domain_connection && !client.is_first_party;
}

/** As the providers write their names. */
const providerNames: Readonly<Record<string, string>> = {
  github: "GitHub",
  "google-oauth2": "Google",
};

/** What a button says after "Continue with": the display name, the provider's, or the name with a capital. */
export function connectionLabel(connection: ConnectionRow): string {
  if (connection.display_name !== undefined && connection.display_name !== connection.name) {
    return connection.display_name;
  }
  const known = providerNames[connection.strategy];
  return known ?? connection.name.charAt(0).toUpperCase() + connection.name.slice(1);
}
