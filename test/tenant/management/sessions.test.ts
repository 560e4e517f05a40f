/** @module Sessions, refresh tokens' metadata and users' grants, as the Management API shows and ends them. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  openWorld,
  type Row,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const refresh = (user: SignedIn) =>
  world.token({ grant_type: "refresh_token", refresh_token: user.refreshToken });

/** What a browser that asks again without a page is answered. */
async function silently(user: SignedIn): Promise<string | null> {
  const { url } = await user.browser.goto(world.authorizeUrl({ prompt: "none" }));
  return url.searchParams.get("error");
}

suite("sessions", () => {
  // parity: GET /users/{user_id}/sessions, GET /sessions/{id} | OpenAPI
  test("are shown with their clients and times, and without the cookie's secret", async () => {
    const user = await world.signUp("shown@example.test");
    const { body } = await world.api<{ sessions: Row[] }>(
      "GET",
      `${userPath(user)}/sessions?take=5`,
    );
    expect(body.sessions).toMatchObject([
      { user_id: user.claims["sub"], clients: [{ client_id: world.app.id }] },
    ]);
    expect(body.sessions[0]?.id).toBe(user.claims["sid"]);
    expect(JSON.stringify(body)).not.toMatch(/secret/);
    const one = await world.api("GET", `/sessions/${body.sessions[0]?.id}`);
    expect(one.body).toEqual(body.sessions[0]);
    expect((await world.api("GET", "/sessions/none")).status).toBe(404);
  });

  // parity: PATCH /sessions/{id} | OpenAPI
  test("keep the metadata that they are given, and nothing else", async () => {
    const user = await world.signUp("metadata@example.test");
    const path = `/sessions/${user.claims["sid"]}`;
    const metadata = { session_metadata: { device: "kiosk" } };
    expect((await world.api("PATCH", path, metadata)).body).toMatchObject(metadata);
    expect((await world.api("GET", path)).body).toMatchObject(metadata);
    expect((await world.api("PATCH", path, { user_id: "x" })).status).toBe(400);
    const many = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`k${index}`, 1]));
    expect((await world.api("PATCH", path, { session_metadata: many })).status).toBe(400);
    expect(await silently(user)).toBeNull();
  });

  // parity: DELETE /sessions/{id}, DELETE /users/{user_id}/sessions | OpenAPI
  test.each(["one by one", "all of a user"])(
    "are deleted with 202, %s; refresh tokens stay",
    async (way) => {
      const user = await world.signUp(`deleted-${way.length}@example.test`);
      const path =
        way === "one by one" ? `/sessions/${user.claims["sid"]}` : `${userPath(user)}/sessions`;
      expect((await world.api("DELETE", path)).status).toBe(202);
      expect(await silently(user)).toBe("login_required");
      expect((await refresh(user)).status).toBe(200);
    },
  );

  // parity: POST /sessions/{id}/revoke | OpenAPI
  test("are revoked with the refresh tokens that they gave", async () => {
    const user = await world.signUp("revoked@example.test");
    const path = `/sessions/${user.claims["sid"]}/revoke`;
    expect((await world.api("POST", path)).status).toBe(202);
    expect((await refresh(user)).status).toBe(403);
    expect((await world.api("POST", path)).status).toBe(404);
  });
});

// parity: POST /users/{id}/revoke-access | OpenAPI
suite("POST /users/{id}/revoke-access", () => {
  test("ends a user's sessions and refresh tokens, and nobody else's", async () => {
    const [user, other] = [
      await world.signUp("a@example.test"),
      await world.signUp("b@example.test"),
    ];
    expect((await world.api("POST", `${userPath(user)}/revoke-access`, {})).status).toBe(202);
    expect((await refresh(user)).status).toBe(403);
    expect(await silently(user)).toBe("login_required");
    expect((await refresh(other)).status).toBe(200);
  });

  test("keeps refresh tokens when it is told to", async () => {
    const user = await world.signUp("c@example.test");
    const body = { preserve_refresh_tokens: true, session_id: String(user.claims["sid"]) };
    expect((await world.api("POST", `${userPath(user)}/revoke-access`, body)).status).toBe(202);
    expect(await silently(user)).toBe("login_required");
    expect((await refresh(user)).status).toBe(200);
  });
});

// parity: PATCH /refresh-tokens/{id} | OpenAPI
test("PATCH /refresh-tokens/{id} keeps metadata, and the token stays good", async () => {
  const user = await world.signUp("token@example.test");
  const { body } = await world.api<{ tokens: Row[] }>("GET", `${userPath(user)}/refresh-tokens`);
  const path = `/refresh-tokens/${body.tokens[0]?.id}`;
  const metadata = { refresh_token_metadata: { purpose: "agent" } };
  expect((await world.api("PATCH", path, metadata)).body).toMatchObject(metadata);
  expect((await world.api("GET", path)).body).toMatchObject(metadata);
  expect((await refresh(user)).status).toBe(200);
  expect((await world.api("PATCH", "/refresh-tokens/none", metadata)).status).toBe(404);
});

// parity: GET /grants, DELETE /grants, DELETE /grants/{id} | OpenAPI; docs: user consent
suite("/grants", () => {
  const audience = "https://consent.example.test";
  const list = async (user: SignedIn) =>
    (
      await world.api<Row[]>(
        "GET",
        `/grants?user_id=${encodeURIComponent(String(user.claims["sub"]))}`,
      )
    ).body;

  async function consented(email: string): Promise<SignedIn> {
    const page = await world.signUpPage(email, { audience, scope: "openid offline_access read:x" });
    return world.redeem(await page.browser.press(page, "Accept"), page.browser);
  }

  beforeAll(async () => {
    const scopes = [{ value: "read:x" }];
    const api = { identifier: audience, scopes, allow_offline_access: true };
    expect((await world.api("POST", "/resource-servers", api)).status).toBe(201);
  });

  test("list what a user has allowed an application for an API", async () => {
    const user = await consented("grants@example.test");
    expect(await list(user)).toMatchObject([
      { clientID: world.app.id, audience, scope: expect.arrayContaining(["read:x"]) },
    ]);
  });

  test("are taken back with the refresh tokens that they gave: the user is asked again", async () => {
    const user = await consented("taken@example.test");
    const [grant] = await list(user);
    expect((await world.api("DELETE", `/grants/${grant?.id}`)).status).toBe(204);
    expect(await list(user)).toEqual([]);
    expect((await refresh(user)).status).toBe(403);
    const request = { audience, scope: "openid read:x", prompt: "none" };
    const { url } = await user.browser.goto(world.authorizeUrl(request));
    expect(url.searchParams.get("error")).toBe("consent_required");
  });

  test("are taken back for a whole user", async () => {
    const user = await consented("all@example.test");
    const query = `user_id=${encodeURIComponent(String(user.claims["sub"]))}`;
    expect((await world.api("DELETE", `/grants?${query}`)).status).toBe(204);
    expect(await list(user)).toEqual([]);
    expect((await world.api("DELETE", "/grants")).status).toBe(400);
  });
});

// parity: GET /clients/{id}/connections | OpenAPI
test("GET /clients/{id}/connections lists where a client is enabled", async () => {
  type Answer = { connections: Row[]; next?: string };
  const path = `/clients/${world.app.id}/connections`;
  const all = await world.api<Answer>("GET", path);
  expect(all.body.connections.map(({ strategy }) => strategy).toSorted()).toEqual([
    "auth0",
    "oauth2",
  ]);
  const some = await world.api<Answer>("GET", `${path}?strategy=oauth2&fields=name`);
  expect(some.body.connections).toEqual([{ name: "acme-helpdesk" }]);
  const first = await world.api<Answer>("GET", `${path}?take=1`);
  const second = await world.api<Answer>("GET", `${path}?take=1&from=${first.body.next}`);
  expect(second.body.next).toBeUndefined();
  expect((await world.api("GET", "/clients/none/connections")).status).toBe(404);
});

// parity: DELETE /connections/{id}/users | OpenAPI
test("DELETE /connections/{id}/users deletes the user with the address, on that connection only", async () => {
  const user = await world.signUp("leaver@example.test");
  const [database] = (await world.api<Row[]>("GET", "/connections?strategy=auth0")).body;
  const query = "users?email=Leaver@example.test";
  expect((await world.api("DELETE", `/connections/${world.connectionId}/${query}`)).status).toBe(
    204,
  );
  expect((await world.api("GET", userPath(user))).status).toBe(200);
  expect((await world.api("DELETE", `/connections/${database?.id}/${query}`)).status).toBe(204);
  expect((await world.api("GET", userPath(user))).status).toBe(404);
  expect((await world.api("DELETE", `/connections/con_none/${query}`)).status).toBe(400);
});
