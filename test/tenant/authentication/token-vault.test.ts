/** @module The Token Vault exchange: what it gives, and every row of its error table. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  type Answer,
  type App,
  accessTokenType,
  callback,
  openWorld,
  type Row,
  type SignedIn,
  type TenantWorld,
  userPath,
  vaultGrant,
  vaultTokenType,
} from "./tenant-world.ts";

const notFoundBody = {
  error: "federated_connection_refresh_token_not_found",
  error_description: "Federated connection Refresh Token not found.",
};
const notAllowed = {
  error: "unauthorized_client",
  error_description: `Grant type '${vaultGrant}' not allowed for the client.`,
};

let world: TenantWorld;
let alice: SignedIn;
let bob: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  bob = await world.signUp("bob@example.com");
  await world.connect(alice, "alice");
});
afterAll(() => world.close());

const subjectOf = (user: SignedIn) => ({ subject_token: user.refreshToken });

async function newApp(changes: Record<string, unknown>): Promise<App> {
  const { body } = await world.api("POST", "/clients", {
    name: "Another app",
    oidc_conformant: true,
    token_endpoint_auth_method: "client_secret_post",
    callbacks: [callback],
    grant_types: ["authorization_code", "refresh_token", vaultGrant],
    ...changes,
  });
  return { id: String(body["client_id"]), secret: String(body["client_secret"]) };
}

/** Changes the shared client for one request. */
async function withClient(
  changes: Record<string, unknown>,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const before = await world.api("GET", `/clients/${world.app.id}`);
  await world.api("PATCH", `/clients/${world.app.id}`, changes);
  try {
    return await run();
  } finally {
    const restored = Object.keys(changes).map((name) => [name, before.body[name]]);
    await world.api("PATCH", `/clients/${world.app.id}`, Object.fromEntries(restored));
  }
}

// parity: POST /oauth/token: Token Vault | docs: Token Vault token exchange
suite("Token Vault exchange", () => {
  test("gives the provider's access token with its remaining life and its scopes", async () => {
    const { status, body, headers } = await world.exchange(subjectOf(alice));
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String),
        scope: "openid profile email read:tickets write:tickets",
        expires_in: expect.any(Number),
        issued_token_type: vaultTokenType,
        token_type: "Bearer",
      },
    });
    expect(headers.get("cache-control")).toBe("no-store");
    const profile = await fetch(`${world.provider.url}/me`, {
      headers: { authorization: `Bearer ${body["access_token"]}` },
    });
    expect(await profile.json()).toMatchObject({ user_id: "desk-alice" });
  });

  test("counts expires_in down while the stored token lives, without asking the provider", async () => {
    const first = await world.exchange(subjectOf(alice));
    const asked = world.provider.tokenRequests.length;
    world.passSeconds(600);
    const second = await world.exchange(subjectOf(alice));
    expect(second.body["access_token"]).toBe(first.body["access_token"]);
    expect(Number(second.body["expires_in"])).toBeLessThanOrEqual(
      Number(first.body["expires_in"]) - 600,
    );
    expect(world.provider.tokenRequests).toHaveLength(asked);
  });

  test("refreshes at the provider when the stored token has ended", async () => {
    const before = await world.exchange(subjectOf(alice));
    const asked = world.provider.tokenRequests.length;
    world.passSeconds(3700);
    const after = await world.exchange(subjectOf(alice));
    expect(after.status).toBe(200);
    expect(after.body["access_token"]).not.toBe(before.body["access_token"]);
    expect(after.body["scope"]).toBe(before.body["scope"]);
    expect(world.provider.tokenRequests.slice(asked).map(({ grantType }) => grantType)).toEqual([
      "refresh_token",
    ]);
  });

  test("sends one refresh for many exchanges at once", async () => {
    world.passSeconds(3700);
    const asked = world.provider.tokenRequests.length;
    world.provider.slowDownMs = 100;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => world.exchange(subjectOf(alice))),
    );
    world.provider.slowDownMs = 0;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body["access_token"])).size).toBe(1);
    expect(world.provider.tokenRequests).toHaveLength(asked + 1);
  });

  test("takes a JSON body and Basic authentication as well", async () => {
    const { id, secret } = world.app;
    const response = await fetch(`${world.tenant.url}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        grant_type: vaultGrant,
        subject_token: alice.refreshToken,
        subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token",
        requested_token_type: vaultTokenType,
        connection: "acme-helpdesk",
      }),
    });
    expect(response.status).toBe(200);
  });

  test("gives one user nothing of another's account", async () => {
    const { status, body } = await world.exchange(subjectOf(bob));
    expect({ status, body }).toEqual({ status: 401, body: notFoundBody });
  });

  test("tells a user's accounts on one connection apart by login_hint", async () => {
    const carol = await world.signUp("carol@example.com");
    await world.connect(carol, "carol");
    carol.browser.jar.removeAllCookiesSync();
    const second = await world.signUp("dave@example.com");
    await world.connect(second, "dave");
    const other = { ...carol, browser: second.browser };
    await world.connect(other, "dave");
    const tokenOf = async (hint: string) => {
      const { body } = await world.exchange({ ...subjectOf(carol), login_hint: hint });
      const profile = await fetch(`${world.provider.url}/me`, {
        headers: { authorization: `Bearer ${body["access_token"]}` },
      });
      return ((await profile.json()) as Row)["user_id"];
    };
    expect(await tokenOf("desk-carol")).toBe("desk-carol");
    expect(await tokenOf("desk-dave")).toBe("desk-dave");
    const unknown = await world.exchange({ ...subjectOf(carol), login_hint: "desk-nobody" });
    expect(unknown).toMatchObject({ status: 401, body: notFoundBody });
  });
});

// parity: POST /oauth/token: Token Vault | docs: Token Vault token exchange; field
suite("Token Vault exchange, refusals", () => {
  test("answers 401 not_found for a connection that does not exist", async () => {
    const answer = await world.exchange({ ...subjectOf(alice), connection: "nowhere" });
    expect(answer).toMatchObject({ status: 401, body: notFoundBody });
  });

  test("answers 401 not_found for a connection that is not enabled for the client", async () => {
    const clients = `/connections/${world.connectionId}/clients`;
    await world.api("PATCH", clients, [{ client_id: world.app.id, status: false }]);
    const answer = await world.exchange(subjectOf(alice));
    await world.api("PATCH", clients, [{ client_id: world.app.id, status: true }]);
    expect(answer).toMatchObject({ status: 401, body: notFoundBody });
  });

  test("says that Token Vault is not enabled when connected_accounts.active is false", async () => {
    const path = `/connections/${world.connectionId}`;
    await world.api("PATCH", path, { connected_accounts: { active: false } });
    const { status, body } = await world.exchange(subjectOf(alice));
    await world.api("PATCH", path, { connected_accounts: { active: true } });
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        error: "invalid_request",
        error_description: "Token Vault is not enabled for the provided connection",
      },
    });
  });

  test("answers 403 unauthorized_client to a client without the grant type", async () => {
    const grants = { grant_types: ["authorization_code", "refresh_token"] };
    const { status, body } = await withClient(grants, () => world.exchange(subjectOf(alice)));
    expect({ status, body }).toEqual({ status: 403, body: notAllowed });
  });

  test("answers 403 unauthorized_client to a client whose refresh tokens rotate", async () => {
    const rotating = { refresh_token: { rotation_type: "rotating", expiration_type: "expiring" } };
    const { status, body } = await withClient(rotating, () => world.exchange(subjectOf(alice)));
    expect({ status, body }).toEqual({ status: 403, body: notAllowed });
    const [entry] = await world.log("fertft");
    expect(entry?.["description"]).toContain("refresh_token.rotation_type");
  });

  test("answers 401 invalid_client to a wrong secret", async () => {
    const answer = await world.exchange(subjectOf(alice), { id: world.app.id, secret: "wrong" });
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } });
  });

  test("answers 403 invalid_grant to an unknown, a foreign and a revoked refresh token", async () => {
    const refused = {
      status: 403,
      body: { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
    };
    expect(await world.exchange({ subject_token: "v1.unknown" })).toMatchObject(refused);
    const other = await newApp({});
    expect(await world.exchange(subjectOf(alice), other)).toMatchObject(refused);
    const eve = await world.signUp("eve@example.com");
    const { id, secret } = world.app;
    const form = { client_id: id, client_secret: secret, token: eve.refreshToken };
    await fetch(`${world.tenant.url}/oauth/revoke`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(await world.exchange(subjectOf(eve))).toMatchObject(refused);
  });

  test.each(["subject_token", "subject_token_type", "requested_token_type", "connection"])(
    "answers 400 invalid_request when %s is missing",
    async (name) => {
      const { status, body } = await world.exchange({ ...subjectOf(alice), [name]: "" });
      expect({ status, body }).toEqual({
        status: 400,
        body: {
          error: "invalid_request",
          error_description: `Missing required parameter: ${name}`,
        },
      });
    },
  );

  test.each(["subject_token_type", "requested_token_type"])(
    "answers 400 invalid_request to a %s that it doesn't know",
    async (name) => {
      const answer = await world.exchange({ ...subjectOf(alice), [name]: "urn:example:other" });
      expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    },
  );

  test("answers 403 when the user is blocked", async () => {
    const frank = await world.signUp("frank@example.com");
    await world.connect(frank, "frank");
    await world.api("PATCH", userPath(frank), {
      blocked: true,
    });
    const answer = await world.exchange(subjectOf(frank));
    expect(answer).toMatchObject({ status: 403, body: { error: "unauthorized" } });
  });

  test("answers 401 not_found when the account was disconnected", async () => {
    const grace = await world.signUp("grace@example.com");
    const { body } = await world.connect(grace, "grace");
    const bearer = await world.meToken(grace.refreshToken);
    expect((await world.my(bearer, "DELETE", `/accounts/${body.id}`)).status).toBe(204);
    expect(await world.exchange(subjectOf(grace))).toMatchObject({
      status: 401,
      body: notFoundBody,
    });
  });

  test("says in the log why it refused, without a token in it", async () => {
    await world.exchange(subjectOf(bob));
    const [entry] = await world.log("fertft");
    expect(entry?.["description"]).toBe(
      'Federated connection Refresh Token not found. (the user has no connected account on "acme-helpdesk")',
    );
    expect(JSON.stringify(entry)).not.toContain(bob.refreshToken);
  });
});

// parity: POST /oauth/token: Token Vault | docs: access token exchange with Token Vault
suite("Token Vault exchange with an access token", () => {
  const audience = "https://api.example.com";
  let apiClient: App;

  beforeAll(async () => {
    await world.api("POST", "/resource-servers", {
      identifier: audience,
      name: "Tickets API",
      allow_offline_access: true,
      skip_consent_for_verifiable_first_party_clients: true,
    });
    apiClient = await newApp({
      app_type: "resource_server",
      resource_server_identifier: audience,
      grant_types: [vaultGrant],
    });
    await world.api("PATCH", `/connections/${world.connectionId}/clients`, [
      { client_id: apiClient.id, status: true },
    ]);
  });

  const exchange = (token: string, as: App) =>
    world.exchange({ subject_token: token, subject_token_type: accessTokenType }, as);

  test("works for the client that is linked to the token's API, and for no other", async () => {
    const user = await world.signUp("heidi@example.com", { audience });
    await world.connect(user, "heidi");
    expect(await exchange(user.accessToken, apiClient)).toMatchObject({ status: 200 });
    expect(await exchange(user.accessToken, world.app)).toMatchObject({
      status: 401,
      body: { error: "invalid_grant" },
    });
  });

  test("refuses a token for another API, an ID token and one that has ended", async () => {
    const user = await world.signUp("ivan@example.com", { audience });
    await world.connect(user, "ivan");
    const refused = { status: 401, body: { error: "invalid_grant" } };
    const forMe = await world.meToken(user.refreshToken);
    expect(await exchange(forMe, apiClient)).toMatchObject(refused);
    expect(await exchange(user.idToken, apiClient)).toMatchObject(refused);
    world.passSeconds(86_401);
    expect(await exchange(user.accessToken, apiClient)).toMatchObject(refused);
  });
});
