/** @module Rules about a client that span several of its fields. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import { invalidBody, invalidPayload } from "./management-error.ts";

const vaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/** Clients of these types can't keep a secret. */
const publicTypes = new Set(["native", "spa"]);

/** Entries of `client_metadata` that a client may have. */
const maxMetadata = 10;

/**
 * Checks what a client would be after the request.
 *
 * @throws {ManagementError} 400 invalid_body; except for the metadata limit the texts are (inferred).
 */
export function checkClient(tenant: TenantContext, client: ClientRow): void {
  checkVaultGrant(client);
  checkRefreshToken(tenant, client);
  checkResourceServer(tenant, client);
  const metadata = Object.keys(client.client_metadata ?? {}).length;
  if (metadata > maxMetadata) {
    const reason = `Too many properties defined (${metadata}), maximum ${maxMetadata}`;
    throw invalidPayload(reason, "client_metadata");
  }
}

/** Whether the client has no way to authenticate itself at the token endpoint. */
function isPublic(client: ClientRow): boolean {
  if (client.client_authentication_methods) return false;
  const method = client.token_endpoint_auth_method;
  if (method !== undefined && method !== null) return method === "none";
  return publicTypes.has(client.app_type ?? "");
}

/** Auth0's conditions for Token Vault: first-party, OIDC-conformant, confidential. */
function checkVaultGrant(client: ClientRow): void {
  if (!client.grant_types.includes(vaultGrant)) return;
  const missing = [
    client.is_first_party ? "" : "is_first_party",
    client.oidc_conformant ? "" : "oidc_conformant",
    isPublic(client) ? "a token_endpoint_auth_method other than none" : "",
  ].filter(Boolean);
  if (missing.length === 0) return;
  throw invalidBody(
    `The grant type ${vaultGrant} needs a first-party, OIDC-conformant and confidential client; missing: ${missing.join(", ")}`,
  );
}

function checkRefreshToken(tenant: TenantContext, client: ClientRow): void {
  const { refresh_token: settings } = client;
  if (settings.rotation_type === "rotating" && settings.expiration_type !== "expiring") {
    throw invalidBody("refresh_token.expiration_type must be expiring when rotation is on");
  }
  const finite = !settings.infinite_token_lifetime && !settings.infinite_idle_token_lifetime;
  if (finite && settings.idle_token_lifetime > settings.token_lifetime) {
    throw invalidBody("refresh_token.idle_token_lifetime must not exceed token_lifetime");
  }
  const policies = settings.policies ?? [];
  if (policies.length === 0) return;
  if (!client.is_first_party) {
    throw invalidBody("refresh_token.policies are for first-party clients only");
  }
  const audiences = policies.map(({ audience }) => audience);
  if (audiences.includes(`${tenant.settings.issuer}api/v2/`)) {
    throw invalidBody("refresh_token.policies can't name the Auth0 Management API");
  }
  const twice = audiences.find((audience, index) => audiences.indexOf(audience) !== index);
  if (twice !== undefined) {
    throw invalidBody(`refresh_token.policies name the audience ${twice} more than once`);
  }
}

function checkResourceServer(tenant: TenantContext, client: ClientRow): void {
  const identifier = client.resource_server_identifier;
  if (identifier === undefined) return;
  if (client.app_type !== "resource_server") {
    throw invalidBody("resource_server_identifier is only for app_type resource_server");
  }
  if (tenant.store.resourceServers.find("identifier", identifier).length === 0) {
    throw invalidBody(`There is no resource server with the identifier ${identifier}`);
  }
}
