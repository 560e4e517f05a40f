/** @module Users of the Management API, their connected accounts and refresh tokens. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ConnectedAccountRow } from "../../../tenant/models/connected-account.ts";
import type { UserRow } from "../../../tenant/models/user.ts";
import { checkPassword } from "../../../tenant/passwords.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

const connection = "Username-Password-Authentication";
const password = "Correct-Horse-9";
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

let made = 0;
const create = async (body: object = {}) => {
  const whole = { connection, email: `user-${++made}@example.test`, password, ...body };
  return (await tenant.api<UserRow>("POST", "/users", whole)).body;
};
const path = (id: string) => `/users/${encodeURIComponent(id)}`;
const patch = (id: string, body: object) => tenant.api<UserRow>("PATCH", path(id), body);

const withScopes = async (
  scopes: string[],
  method: string,
  where: string,
  body?: object,
  sub?: string,
) =>
  tenant.fetch(`https://localhost:4443/api/v2${where}`, {
    method,
    headers: {
      authorization: `Bearer ${await tenant.token(scopes, sub ? { sub } : {})}`,
      "content-type": "application/json",
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

// parity: POST /users | recordings: TestAccUser; OpenAPI
suite("POST /users", () => {
  test("fills in name, nickname and picture from the e-mail address", async () => {
    const body = { connection, email: "Jane.Doe@example.test", password };
    const answer = await tenant.api<UserRow>("POST", "/users", body);
    expect(answer).toEqual({
      status: 201,
      body: {
        user_id: expect.stringMatching(/^auth0\|[0-9a-f]{24}$/),
        email: "jane.doe@example.test",
        email_verified: false,
        name: "jane.doe@example.test",
        nickname: "jane.doe",
        picture: expect.stringMatching(/^https:\/\/s\.gravatar\.com\/avatar\/[0-9a-f]{32}\?/),
        identities: [
          {
            connection,
            user_id: answer.body.user_id.slice("auth0|".length),
            provider: "auth0",
            isSocial: false,
          },
        ],
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updated_at: answer.body.created_at,
      },
    });
  });

  test("keeps the password as a hash only", async () => {
    const { user_id: id } = await create();
    const kept = tenant.context.store.users.get(id);
    expect(JSON.stringify(kept)).not.toContain(password);
    expect(await checkPassword(password, kept?.password_hash)).toBe(true);
    expect(await checkPassword(`${password}x`, kept?.password_hash)).toBe(false);
    expect(await checkPassword("", undefined)).toBe(false);
  });

  test("takes an id of the caller's", async () => {
    expect((await create({ user_id: "custom-1" })).user_id).toBe("auth0|custom-1");
  });

  test("refuses an address that is taken on the connection with 409, whatever its case", async () => {
    const { email = "" } = await create();
    const body = { connection, email: email.toUpperCase(), password };
    expect(await tenant.api("POST", "/users", body)).toMatchObject({
      status: 409,
      body: { message: "The user already exists." },
    });
  });

  test("makes only one of two users with one address that come at once", async () => {
    const body = { connection, email: "race@example.test", password };
    const answers = await Promise.all([1, 2].map(() => tenant.api("POST", "/users", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test.each(["short1A", "alllowercase", "ALLUPPER123"])(
    'refuses the weak password "%s"',
    async (weak) => {
      const body = { connection, email: "weak@example.test", password: weak };
      expect(await tenant.api("POST", "/users", body)).toMatchObject({
        status: 400,
        body: { message: "PasswordStrengthError: Password is too weak" },
      });
    },
  );

  test.each([
    ["no e-mail address", { email: undefined }],
    ["no password", { password: undefined }],
    ["no connection", { connection: undefined }],
    ["an unknown connection", { connection: "nowhere" }],
    ["an address that is none", { email: "nobody" }],
    ["an unknown key", { extra: 1 }],
    ["a user id with a blank", { user_id: "a b" }],
  ])("refuses %s with 400", async (_what, change) => {
    const body = { connection, email: "refused@example.test", password, ...change };
    expect((await tenant.api("POST", "/users", body)).status).toBe(400);
  });

  test("refuses a connection whose users live elsewhere", async () => {
    await tenant.api("POST", "/connections", { name: "provider", strategy: "oauth2" });
    const body = { connection: "provider", email: "x@example.test", password };
    expect((await tenant.api("POST", "/users", body)).status).toBe(400);
  });
});

// parity: GET /users | OpenAPI; recordings: TestAccDataSourceUser
suite("GET /users", () => {
  // parity: GET /users/{id} | recordings: TestAccDataSourceUser
  test("finds a user by an encoded id and answers 404 for another", async () => {
    const { user_id: id } = await create();
    expect((await tenant.api<UserRow>("GET", path(id))).body.user_id).toBe(id);
    expect(await tenant.api("GET", "/users/auth0%7Cnobody")).toEqual({
      status: 404,
      body: {
        statusCode: 404,
        error: "Not Found",
        message: "The user does not exist.",
        errorCode: "inexistent_user",
      },
    });
  });

  test("searches by field, by nested field, with wildcards, NOT, AND and OR", async () => {
    const { user_id: id } = await create({
      email: "zoe@search.test",
      app_metadata: { plan: "pro" },
    });
    const { user_id: other } = await create({ email: "yan@search.test" });
    const search = async (q: string) => {
      const query = `q=${encodeURIComponent(q)}&search_engine=v3&per_page=100`;
      const { body } = await tenant.api<UserRow[]>("GET", `/users?${query}`);
      return body.map((user) => user.user_id);
    };
    expect(await search('email:"zoe@search.test"')).toEqual([id]);
    expect(await search("email:*@search.test")).toEqual([id, other]);
    expect(await search("app_metadata.plan:pro")).toEqual([id]);
    expect(await search("email:*@search.test AND NOT app_metadata.plan:pro")).toEqual([other]);
    expect(await search(`user_id:"${id}" OR user_id:"${other}"`)).toEqual([id, other]);
    expect(await search(`identities.connection:"${connection}"`)).toContain(id);
    expect(await search("_exists_:app_metadata.plan")).toEqual([id]);
  });

  test("refuses a search that it can't read rather than answering wrongly", async () => {
    const q = encodeURIComponent("created_at:[2020 TO 2021]");
    const answer = await tenant.api("GET", `/users?q=${q}`);
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "invalid_query_string" } });
  });

  test("answers totals with the length of the page", async () => {
    const { body } = await tenant.api("GET", "/users?per_page=1&include_totals=true");
    expect(body).toMatchObject({ start: 0, limit: 1, length: 1 });
  });

  // parity: GET /users-by-email | OpenAPI
  test("finds users by e-mail address", async () => {
    const { user_id: id, email = "" } = await create();
    const { body } = await tenant.api<UserRow[]>(
      "GET",
      `/users-by-email?email=${encodeURIComponent(email.toUpperCase())}`,
    );
    expect(body.map((user) => user.user_id)).toEqual([id]);
  });

  test("sorts by a field, both ways", async () => {
    const names = async (direction: string) => {
      const query = `q=email:*@search.test&sort=email:${direction}`;
      const { body } = await tenant.api<UserRow[]>("GET", `/users?${query}`);
      return body.map(({ email }) => email);
    };
    expect(await names("1")).toEqual(["yan@search.test", "zoe@search.test"]);
    expect(await names("-1")).toEqual(["zoe@search.test", "yan@search.test"]);
  });

  // parity: GET /users/{id} | (inferred)
  test("shows a provider's tokens only to a token that may read them (inferred)", async () => {
    const { user_id: id } = await create();
    const user = tenant.context.store.users.get(id);
    const [identity] = user?.identities ?? [];
    if (!user || !identity) throw new Error("the user has no identity");
    const secret = {
      ...identity,
      access_token: "upstream-token",
      refresh_token: "upstream-refresh",
    };
    tenant.context.store.users.put(id, { ...user, identities: [secret] });
    const without = await withScopes(["read:users"], "GET", path(id));
    expect(await without.text()).not.toContain("upstream");
    const reader = await withScopes(["read:users", "read:user_idp_tokens"], "GET", path(id));
    expect(await reader.text()).toContain("upstream-token");
  });
});

// parity: PATCH /users/{id} | recordings: TestAccUser; OpenAPI
suite("PATCH /users/{id}", () => {
  test("merges metadata by key and removes a key with null", async () => {
    const { user_id: id } = await create({ user_metadata: { a: 1, b: 2 } });
    const { body } = await patch(id, { user_metadata: { a: null, c: 3 }, name: "New" });
    expect(body).toMatchObject({ user_metadata: { b: 2, c: 3 }, name: "New" });
  });

  test("changes the password", async () => {
    const { user_id: id } = await create();
    expect((await patch(id, { password: "weak", connection })).status).toBe(400);
    await patch(id, { password: "Another-Horse-8", connection });
    const kept = tenant.context.store.users.get(id);
    expect(await checkPassword("Another-Horse-8", kept?.password_hash)).toBe(true);
  });

  test("refuses root attributes of a user who lives at a provider", async () => {
    const times = {
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    };
    const identity = {
      connection: "provider",
      user_id: "provider|1",
      provider: "oauth2",
      isSocial: true,
    };
    const user = { user_id: "oauth2|provider|1", identities: [identity], ...times };
    tenant.context.store.users.put(user.user_id, user);
    expect((await patch(user.user_id, { name: "Other" })).status).toBe(400);
    expect((await patch(user.user_id, { app_metadata: { a: 1 } })).status).toBe(200);
  });

  test("refuses an address that another user has", async () => {
    const [{ user_id: id }, { email }] = [await create(), await create()];
    expect(await patch(id, { email })).toMatchObject({
      status: 400,
      body: { message: "The specified new email already exists" },
    });
  });

  test("lets a user's own token change its metadata and nothing else, and of nobody else", async () => {
    const [{ user_id: id }, { user_id: other }] = [await create(), await create()];
    const own = ["update:current_user_metadata"];
    const change = { user_metadata: { theme: "dark" } };
    expect((await withScopes(own, "PATCH", path(id), change, id)).status).toBe(200);
    expect((await withScopes(own, "PATCH", path(id), { blocked: false }, id)).status).toBe(403);
    expect((await withScopes(own, "PATCH", path(other), change, id)).status).toBe(403);
    expect((await withScopes(["read:current_user"], "GET", path(id), undefined, id)).status).toBe(
      200,
    );
    expect(
      (await withScopes(["read:current_user"], "GET", path(other), undefined, id)).status,
    ).toBe(403);
  });
});

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
    const where = `${path(id)}/connected-accounts`;
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
    const where = `${path(id)}/connected-accounts?take=50&from=`;
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
    const { body } = await tenant.api("GET", `${path(id)}/refresh-tokens`);
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
    expect((await tenant.api("DELETE", `${path(id)}/refresh-tokens`)).status).toBe(202);
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
    expect(await tenant.api("DELETE", path(id))).toEqual({ status: 204 });
    expect(await tenant.api("DELETE", path(id))).toEqual({ status: 204 });
    expect((await tenant.api("GET", path(id))).status).toBe(404);
    expect(store.connectedAccounts.get("cac_del")).toBeUndefined();
    expect(store.sessions.get("s")).toBeUndefined();
  });
});
