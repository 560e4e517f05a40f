/** @module Clients, connections and users as the tests of the Management API make them. */
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import type { UserRow } from "../../../tenant/models/user.ts";
import type { TestTenant } from "../open-test-tenant.ts";

const vaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

export const database = "Username-Password-Authentication";
export const password = "Correct-Horse-9";

/** The API's answer to a body that it does not take. */
export const refusal = (message: string) => ({
  status: 400,
  body: { statusCode: 400, error: "Bad Request", message, errorCode: "invalid_body" },
});

export async function createClient(tenant: TestTenant, body: object): Promise<ClientRow> {
  return (await tenant.api<ClientRow>("POST", "/clients", body)).body;
}

/** What Token Vault asks of a client, as the official provider sends it. */
export const vaultClient = ({ context }: TestTenant) => ({
  name: "Token Vault agent",
  app_type: "regular_web",
  is_first_party: true,
  oidc_conformant: true,
  token_endpoint_auth_method: "client_secret_post",
  grant_types: ["authorization_code", "refresh_token", vaultGrant],
  jwt_configuration: { alg: "RS256" },
  refresh_token: {
    rotation_type: "non-rotating",
    expiration_type: "non-expiring",
    policies: [
      { audience: `${context.settings.issuer}me/`, scope: ["read:me:connected_accounts"] },
    ],
  },
});

let made = 0;

/** A name that no connection has yet. */
export const newName = () => `helpdesk-${++made}`;

export async function createConnection(
  tenant: TestTenant,
  body: object = {},
): Promise<ConnectionRow> {
  const whole = { name: newName(), strategy: "oauth2", ...body };
  return (await tenant.api<ConnectionRow>("POST", "/connections", whole)).body;
}

export const getConnection = (tenant: TestTenant, id: string, query = "") =>
  tenant.api<ConnectionRow>("GET", `/connections/${id}${query}`);

/** Options of a custom connection, as the official provider sends them. */
export const connectionOptions = () => ({
  client_id: "auth0-custom-oauth2",
  client_secret: "a-secret-at-the-provider",
  strategy_version: 2,
  authorizationURL: "http://localhost:3001/authorize",
  tokenURL: "http://localhost:3001/token",
  pkce_enabled: true,
  set_user_root_attributes: "on_each_login",
  scripts: { fetchUserProfile: "function (t, c, cb) { this is no JavaScript" },
  upstream_params: { screen_name: { alias: "login_hint" } },
  scope: ["email", "openid", "profile"],
});

export async function createUser(tenant: TestTenant, body: object = {}): Promise<UserRow> {
  const email = `user-${++made}@example.test`;
  const whole = { connection: database, email, password, ...body };
  return (await tenant.api<UserRow>("POST", "/users", whole)).body;
}

export const userPath = (id: string) => `/users/${encodeURIComponent(id)}`;
