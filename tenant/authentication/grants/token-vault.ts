/** @module The Token Vault exchange: an Auth0 token for the user's access token at a provider. */
import type { TenantContext } from "../../context.ts";
import type { ClientRow } from "../../models/client.ts";
import type { ConnectedAccountRow } from "../../models/connected-account.ts";
import { readClaims } from "../access-token.ts";
import { isPublic } from "../client-authentication.ts";
import { missing, OAuthRefusal } from "../oauth-refusal.ts";
import { findRefreshToken, touchRefreshToken } from "../refresh-tokens.ts";
import { scopesOf } from "../scopes.ts";
import type { Grant, GrantAnswer, GrantRequest } from "./grant.ts";
import type { ProviderTokenSource } from "./provider-token-source.ts";
import { refreshTokenUser } from "./refresh-token.ts";

export const tokenVaultGrantType =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

const requestedTokenType = "http://auth0.com/oauth/token-type/federated-connection-access-token";
const refreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/** @param providerTokens Shared by all exchanges, so that two of them never refresh one account at once. */
export function tokenVaultGrant(providerTokens: ProviderTokenSource): Grant {
  return {
    run: (request) => run(request, providerTokens),
    success: "sertft",
    failure: "fertft",
    name: "Token Vault: Auth0 token for a provider's access token",
  };
}

/**
 * Checks run in Auth0's order: the client's fitness, the parameters, the subject token, its user, the user's
 * connected accounts.
 */
async function run(
  request: GrantRequest,
  providerTokens: ProviderTokenSource,
): Promise<GrantAnswer> {
  const { tenant, client, params } = request;
  checkClient(client);
  const connection = required(params, "connection");
  checkRequestedType(required(params, "requested_token_type"));
  // A narrower token is something for Privileged Workers, which this tenant does not have.
  if (params["scope"] !== undefined)
    tenant.droppedFields.count("POST /oauth/token", "scope (Token Vault)");
  const userId = await subjectUser(tenant, client, {
    token: required(params, "subject_token"),
    type: required(params, "subject_token_type"),
  });
  const account = findAccount(tenant, client, {
    userId,
    connection,
    loginHint: params["login_hint"],
  });
  const current = await providerTokens.current(account);
  const scope = current.token_scope;
  return {
    body: {
      access_token: current.access_token,
      ...(scope === "" ? {} : { scope }),
      expires_in: Math.max(0, current.access_token_expires_at - tenant.now()),
      issued_token_type: requestedTokenType,
      token_type: "Bearer",
    },
    log: {
      user_id: userId,
      connection,
      scope: scopesOf(scope).join(" "),
      details: { connected_account: { id: current.id, idp_user_id: current.idp_user_id } },
    },
  };
}

/**
 * Token Vault wants a first-party, OIDC-conformant and confidential client whose refresh tokens don't
 * rotate. Auth0 documents the conditions, not the answer: it is taken from the disabled grant (inferred).
 */
function checkClient(client: ClientRow): void {
  const reasons = [
    client.is_first_party ? "" : "the client is a third-party one (is_first_party)",
    client.oidc_conformant ? "" : "the client is not oidc_conformant",
    isPublic(client) ? "the client is public (token_endpoint_auth_method none)" : "",
    client.refresh_token.rotation_type === "rotating"
      ? "the client's refresh tokens rotate (refresh_token.rotation_type)"
      : "",
  ].filter((reason) => reason !== "");
  if (reasons.length === 0) return;
  const text = `Grant type '${tokenVaultGrantType}' not allowed for the client.`;
  throw new OAuthRefusal(403, "unauthorized_client", text, {
    detail: `Token Vault is closed to it: ${reasons.join(", ")}`,
  });
}

function required(params: GrantRequest["params"], name: string): string {
  const value = params[name];
  if (value === undefined) throw missing(name);
  return value;
}

function checkRequestedType(type: string): void {
  if (type === requestedTokenType) return;
  const text = `Unsupported requested_token_type: ${type}`;
  throw new OAuthRefusal(400, "invalid_request", text, {
    detail: `it must be ${requestedTokenType}`,
  });
}

async function subjectUser(
  tenant: TenantContext,
  client: ClientRow,
  subject: { token: string; type: string },
): Promise<string> {
  if (subject.type === refreshTokenType) {
    const row = findRefreshToken(tenant, client, subject.token);
    const user = refreshTokenUser(tenant, row);
    touchRefreshToken(tenant, client, row);
    return user.user_id;
  }
  if (subject.type === accessTokenType) return accessTokenUser(tenant, client, subject.token);
  const text = `Unsupported subject_token_type: ${subject.type}`;
  const detail = `this local tenant takes ${refreshTokenType} and ${accessTokenType}`;
  throw new OAuthRefusal(400, "invalid_request", text, { detail });
}

/** The caller must be the Custom API Client of the API that the access token is for. */
async function accessTokenUser(
  tenant: TenantContext,
  client: ClientRow,
  token: string,
): Promise<string> {
  const audience = client.resource_server_identifier;
  if (client.app_type !== "resource_server" || audience === undefined) {
    throw invalidSubject(
      "only the client that is linked to an API (app_type resource_server) can exchange access tokens",
    );
  }
  const claims = await tenant.keys.verify(token, { audience }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : "it can't be read";
    throw invalidSubject(`the access token is no valid one for "${audience}": ${reason}`);
  });
  const sub = readClaims(claims)?.sub;
  const user = sub === undefined ? undefined : tenant.store.users.get(sub);
  if (user === undefined) throw invalidSubject("the access token is not a user's");
  if (user.blocked === true) throw new OAuthRefusal(403, "unauthorized", "user is blocked");
  return user.user_id;
}

function invalidSubject(detail: string): OAuthRefusal {
  return new OAuthRefusal(401, "invalid_grant", "Invalid subject token", { detail });
}

/** @throws {OAuthRefusal} 401 with Auth0's code where the vault has nothing for user, connection and hint. */
function findAccount(
  tenant: TenantContext,
  client: ClientRow,
  wanted: { userId: string; connection: string; loginHint: string | undefined },
): ConnectedAccountRow {
  const [connection] = tenant.store.connections.find("name", wanted.connection);
  if (connection === undefined) throw notFound(`there is no connection "${wanted.connection}"`);
  if (!connection.connected_accounts.active) {
    const text = "Token Vault is not enabled for the provided connection";
    throw new OAuthRefusal(400, "invalid_request", text, {
      detail: `connected_accounts.active of "${connection.name}" is false`,
    });
  }
  if (!connection.enabled_clients.includes(client.client_id)) {
    throw notFound(`the connection "${connection.name}" is not enabled for the client`);
  }
  const accounts = tenant.store.connectedAccounts
    .find("user_id", wanted.userId)
    .filter((account) => account.connection_id === connection.id)
    .filter(
      (account) => wanted.loginHint === undefined || account.idp_user_id === wanted.loginHint,
    );
  // The newest, where the user has several and the app names none (inferred).
  const account = accounts.at(-1);
  if (account === undefined) {
    const hinted = wanted.loginHint === undefined ? "" : " with that login_hint";
    throw notFound(`the user has no connected account on "${connection.name}"${hinted}`);
  }
  if (account.refresh_token === "") {
    throw notFound(
      "the provider gave no refresh token when the account was connected: ask it for one (offline_access)",
    );
  }
  return account;
}

function notFound(detail: string): OAuthRefusal {
  return new OAuthRefusal(
    401,
    "federated_connection_refresh_token_not_found",
    "Federated connection Refresh Token not found.",
    { detail },
  );
}
