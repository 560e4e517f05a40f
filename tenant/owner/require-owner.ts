/** @module The tenant's owner: whoever calls with a token of the tenant's own Management application. */
import type { TenantContext } from "../context.ts";
import { authorize } from "../management/authorize.ts";
import { ManagementError } from "../management/management-error.ts";
import type { ManagementClient } from "../seed.ts";

/**
 * Checks that the Authorization header has a Management API token of the owner's application (the one in
 * `DIR/management-client.json`). Tokens of other applications may do what their grant says, and nothing here.
 *
 * @throws {ManagementError} 401, or 403 for another application.
 */
export async function requireOwner(
  tenant: TenantContext,
  authorization: string | undefined,
): Promise<void> {
  const { claims } = await authorize(tenant, authorization);
  const owner = ownerClientId(tenant);
  if (owner !== undefined && claims["azp"] === owner) return;
  throw new ManagementError(
    403,
    "Only the tenant's own Management application (management-client.json) may do this",
    "access_denied",
  );
}

/** What `DIR/management-client.json` is about. */
export function ownerClient(tenant: TenantContext): ManagementClient {
  const clientId = ownerClientId(tenant) ?? "";
  return { clientId, clientSecret: tenant.store.clients.get(clientId)?.client_secret ?? "" };
}

/** The client_id in `DIR/management-client.json`. */
export function ownerClientId(tenant: TenantContext): string | undefined {
  const kept = tenant.store.settings.get("management-client");
  return typeof kept?.["client_id"] === "string" ? kept["client_id"] : undefined;
}
