/** @module Users of the Management API: made, searched and changed. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { UserRow } from "../../../tenant/models/user.ts";
import { checkPassword } from "../../../tenant/passwords.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { database as connection, createUser, password, userPath } from "./samples.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const create = (body: object = {}) => createUser(tenant, body);
const patch = (id: string, body: object) => tenant.api<UserRow>("PATCH", userPath(id), body);

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
    expect((await tenant.api<UserRow>("GET", userPath(id))).body.user_id).toBe(id);
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

  test("answers a search full of wildcards as soon as any other", async () => {
    const email = `${"a".repeat(60)}@example.test`;
    const user = { connection: "Username-Password-Authentication", email };
    await tenant.api("POST", "/users", { ...user, password: "Correct-Horse-9" });
    const find = async (pattern: string) =>
      (await tenant.api<UserRow[]>("GET", `/users?q=email:${pattern}`)).body.map(
        (row) => row.email,
      );
    expect(await find(`${"a*".repeat(30)}b`)).toEqual([]);
    expect(await find(`${"a*".repeat(30)}test`)).toEqual([email]);
    expect(await find("***a@example.test***")).toEqual([email]);
    expect(await find(`${"a".repeat(61)}*`)).toEqual([]);
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
    const without = await withScopes(["read:users"], "GET", userPath(id));
    expect(await without.text()).not.toContain("upstream");
    const reader = await withScopes(["read:users", "read:user_idp_tokens"], "GET", userPath(id));
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
    expect((await withScopes(own, "PATCH", userPath(id), change, id)).status).toBe(200);
    expect((await withScopes(own, "PATCH", userPath(id), { blocked: false }, id)).status).toBe(403);
    expect((await withScopes(own, "PATCH", userPath(other), change, id)).status).toBe(403);
    expect(
      (await withScopes(["read:current_user"], "GET", userPath(id), undefined, id)).status,
    ).toBe(200);
    expect(
      (await withScopes(["read:current_user"], "GET", userPath(other), undefined, id)).status,
    ).toBe(403);
  });
});
