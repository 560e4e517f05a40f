/** @module Keeps the provider's tokens of connected accounts fresh: one refresh per account at a time. */
import type { TenantContext } from "../../context.ts";
import type { ConnectedAccountRow } from "../../models/connected-account.ts";
import { type Provider, ProviderError, readProvider } from "../../upstream/provider.ts";
import {
  ProviderRefusal,
  type ProviderTokens,
  refreshTokens,
} from "../../upstream/token-request.ts";
import { OAuthRefusal } from "../oauth-refusal.ts";

export interface ProviderTokenSource {
  /**
   * The account with an access token that lives: the stored one, or a new one from the provider.
   *
   * @throws {OAuthRefusal} 401 federated_connection_refresh_token_flow_failed.
   */
  current(account: ConnectedAccountRow): Promise<ConnectedAccountRow>;
}

/** A token that ends within this many seconds counts as ended (inferred: Auth0's margin is not known). */
const marginSeconds = 5;

/** Seconds that a token is taken to live when the provider doesn't say (inferred). */
export const assumedTokenSeconds = 3_600;

export function providerTokenSource(tenant: TenantContext): ProviderTokenSource {
  const flights = new Map<string, Promise<ConnectedAccountRow>>();
  return {
    async current(account) {
      if (account.access_token_expires_at - marginSeconds > tenant.now()) return account;
      const flying = flights.get(account.id);
      if (flying !== undefined) return flying;
      const flight = refresh(tenant, account).finally(() => flights.delete(account.id));
      flights.set(account.id, flight);
      return flight;
    },
  };
}

async function refresh(
  tenant: TenantContext,
  account: ConnectedAccountRow,
): Promise<ConnectedAccountRow> {
  const tokens = await askProvider(tenant, account);
  const now = tenant.now();
  const kept = tenant.store.connectedAccounts.get(account.id);
  // Disconnected or connected anew while the provider answered: what is there now stays.
  const isSame = kept?.refresh_token === account.refresh_token;
  const refreshed: ConnectedAccountRow = {
    // As it is now: it may be another user's since, who was linked to its own.
    ...(isSame ? kept : account),
    access_token: tokens.accessToken,
    access_token_expires_at: now + (tokens.expiresIn ?? assumedTokenSeconds),
    // A provider that rotates sends a new one; one that doesn't leaves it out, and the old one stays good.
    refresh_token: tokens.refreshToken ?? account.refresh_token,
    ...(tokens.scopes === undefined ? {} : { token_scope: tokens.scopes.join(" ") }),
    ...(tokens.refreshExpiresIn === undefined
      ? {}
      : { expires_at: new Date((now + tokens.refreshExpiresIn) * 1000).toISOString() }),
  };
  if (isSame) tenant.store.connectedAccounts.put(account.id, refreshed);
  return refreshed;
}

async function askProvider(
  tenant: TenantContext,
  account: ConnectedAccountRow,
): Promise<ProviderTokens> {
  try {
    return await refreshTokens(providerOf(tenant, account), account.refresh_token);
  } catch (error) {
    if (!(error instanceof ProviderRefusal) && !(error instanceof ProviderError)) throw error;
    throw new OAuthRefusal(
      401,
      "federated_connection_refresh_token_flow_failed",
      "Refresh Token flow for the Federated Connection failed",
      { detail: `"${account.connection}" refused the refresh: ${error.message}` },
    );
  }
}

function providerOf(tenant: TenantContext, account: ConnectedAccountRow): Provider {
  const connection = tenant.store.connections.get(account.connection_id);
  if (connection === undefined) throw new ProviderError("the connection was deleted");
  return readProvider(connection, tenant.settings.providerOrigins);
}
