/** @module Sends the browser to the provider of a social connection, for a login or a connect. */
import type { Context } from "hono";
import { generateRandomCodeVerifier } from "oauth4webapi";
import { refuseApp } from "../authentication/authorize-answer.ts";
import { OAuthRefusal } from "../authentication/oauth-refusal.ts";
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import type { LoginTransaction, ProviderTransaction } from "../models/transaction.ts";
import { authorizationUrl, loginScope } from "../upstream/authorization-url.ts";
import { type Provider, ProviderError, readProvider, scopeList } from "../upstream/provider.ts";

/** Seconds that a person has at the provider. */
const providerSeconds = 900;

/** Where every provider sends the browser back to. */
export function callbackUri(tenant: TenantContext): string {
  return `${tenant.settings.issuer}login/callback`;
}

export async function sendToProvider(
  tenant: TenantContext,
  context: Context,
  login: LoginTransaction,
  connection: ConnectionRow,
): Promise<Response> {
  const { request } = login;
  let provider: Provider;
  try {
    provider = readProvider(connection, tenant.settings.providerOrigins);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return refuseApp(
      tenant,
      context,
      request,
      new OAuthRefusal(400, "invalid_request", error.message),
    );
  }
  const scope = loginScope(provider, request.connectionScope);
  const away = newProviderTransaction(tenant, provider, {
    purpose: "login",
    parentId: login.id,
    connectionId: connection.id,
    browserHash: login.browserHash,
    scopes: scopeList(scope),
  });
  const url = await authorizationUrl({
    provider,
    redirectUri: callbackUri(tenant),
    state: away.id,
    scope,
    codeVerifier: away.codeVerifier,
    ownParams: request.params,
  });
  return context.redirect(url, 302);
}

/** The `state` of the provider's request is the tenant's own and opaque; it is good for one return. */
export function newProviderTransaction(
  tenant: TenantContext,
  provider: Provider,
  about: Pick<
    ProviderTransaction,
    "purpose" | "parentId" | "connectionId" | "browserHash" | "scopes"
  >,
): ProviderTransaction {
  const away: ProviderTransaction = {
    ...about,
    id: tenant.ids.newText(43),
    kind: "provider",
    ...(provider.pkce ? { codeVerifier: generateRandomCodeVerifier() } : {}),
  };
  tenant.store.transactions.put(away.id, away, tenant.now() + providerSeconds);
  return away;
}
