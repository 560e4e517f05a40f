/** @module When a user is asked whether an application may have what it asks for, and what they said. */
import { scopesOf } from "../authentication/scopes.ts";
import { readConsent, writeConsent } from "../consents.ts";
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import type { AuthorizeRequest } from "../models/transaction.ts";

/**
 * Third-party applications always ask. First-party ones ask for an API only, unless the API skips
 * consent for verifiable first-party clients; an app on this machine is not verifiable (that this covers
 * loopback addresses like `localhost`: inferred).
 */
export function needsConsent(
  tenant: TenantContext,
  client: ClientRow,
  request: AuthorizeRequest,
  userId: string,
): boolean {
  const forced = request.prompt.includes("consent");
  if (!forced && !asks(tenant, client, request)) return false;
  if (forced) return true;
  const given = scopesOf(readConsent(tenant, client.client_id, request.audience, userId));
  return !scopesOf(request.scope).every((scope) => given.includes(scope));
}

/** Adds the request's scopes to what the user has allowed before. */
export function saveConsent(
  tenant: TenantContext,
  request: AuthorizeRequest,
  userId: string,
): void {
  const client = tenant.store.clients.get(request.clientId);
  if (client === undefined) return;
  const { client_id: clientId } = client;
  const before = scopesOf(readConsent(tenant, clientId, request.audience, userId));
  const scope = [...new Set([...before, ...scopesOf(request.scope)])].join(" ");
  writeConsent(tenant, clientId, request.audience, userId, scope);
}

function asks(tenant: TenantContext, client: ClientRow, request: AuthorizeRequest): boolean {
  if (!client.is_first_party) return true;
  if (request.audience === undefined) return false;
  const [api] = tenant.store.resourceServers.find("identifier", request.audience);
  const verifiable = !isLoopback(new URL(request.redirectUri).hostname);
  return !(api?.skip_consent_for_verifiable_first_party_clients === true && verifiable);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
