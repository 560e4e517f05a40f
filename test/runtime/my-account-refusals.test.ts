/** @module Every error body with which the My Account API, or a token for it, is known to be refused, and the code it earns. */
import { describe, expect, it } from "vitest";
import {
  ALL_SCOPES,
  errorOf,
  exchanges,
  myAccount,
  type Reply,
  tenantServer,
  vaultAt,
} from "./wire-vault.ts";

const redirectUri = "http://127.0.0.1:18484/callback";
const problem = (
  status: number,
  code: string,
  title: string,
  detail: string,
  more = {},
): Reply => ({
  status,
  json: { type: `https://auth0.com/api-errors/${code}`, status, title, detail, ...more },
});

describe("a refused token for the My Account API", () => {
  it.each<[string, Reply, Record<string, unknown>]>([
    [
      "the API does not exist",
      {
        status: 403,
        json: {
          error: "access_denied",
          error_description: "Service not enabled within domain: https://t/me/",
        },
      },
      { code: "MY_ACCOUNT_API_OFF" },
    ],
    [
      "no client grant",
      {
        status: 403,
        json: {
          error: "access_denied",
          error_description:
            'Client is not authorized to access "https://t/me/". You need to create a "client-grant" associated to this API.',
        },
      },
      { code: "MY_ACCOUNT_GRANT_MISSING" },
    ],
    [
      "a wrong secret, as older tenants answer it",
      { status: 403, json: { error: "access_denied", error_description: "Unauthorized" } },
      { code: "CLIENT_AUTH_FAILED", hint: expect.stringContaining("secret") },
    ],
    [
      "an Action that denies the user's every refresh",
      { status: 403, json: { error: "access_denied", error_description: "Not at this hour." } },
      { code: "TENANT_REFUSED", message: expect.stringContaining("Not at this hour.") },
    ],
    [
      "the refresh grant is not the client's",
      {
        status: 403,
        json: {
          error: "unauthorized_client",
          error_description: "Grant type 'refresh_token' not allowed for the client.",
        },
      },
      { code: "GRANT_NOT_ENABLED", message: expect.stringContaining("refresh_token") },
    ],
    [
      "the default policy is not met",
      { status: 403, json: { error: "unmet_authentication_requirements" } },
      { code: "LOGIN_REQUIRED" },
    ],
  ])("%s", async (_, reply, expected) => {
    const tenant = await tenantServer(() => reply);
    expect(await errorOf(vaultAt(tenant).connections())).toMatchObject(expected);
  });

  it.each([
    { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
    { error: "access_denied", error_description: "no" },
  ])(
    "MRRT_POLICY_MISSING when the refresh token is refused for this audience only: %j",
    async (json) => {
      const tenant = await tenantServer(({ form }) =>
        form.has("audience")
          ? { status: 403, json }
          : { json: { access_token: "userinfo-token", expires_in: 60 } },
      );
      expect((await errorOf(vaultAt(tenant).connections())).code).toBe("MRRT_POLICY_MISSING");
    },
  );

  it("LOGIN_REQUIRED when the refresh token is refused for its own audience too", async () => {
    const tenant = await tenantServer(() => ({ status: 403, json: { error: "invalid_grant" } }));
    expect((await errorOf(vaultAt(tenant).connections())).code).toBe("LOGIN_REQUIRED");
  });

  it("MRRT_POLICY_MISSING names the scope that the tenant dropped in silence, before the call", async () => {
    const tenant = await tenantServer(
      myAccount(() => ({ json: {} }), "create:me:connected_accounts"),
    );
    expect(await errorOf(vaultAt(tenant).connections())).toMatchObject({
      code: "MRRT_POLICY_MISSING",
      required: ["read:me:connected_accounts"],
      granted: ["create:me:connected_accounts"],
    });
    expect(tenant.seen.every(({ path }) => path === "/oauth/token")).toBe(true);
  });

  it("a TypeError where the subject is an access token, which can't be traded", async () => {
    const tenant = await tenantServer(exchanges());
    const vault = vaultAt(tenant, { subjectToken: { type: "access_token", value: "at" } });
    await expect(vault.connections()).rejects.toThrow(TypeError);
    expect(tenant.seen).toEqual([]);
  });
});

describe("a refusal by the My Account API", () => {
  it.each<[string, Reply, Record<string, unknown>]>([
    [
      "the API is not activated",
      problem(
        404,
        "A0E-404-0001",
        "Not Found",
        "The requested resource POST /me/v1/connected-accounts/connect was not found",
      ),
      { code: "MY_ACCOUNT_API_OFF" },
    ],
    [
      "an unknown connection",
      problem(404, "A0E-404-0001", "Not Found", "Connection not found"),
      { code: "CONNECTION_OFF", connection: "desk" },
    ],
    [
      "Connected Accounts off on the connection",
      problem(400, "A0E-400-0001", "Bad Request", "Connected Accounts is not enabled for it"),
      { code: "CONNECTION_OFF", connection: "desk" },
    ],
    [
      "a missing scope",
      problem(
        403,
        "A0E-403-0002",
        "Insufficient Scope",
        "Insufficient scope, expected create:me:connected_accounts",
      ),
      {
        code: "MY_ACCOUNT_GRANT_MISSING",
        message: expect.stringContaining("create:me:connected_accounts"),
      },
    ],
    [
      "a payload that is not valid",
      problem(400, "A0E-400-0003", "Validation Error", "Invalid request payload input", {
        validation_errors: [{ detail: "redirect_uri is not allowed" }],
      }),
      {
        code: "TENANT_REFUSED",
        status: 400,
        message: expect.stringMatching(
          /Validation Error.*Invalid request payload input.*redirect_uri is not allowed/,
        ),
        error: "https://auth0.com/api-errors/A0E-400-0003",
      },
    ],
    [
      "a token that is refused twice",
      problem(401, "A0E-401-0003", "Invalid Token", "Invalid token"),
      { code: "LOGIN_REQUIRED" },
    ],
    ...["A0E-401-0001", "A0E-401-0002"].map((code): [string, Reply, Record<string, unknown>] => [
      code,
      problem(401, code, "Unauthorized", "No auth token provided."),
      { code: "LOGIN_REQUIRED", status: 401 },
    ]),
    [
      "a connection that is not found, by its newer number",
      problem(404, "A0E-404-0002", "Resource Not Found", "The connection does not exist"),
      { code: "CONNECTION_OFF" },
    ],
    [
      "a duplicate",
      problem(409, "A0E-409-0003", "Duplicate Resource", "It is there"),
      { code: "TENANT_REFUSED", status: 409 },
    ],
    [
      "a conflict",
      problem(409, "A0E-409-0001", "Conflict", "Configuration issue"),
      { code: "TENANT_REFUSED", status: 409 },
    ],
    [
      "a rate limit",
      {
        ...problem(429, "A0E-429-0003", "Endpoint Rate Limit Exceeded", "slow"),
        headers: { "retry-after": "60" },
      },
      { code: "RATE_LIMITED", retryAfterMs: 60_000 },
    ],
    ["a page of a proxy", { status: 502, text: "<html>" }, { code: "TENANT_REFUSED", status: 502 }],
  ])("on connect: %s", async (_, reply, expected) => {
    const tenant = await tenantServer(
      myAccount(({ path }) =>
        path.endsWith("/connect") ? reply : { json: { accounts: [], connections: [] } },
      ),
    );
    expect(await errorOf(vaultAt(tenant).connect("desk", { redirectUri }))).toMatchObject(expected);
  });

  it("on a list: 404 means that the API is off", async () => {
    const tenant = await tenantServer(
      myAccount(() => problem(404, "A0E-404-0001", "Not Found", "Not Found")),
    );
    expect((await errorOf(vaultAt(tenant).connections())).code).toBe("MY_ACCOUNT_API_OFF");
  });

  it("a 401 leads to one new token and one retry", async () => {
    let refused = 0;
    const tenant = await tenantServer((seen) => {
      if (seen.path === "/oauth/token") {
        return { json: { access_token: `me-${refused}`, expires_in: 86_400, scope: ALL_SCOPES } };
      }
      return refused++ === 0
        ? problem(401, "A0E-401-0003", "Invalid Token", "expired")
        : { json: { accounts: [] } };
    });
    expect(await vaultAt(tenant).connections()).toEqual([]);
    expect(tenant.seen.map(({ path }) => path.split("?")[0])).toEqual([
      "/oauth/token",
      "/me/v1/connected-accounts/accounts",
      "/oauth/token",
      "/me/v1/connected-accounts/accounts",
    ]);
  });
});
