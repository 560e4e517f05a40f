/** @module What users have: connected accounts and refresh tokens; and what goes with a user. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ConnectedAccountRow } from "../../../tenant/models/connected-account.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { database as connection, createUser, userPath } from "./samples.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const create = (body: object = {}) => createUser(tenant, body);

const account = (userId: string, n: number): ConnectedAccountRow => ({
  id: `cac_${String(n).padStart(22, "0")}`,
  user_id: userId,
  connection: "provider",
  connection_id: "con_1",
  strategy: "oauth2",
  idp_user_id: String(n),
  access_type: "offline",
  scopes: ["read:tickets"],
  created_at: "2026-01-01T00:00:00.000Z",
  access_token: "vaulted-access",
  access_token_expires_at: 1,
  refresh_token: "vaulted-refresh",
  token_scope: "read:tickets",
});

// parity: GET /users/{id}/connected-accounts | recordings: TestAccDataSourceUserConnectedAccountsTokenVault
suite("GET /users/{id}/connected-accounts", () => {
  test("lists what the vault has, page by page, and never a token of it", async () => {
    const { user_id: id } = await create();
    for (const n of [1, 2, 3]) {
      tenant.context.store.connectedAccounts.put(account(id, n).id, account(id, n));
    }
    type Page = { connected_accounts: object[]; next?: string };
    const where = `${userPath(id)}/connected-accounts`;
    const first = await tenant.api<Page>("GET", `${where}?take=2`);
    expect(first.body.connected_accounts).toHaveLength(2);
    expect(first.body.connected_accounts[0]).toEqual({
      id: account(id, 1).id,
      connection: "provider",
      connection_id: "con_1",
      strategy: "oauth2",
      access_type: "offline",
      scopes: ["read:tickets"],
      created_at: "2026-01-01T00:00:00.000Z",
    });
    expect(JSON.stringify(first.body)).not.toContain("vaulted");
    const rest = await tenant.api<Page>("GET", `${where}?take=2&from=${first.body.next}`);
    expect(rest.body.connected_accounts).toHaveLength(1);
    expect(rest.body.next).toBeUndefined();
  });

  test("takes the empty cursor that the official provider sends first", async () => {
    const { user_id: id } = await create();
    const where = `${userPath(id)}/connected-accounts?take=50&from=`;
    expect((await tenant.api("GET", where)).body).toEqual({ connected_accounts: [] });
  });
});

suite("refresh tokens", () => {
  const put = (userId: string, id: string, clientId = "client") =>
    tenant.context.store.refreshTokens.put(id, {
      id,
      token_hash: `hash-of-${id}`,
      user_id: userId,
      client_id: clientId,
      session_id: "session",
      audience: "https://api.test/",
      scope: "openid offline_access",
      rotating: false,
      created_at: 1_700_000_000,
      last_exchanged_at: 1_700_000_100,
    });

  // parity: GET /users/{user_id}/refresh-tokens, GET /refresh-tokens, GET /refresh-tokens/{id} | OpenAPI
  test("are listed for a user without their hash", async () => {
    const { user_id: id } = await create();
    put(id, "rt_one");
    const { body } = await tenant.api("GET", `${userPath(id)}/refresh-tokens`);
    expect(body).toEqual({
      tokens: [
        {
          id: "rt_one",
          user_id: id,
          created_at: "2023-11-14T22:13:20.000Z",
          idle_expires_at: null,
          expires_at: null,
          client_id: "client",
          session_id: "session",
          rotating: false,
          resource_servers: [{ audience: "https://api.test/", scopes: "openid offline_access" }],
          last_exchanged_at: "2023-11-14T22:15:00.000Z",
        },
      ],
    });
    const one = await tenant.api("GET", "/refresh-tokens/rt_one");
    expect(one.body).toMatchObject({ id: "rt_one" });
    const listed = `/refresh-tokens?user_id=${encodeURIComponent(id)}&client_id=other`;
    expect((await tenant.api("GET", listed)).body).toEqual({ refresh_tokens: [] });
  });

  // parity: DELETE /users/{user_id}/refresh-tokens, DELETE /refresh-tokens/{id} | OpenAPI
  test("are deleted with 202, one by one or all of a user", async () => {
    const { user_id: id } = await create();
    for (const token of ["rt_a", "rt_b", "rt_c"]) put(id, token);
    expect(await tenant.api("DELETE", "/refresh-tokens/rt_a")).toEqual({ status: 202 });
    expect((await tenant.api("GET", "/refresh-tokens/rt_a")).status).toBe(404);
    expect((await tenant.api("DELETE", `${userPath(id)}/refresh-tokens`)).status).toBe(202);
    expect(tenant.context.store.refreshTokens.find("user_id", id)).toEqual([]);
    expect((await tenant.api("GET", "/users/auth0%7Cnobody/refresh-tokens")).status).toBe(404);
  });

  // parity: POST /refresh-tokens/revoke | OpenAPI
  test("are revoked by ids, or by user and client", async () => {
    const { user_id: id } = await create();
    put(id, "rt_x", "client-x");
    put(id, "rt_y", "client-y");
    const revoke = (body: object) => tenant.api("POST", "/refresh-tokens/revoke", body);
    expect((await revoke({ user_id: id, client_id: "client-x" })).status).toBe(202);
    const left = () => tenant.context.store.refreshTokens.find("user_id", id).map((row) => row.id);
    expect(left()).toEqual(["rt_y"]);
    expect((await revoke({ ids: ["rt_y"] })).status).toBe(202);
    expect(left()).toEqual([]);
    expect((await revoke({})).status).toBe(400);
    expect((await revoke({ ids: ["a"], client_id: "b" })).status).toBe(400);
  });
});

// parity: DELETE /users/{id} | OpenAPI
suite("DELETE /users/{id}", () => {
  test("takes sessions, tokens and connected accounts with the user", async () => {
    const { store } = tenant.context;
    const { user_id: id } = await create();
    store.connectedAccounts.put("cac_del", { ...account(id, 9), id: "cac_del" });
    const session = { id: "s", secret_hash: "h", user_id: id, auth_time: 1, connection };
    store.sessions.put("s", session);
    expect(await tenant.api("DELETE", userPath(id))).toEqual({ status: 204 });
    expect(await tenant.api("DELETE", userPath(id))).toEqual({ status: 204 });
    expect((await tenant.api("GET", userPath(id))).status).toBe(404);
    expect(store.connectedAccounts.get("cac_del")).toBeUndefined();
    expect(store.sessions.get("s")).toBeUndefined();
  });
});
