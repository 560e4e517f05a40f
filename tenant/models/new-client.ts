/** @module Auth0's defaults on a created client. */
import { identifiers } from "../identifiers.ts";
import type { ClientRefreshToken, ClientRow } from "./client.ts";

/** What a request may say about a client, once it is checked; `name` is required. */
export type ClientInput = { name: string; refresh_token?: Partial<ClientRefreshToken> | null } & {
  [field: string]: unknown;
};

const allGrants = ["authorization_code", "implicit", "refresh_token", "client_credentials"];
const publicGrants = ["authorization_code", "implicit", "refresh_token"];

/** Grant types of a client that named none, by its app_type; any other type gets all four. */
const grantTypes: Readonly<Record<string, string[]>> = {
  native: publicGrants,
  spa: publicGrants,
  resource_server: [],
};

/** The client that Auth0 makes of this input: its values over Auth0's defaults. */
export function newClient(input: ClientInput, tenantId: string): ClientRow {
  const appType = typeof input["app_type"] === "string" ? input["app_type"] : undefined;
  const forApi = appType === "resource_server";
  const jwt = forApi
    ? { secret_encoded: false, alg: "RS256" }
    : { secret_encoded: false, lifetime_in_seconds: 36_000 };
  const { refresh_token: refreshToken, jwt_configuration: jwtInput, ...rest } = input;
  return {
    tenant: tenantId,
    global: false,
    is_token_endpoint_ip_header_trusted: false,
    is_first_party: true,
    oidc_conformant: forApi,
    sso_disabled: false,
    cross_origin_authentication: false,
    custom_login_page_on: true,
    client_id: identifiers.newClientId(),
    client_secret: identifiers.newSecret(),
    grant_types: [...(grantTypes[appType ?? ""] ?? allGrants)],
    ...withoutNulls(rest),
    name: input.name,
    jwt_configuration: { ...jwt, ...(isObject(jwtInput) ? jwtInput : {}) },
    refresh_token: {
      ...refreshTokenDefaults(input["token_endpoint_auth_method"]),
      ...(refreshToken ?? {}),
    },
  };
}

/**
 * Lifetimes in seconds. Recordings show the longer pair when the method was given as
 * client_secret_post; that client_secret_basic counts the same is (inferred).
 */
export function refreshTokenDefaults(authMethod: unknown): ClientRefreshToken {
  const long = authMethod === "client_secret_post" || authMethod === "client_secret_basic";
  return {
    rotation_type: "non-rotating",
    expiration_type: "non-expiring",
    leeway: 0,
    token_lifetime: long ? 31_557_600 : 2_592_000,
    infinite_token_lifetime: true,
    infinite_idle_token_lifetime: true,
    idle_token_lifetime: long ? 2_592_000 : 1_296_000,
  };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
