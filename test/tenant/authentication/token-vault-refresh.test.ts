/** @module The vault's refresh against providers that rotate, give nothing, or refuse. */
import { expect, suite, test } from "vitest";
import { openWorld, type TenantWorld, type WorldOptions } from "./tenant-world.ts";

async function inWorld(options: WorldOptions, run: (world: TenantWorld) => Promise<void>) {
  const world = await openWorld(options);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

// parity: POST /oauth/token: Token Vault | docs: refresh token exchange with Token Vault
suite("Token Vault refresh", () => {
  test("stores the refresh token of a provider that rotates, refresh after refresh", () =>
    inWorld({ provider: { rotates: true } }, async (world) => {
      const user = await world.signUp("alice@example.com");
      await world.connect(user, "alice");
      for (const round of [1, 2, 3]) {
        world.passSeconds(3700);
        const { status } = await world.exchange({ subject_token: user.refreshToken });
        expect({ round, status }).toEqual({ round, status: 200 });
      }
      expect(
        world.provider.tokenRequests.filter((one) => one.grantType === "refresh_token"),
      ).toHaveLength(3);
    }));

  test("answers 401 flow_failed when the provider refuses, and says in the log what it said", () =>
    inWorld({}, async (world) => {
      const user = await world.signUp("alice@example.com");
      await world.connect(user, "alice");
      world.provider.revokeEverything();
      expect(await world.exchange({ subject_token: user.refreshToken })).toMatchObject({
        status: 200,
      });
      world.passSeconds(3700);
      const { status, body } = await world.exchange({ subject_token: user.refreshToken });
      expect({ status, body }).toEqual({
        status: 401,
        body: {
          error: "federated_connection_refresh_token_flow_failed",
          error_description: "Refresh Token flow for the Federated Connection failed",
        },
      });
      const [entry] = await world.log("fertft");
      expect(entry?.["description"]).toContain("grant request is invalid");
    }));

  test("answers 401 not_found when the provider never gave a refresh token", () =>
    inWorld({ provider: { givesRefreshTokens: false } }, async (world) => {
      const user = await world.signUp("alice@example.com");
      const connected = await world.connect(user, "alice");
      expect(connected.status).toBe(201);
      const { status, body } = await world.exchange({ subject_token: user.refreshToken });
      expect({ status, error: body["error"] }).toEqual({
        status: 401,
        error: "federated_connection_refresh_token_not_found",
      });
      const [entry] = await world.log("connected_accounts_connection_succeeded");
      expect(entry?.["description"]).toContain("no refresh token");
    }));

  test("answers 401 flow_failed when the provider is not there", () =>
    inWorld({}, async (world) => {
      const user = await world.signUp("alice@example.com");
      await world.connect(user, "alice");
      await world.provider.close();
      world.passSeconds(3700);
      const { status, body } = await world.exchange({ subject_token: user.refreshToken });
      expect({ status, error: body["error"] }).toEqual({
        status: 401,
        error: "federated_connection_refresh_token_flow_failed",
      });
    }));

  test("keeps sessions, tokens and accounts over a restart of the tenant", () =>
    inWorld({ provider: { rotates: true } }, async (world) => {
      const user = await world.signUp("alice@example.com");
      await world.connect(user, "alice");
      world.passSeconds(3700);
      const before = await world.exchange({ subject_token: user.refreshToken });
      await world.restart();
      const after = await world.exchange({ subject_token: user.refreshToken });
      expect(after.body["access_token"]).toBe(before.body["access_token"]);
      world.passSeconds(3700);
      expect(await world.exchange({ subject_token: user.refreshToken })).toMatchObject({
        status: 200,
      });
      const silent = await user.browser.goto(world.authorizeUrl({ prompt: "none" }));
      expect(silent.url.searchParams.get("code")).not.toBeNull();
      const headers = { authorization: `Bearer ${user.accessToken}` };
      expect((await fetch(`${world.tenant.url}/userinfo`, { headers })).status).toBe(200);
    }));

  test("keeps the account when a refresh fails: the next one may succeed", () =>
    inWorld({}, async (world) => {
      const user = await world.signUp("alice@example.com");
      const { body: account } = await world.connect(user, "alice");
      world.provider.revokeEverything();
      world.passSeconds(3700);
      await world.exchange({ subject_token: user.refreshToken });
      const bearer = await world.meToken(user.refreshToken);
      const { body } = await world.my<{ accounts: unknown[] }>(bearer, "GET", "/accounts");
      expect(body.accounts).toMatchObject([{ id: account.id }]);
    }));
});
