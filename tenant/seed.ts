/** @module What a new tenant starts with: as Auth0's, without the My Account API. */
import { identifiers } from "./identifiers.ts";
import { managementScopes } from "./management-scopes.ts";
import type { ClientRow } from "./models/client.ts";
import { newClient } from "./models/new-client.ts";
import { newConnection } from "./models/new-connection.ts";
import type { Store } from "./store.ts";

/** The application with which a tenant's owner calls the Management API. */
export interface ManagementClient {
  clientId: string;
  clientSecret: string;
}

/** Auth0's own name for the application that its documentation has owners create. */
const managementClientName = "API Explorer Application";

/**
 * Fills an empty store: the login connection, the Management API, the owner's application and its
 * grant. What was there before stays; an owner's application that was deleted is made anew, as
 * nobody could call the tenant without it.
 *
 * @returns The owner's application.
 */
export function seed(store: Store, domain: string, tenantId: string): ManagementClient {
  return store.transaction(() => {
    const audience = `https://${domain}/api/v2/`;
    if (!store.settings.get("seeded")) {
      seedObjects(store, audience);
      store.settings.put("seeded", { audience });
    }
    const known = store.settings.get("management-client") as { client_id: string } | undefined;
    const client = (known && store.clients.get(known.client_id)) ?? seedClient(store, tenantId);
    const granted = store.clientGrants.find("client_id", client.client_id);
    if (!granted.some((grant) => grant.audience === audience)) seedGrant(store, audience, client);
    return { clientId: client.client_id, clientSecret: client.client_secret };
  });
}

function seedObjects(store: Store, audience: string): void {
  const connection = newConnection({
    name: "Username-Password-Authentication",
    strategy: "auth0",
  });
  const id = identifiers.newHexId();
  store.connections.put(connection.id, connection);
  store.resourceServers.put(id, {
    id,
    name: "Auth0 Management API",
    identifier: audience,
    allow_offline_access: false,
    skip_consent_for_verifiable_first_party_clients: false,
    subject_type_authorization: {
      client: { policy: "require_client_grant" },
      user: { policy: "allow_all" },
    },
    token_lifetime: 86_400,
    token_lifetime_for_web: 7_200,
    signing_alg: "RS256",
    scopes: managementScopes(),
    is_system: true,
  });
}

function seedClient(store: Store, tenantId: string): ClientRow {
  const client = newClient(
    {
      name: managementClientName,
      app_type: "non_interactive",
      oidc_conformant: true,
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["client_credentials"],
    },
    tenantId,
  );
  store.clients.put(client.client_id, client);
  store.settings.put("management-client", { client_id: client.client_id });
  return client;
}

function seedGrant(store: Store, audience: string, client: ClientRow): void {
  const id = identifiers.newId("cgr_");
  store.clientGrants.put(id, {
    id,
    client_id: client.client_id,
    audience,
    scope: managementScopes().map(({ value }) => value),
    subject_type: "client",
  });
}
