/** @module Every error body with which the token endpoint is known to refuse an exchange, and the code it earns. */
import { describe, expect, it } from "vitest";
import { NotConnectedError } from "../../runtime/errors.ts";
import { errorOf, type Reply, tenantServer, vaultAt } from "./wire-vault.ts";

const GRANT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

describe("a refused Token Vault exchange", () => {
  it.each<[string, Reply, Record<string, unknown>]>([
    [
      "no vault entry",
      {
        status: 401,
        json: {
          error: "federated_connection_refresh_token_not_found",
          error_description: "Federated connection Refresh Token not found.",
        },
      },
      { code: "NOT_CONNECTED", connection: "desk", granted: [], required: ["read:tickets"] },
    ],
    [
      "the older name of it",
      { status: 401, json: { error: "tokenset_not_found" } },
      { code: "NOT_CONNECTED" },
    ],
    [
      "no identity for the login hint",
      { status: 401, json: {} },
      { code: "NOT_CONNECTED", connection: "desk" },
    ],
    [
      "a provider that refuses the refresh",
      {
        status: 401,
        json: {
          error: "federated_connection_refresh_token_flow_failed",
          error_description: "Refresh Token flow for the Federated Connection failed",
        },
      },
      { code: "PROVIDER_REFUSED", connection: "desk", status: 401 },
    ],
    [
      "wrong client credentials",
      {
        status: 401,
        json: { error: "invalid_client", error_description: "Client authentication failed" },
      },
      { code: "CLIENT_AUTH_FAILED" },
    ],
    [
      "a wrong secret at an older tenant",
      { status: 401, json: { error: "access_denied", error_description: "Unauthorized" } },
      { code: "CLIENT_AUTH_FAILED" },
    ],
    [
      "a dead refresh token",
      {
        status: 403,
        json: { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
      },
      { code: "LOGIN_REQUIRED", status: 403 },
    ],
    [
      "a dead refresh token, status 401",
      { status: 401, json: { error: "invalid_grant" } },
      { code: "LOGIN_REQUIRED" },
    ],
    [
      "an expired token",
      { status: 401, json: { error: "expired_token" } },
      { code: "LOGIN_REQUIRED" },
    ],
    [
      "the grant type is not the client's",
      {
        status: 403,
        json: {
          error: "unauthorized_client",
          error_description: `Grant type '${GRANT}' not allowed for the client.`,
        },
      },
      { code: "GRANT_NOT_ENABLED", message: expect.stringContaining(GRANT) },
    ],
    [
      "a client that may not use the connection",
      {
        status: 403,
        json: { error: "access_denied", error_description: "Connection desk is not authorized" },
      },
      { code: "TENANT_REFUSED", error: "access_denied" },
    ],
    [
      "Token Vault off on the connection",
      {
        status: 400,
        json: {
          error: "invalid_request",
          error_description: "Token Vault is not enabled for the provided connection",
        },
      },
      { code: "CONNECTION_OFF", connection: "desk" },
    ],
    [
      "a missing parameter",
      {
        status: 400,
        json: {
          error: "invalid_request",
          error_description: "Missing required parameter: connection",
        },
      },
      { code: "TENANT_REFUSED", error: "invalid_request", status: 400 },
    ],
    [
      "a grant type that the tenant does not know",
      { status: 400, json: { error: "unsupported_grant_type" } },
      { code: "TENANT_REFUSED", error: "unsupported_grant_type" },
    ],
    [
      "suspicious behaviour",
      { status: 429, json: { error: "too_many_attempts", error_description: "suspicious" } },
      { code: "RATE_LIMITED", error: "too_many_attempts" },
    ],
    [
      "MFA",
      {
        status: 403,
        json: {
          error: "mfa_required",
          error_description: "Multifactor authentication required",
          mfa_token: "secret-mfa",
        },
      },
      { code: "MFA_REQUIRED" },
    ],
    [
      "a rate limit",
      { status: 429, headers: { "retry-after": "60" }, json: { error: "too_many_requests" } },
      { code: "RATE_LIMITED", retryAfterMs: 60_000 },
    ],
    [
      "a server's failure",
      { status: 500, text: "<html>oops" },
      { code: "TENANT_REFUSED", status: 500 },
    ],
    [
      "an answer without a token",
      { status: 200, json: { token_type: "Bearer" } },
      { code: "TENANT_REFUSED", status: 200 },
    ],
    ["JSON that is no object", { status: 200, text: '"at-1"' }, { code: "TENANT_REFUSED" }],
  ])("%s", async (_, reply, expected) => {
    const tenant = await tenantServer(() => reply);
    const vault = vaultAt(tenant, { retry: { attempts: 0 } });
    const error = await errorOf(vault.token("desk", { scopes: ["read:tickets"] }));
    expect(error).toMatchObject(expected);
    expect(error.hint).toMatch(/^[A-Z].*\.$|\?$/);
    const shown = JSON.stringify([error.message, error.hint, { ...error }]);
    expect(shown).not.toMatch(/rt-alice|s3cret|secret-mfa/);
  });

  it("NotConnectedError has the refusal as its cause", async () => {
    const tenant = await tenantServer(() => ({
      status: 401,
      json: { error: "federated_connection_refresh_token_not_found" },
    }));
    const error = await errorOf(vaultAt(tenant).token("desk"));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.cause).toMatchObject({ status: 401 });
  });

  it.each([
    ["1700000060", "the time at which it is over, as Auth0 has it"],
    ["60", "the seconds until then, as other APIs have it"],
  ])("waits by x-ratelimit-reset where Retry-After is missing: %s, %s", async (reset) => {
    const tenant = await tenantServer(() => ({
      status: 429,
      headers: { "x-ratelimit-reset": reset },
      json: {},
    }));
    const now = () => 1_700_000_000_000;
    const error = await errorOf(vaultAt(tenant, { now }).token("desk"));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 60_000 });
    expect(tenant.seen).toHaveLength(1);
  });
});
