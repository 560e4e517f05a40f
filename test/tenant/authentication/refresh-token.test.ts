/** @module grant_type=refresh_token: multi-resource refresh tokens, rotation, limits. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  decodeJwt,
  meScopes,
  openWorld,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "./tenant-world.ts";

const refused = {
  status: 403,
  body: { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
};
const refresh = (world: TenantWorld, refresh_token: string, more: Record<string, string> = {}) =>
  world.token({ grant_type: "refresh_token", refresh_token, ...more });

// parity: POST /oauth/token: refresh_token | docs: multi-resource refresh tokens
suite("multi-resource refresh tokens", () => {
  const tickets = "https://tickets.example.com";
  const asking = "https://asking.example.com";
  let world: TenantWorld;
  let alice: SignedIn;

  beforeAll(async () => {
    world = await openWorld();
    const scopes = ["read:tickets", "write:tickets", "delete:tickets"].map((value) => ({ value }));
    const skip = {
      skip_consent_for_verifiable_first_party_clients: true,
      allow_offline_access: true,
    };
    await world.api("POST", "/resource-servers", { identifier: tickets, scopes, ...skip });
    await world.api("POST", "/resource-servers", { identifier: asking, scopes });
    await world.api("PATCH", `/clients/${world.app.id}`, {
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        policies: [
          { audience: world.me, scope: meScopes },
          { audience: tickets, scope: ["read:tickets", "write:tickets", "no:such"] },
          { audience: asking, scope: ["read:tickets"] },
          { audience: "https://gone.example.com", scope: ["read:tickets"] },
        ],
      },
    });
    alice = await world.signUp("alice@example.com");
  });
  afterAll(() => world.close());

  const scopeOf = async (token: string, more: Record<string, string> = {}) => {
    const { status, body } = await refresh(world, token, more);
    return status === 200 ? body["scope"] : { status, ...body };
  };

  test("gives a My Account token that lives ten minutes, for a login without an audience", async () => {
    const { status, body } = await refresh(world, alice.refreshToken, {
      audience: world.me,
      scope: meScopes.join(" "),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      scope: meScopes.join(" "),
      expires_in: 600,
      token_type: "Bearer",
    });
    expect(body).not.toHaveProperty("refresh_token");
    expect(decodeJwt(String(body["access_token"]))).toMatchObject({
      aud: world.me,
      sub: alice.claims["sub"],
      azp: world.app.id,
      gty: "refresh_token",
    });
  });

  test("drops scopes without an error that the policy does not list", async () => {
    const more = {
      audience: world.me,
      scope: "read:me:connected_accounts read:me:factors nonsense",
    };
    expect(await scopeOf(alice.refreshToken, more)).toBe("read:me:connected_accounts");
  });

  test("gives everything that is allowed when no scope was sent, and ignores what the API lacks", async () => {
    const scope = await scopeOf(alice.refreshToken, { audience: tickets });
    expect(scope).toBe("openid profile email offline_access read:tickets write:tickets");
  });

  test("gives the login's scopes when neither audience nor scope was sent", async () => {
    expect(await scopeOf(alice.refreshToken)).toBe("openid profile email offline_access");
  });

  test("adds the policy's scopes to the login's for the login's own audience", async () => {
    const user = await world.signUp("own@example.com", {
      audience: tickets,
      scope: "openid offline_access delete:tickets",
    });
    const all = "openid offline_access delete:tickets read:tickets write:tickets";
    expect(await scopeOf(user.refreshToken)).toBe(all);
    expect(await scopeOf(user.refreshToken, { audience: tickets })).toBe(all);
    expect(await scopeOf(user.refreshToken, { scope: "delete:tickets" })).toBe("delete:tickets");
  });

  // parity: | (inferred)
  test("refuses an audience that no policy names", async () => {
    await world.api("POST", "/resource-servers", { identifier: "https://other.example.com" });
    for (const audience of [
      "https://other.example.com",
      "https://nowhere.example.com",
      "https://gone.example.com",
    ]) {
      expect(await refresh(world, alice.refreshToken, { audience })).toMatchObject({
        status: 403,
        body: { error: "access_denied" },
      });
    }
  });

  test("refuses an API that does not skip consent, and the Management API even with a policy", async () => {
    for (const audience of [asking, `${world.tenant.url}/api/v2/`]) {
      expect(await refresh(world, alice.refreshToken, { audience })).toMatchObject({ status: 403 });
    }
  });

  test("cuts My Account scopes down to the client grant, and refuses without one", async () => {
    const { body: grants } = await world.api<{ id: string }[]>(
      "GET",
      `/client-grants?client_id=${world.app.id}`,
    );
    const id = grants[0]?.id;
    await world.api("PATCH", `/client-grants/${id}`, { scope: ["read:me:connected_accounts"] });
    const more = { audience: world.me, scope: meScopes.join(" ") };
    expect(await scopeOf(alice.refreshToken, more)).toBe("read:me:connected_accounts");
    await world.api("DELETE", `/client-grants/${id}`);
    expect(await refresh(world, alice.refreshToken, more)).toMatchObject({
      status: 403,
      body: { error: "access_denied" },
    });
    await world.api("POST", "/client-grants", {
      client_id: world.app.id,
      audience: world.me,
      scope: meScopes,
      subject_type: "user",
    });
  });

  test("gives a third-party client no token for another API", async () => {
    const other = await openWorld({
      client: {
        is_first_party: false,
        grant_types: ["authorization_code", "refresh_token"],
        refresh_token: { rotation_type: "non-rotating", expiration_type: "non-expiring" },
      },
    });
    const page = await other.signUpPage("third@example.com");
    expect(page.url.pathname).toBe("/u/consent");
    const user = await other.redeem(await page.browser.press(page, "Accept"), page.browser);
    expect(await refresh(other, user.refreshToken)).toMatchObject({ status: 200 });
    expect(await refresh(other, user.refreshToken, { audience: other.me })).toMatchObject({
      status: 403,
      body: { error: "access_denied" },
    });
    await other.close();
  });

  test("gives a new ID token with the same subject and session, and no nonce", async () => {
    const { body } = await refresh(world, alice.refreshToken);
    const claims = decodeJwt(String(body["id_token"]));
    expect(claims).toMatchObject({ sub: alice.claims["sub"], sid: alice.claims["sid"] });
    expect(claims).not.toHaveProperty("nonce");
  });

  test("refuses the refresh token of a deleted user and of a blocked one", async () => {
    const user = await world.signUp("deleted@example.com");
    const path = userPath(user);
    await world.api("PATCH", path, { blocked: true });
    expect(await refresh(world, user.refreshToken)).toMatchObject({
      status: 403,
      body: { error: "unauthorized" },
    });
    await world.api("DELETE", path);
    expect(await refresh(world, user.refreshToken)).toMatchObject(refused);
  });

  // parity: POST /oauth/revoke | docs: revoke refresh tokens; OpenAPI
  test("takes back one token with /oauth/revoke, and answers 200 to unknown ones", async () => {
    const one = await world.signUp("revoke@example.com");
    const revoke = (token: string, secret = world.app.secret) =>
      fetch(`${world.tenant.url}/oauth/revoke`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ client_id: world.app.id, client_secret: secret, token }),
      });
    expect((await revoke(one.refreshToken, "wrong")).status).toBe(401);
    const done = await revoke(one.refreshToken);
    expect({ status: done.status, text: await done.text() }).toEqual({ status: 200, text: "" });
    expect((await revoke(one.refreshToken)).status).toBe(200);
    expect((await revoke("v1.never")).status).toBe(200);
    expect(await refresh(world, one.refreshToken)).toMatchObject(refused);
    expect(await refresh(world, alice.refreshToken)).toMatchObject({ status: 200 });
  });
});

// parity: POST /oauth/token: refresh_token | docs: refresh token rotation
suite("refresh token rotation", () => {
  const rotating = (more: Record<string, unknown> = {}) => ({
    client: {
      refresh_token: {
        rotation_type: "rotating",
        expiration_type: "expiring",
        token_lifetime: 1000,
        ...more,
      },
    },
  });
  const next = async (world: TenantWorld, token: string) =>
    String((await refresh(world, token)).body["refresh_token"]);

  test("gives a new token at each use, and ends the family when an old one comes back", async () => {
    const world = await openWorld(rotating({ infinite_token_lifetime: false }));
    const user = await world.signUp("alice@example.com");
    const second = await next(world, user.refreshToken);
    const third = await next(world, second);
    expect(new Set([user.refreshToken, second, third]).size).toBe(3);
    expect(await refresh(world, second)).toMatchObject(refused);
    expect(await refresh(world, third)).toMatchObject(refused);
    expect(await world.log("ferrt")).toHaveLength(1);
    await world.close();
  });

  test("gives one of two racing uses a token, and ends the family for the other", async () => {
    const world = await openWorld(rotating());
    const user = await world.signUp("alice@example.com");
    const answers = await Promise.all([1, 2].map(() => refresh(world, user.refreshToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await world.log("ferrt")).toHaveLength(1);
    await world.close();
  });

  test("lets the previous token be used again within the leeway, but no older one", async () => {
    const world = await openWorld(rotating({ leeway: 60 }));
    const user = await world.signUp("alice@example.com");
    const second = await next(world, user.refreshToken);
    expect(await refresh(world, user.refreshToken)).toMatchObject({ status: 200 });
    const third = await next(world, second);
    expect(await refresh(world, user.refreshToken)).toMatchObject(refused);
    expect(await refresh(world, third)).toMatchObject(refused);
    await world.close();
  });

  test("ends the leeway with its seconds", async () => {
    const world = await openWorld(rotating({ leeway: 60 }));
    const user = await world.signUp("alice@example.com");
    await next(world, user.refreshToken);
    world.passSeconds(61);
    expect(await refresh(world, user.refreshToken)).toMatchObject(refused);
    await world.close();
  });

  test("ends with the token's lifetime, which rotation does not prolong", async () => {
    const world = await openWorld(
      rotating({ infinite_token_lifetime: false, token_lifetime: 1000 }),
    );
    const user = await world.signUp("alice@example.com");
    world.passSeconds(900);
    const second = await next(world, user.refreshToken);
    world.passSeconds(200);
    expect(await refresh(world, second)).toMatchObject(refused);
    await world.close();
  });

  test("ends when it was idle for too long", async () => {
    const world = await openWorld({
      client: {
        refresh_token: {
          rotation_type: "non-rotating",
          expiration_type: "expiring",
          infinite_idle_token_lifetime: false,
          idle_token_lifetime: 100,
          token_lifetime: 10_000,
        },
      },
    });
    const user = await world.signUp("alice@example.com");
    world.passSeconds(90);
    expect(await refresh(world, user.refreshToken)).toMatchObject({ status: 200 });
    world.passSeconds(90);
    expect(await refresh(world, user.refreshToken)).toMatchObject({ status: 200 });
    world.passSeconds(101);
    expect(await refresh(world, user.refreshToken)).toMatchObject(refused);
    await world.close();
  });
});
