/** @module node-auth0's AuthenticationClient and UserInfoClient, which its `legacy` entry still carries. */
import { createHash, randomBytes } from "node:crypto";
import { AuthenticationClient, UserInfoClient } from "auth0/legacy";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  callback,
  openWorld,
  password,
  type TenantWorld,
} from "../tenant/authentication/tenant-world.ts";

const database = "Username-Password-Authentication";

let world: TenantWorld;
let authentication: AuthenticationClient;

beforeAll(async () => {
  world = await openWorld();
  const { domain } = world.tenant;
  authentication = new AuthenticationClient({
    ...{ domain, clientId: world.app.id, clientSecret: world.app.secret },
  });
});
afterAll(() => world.close());

async function signedIn(email: string) {
  const done = await world.signUpPage(email);
  const code = done.url.searchParams.get("code") ?? "";
  return authentication.oauth.authorizationCodeGrant({ code, redirect_uri: callback });
}

suite("node-auth0's AuthenticationClient", () => {
  test("redeems a code, checks the ID token by itself, and reads the user's claims", async () => {
    const { data } = await signedIn("anna@acme.test");
    expect(data).toMatchObject({ token_type: "Bearer", refresh_token: expect.any(String) });
    const users = new UserInfoClient({ domain: world.tenant.domain });
    const info = await users.getUserInfo(data.access_token);
    expect(info.data).toMatchObject({ email: "anna@acme.test", email_verified: false });
  });

  test("redeems a code with PKCE, and not with another verifier", async () => {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const params = { code_challenge: challenge, code_challenge_method: "S256" };
    const redeem = async (email: string, code_verifier: string) => {
      const done = await world.signUpPage(email, params);
      const code = done.url.searchParams.get("code") ?? "";
      return authentication.oauth.authorizationCodeGrantWithPKCE({
        ...{ code, code_verifier, redirect_uri: callback },
      });
    };
    expect((await redeem("ben@acme.test", verifier)).data.id_token).toBeTypeOf("string");
    const wrong = redeem("bert@acme.test", `${verifier}x`);
    await expect(wrong).rejects.toMatchObject({ statusCode: 403, error: "invalid_grant" });
  });

  test("refreshes, revokes, and is refused afterwards", async () => {
    const { data } = await signedIn("cleo@acme.test");
    const refresh_token = data.refresh_token ?? "";
    const fresh = await authentication.oauth.refreshTokenGrant({ refresh_token });
    expect(fresh.data.access_token).not.toBe(data.access_token);
    await authentication.oauth.revokeRefreshToken({ token: refresh_token });
    const late = authentication.oauth.refreshTokenGrant({ refresh_token });
    await expect(late).rejects.toMatchObject({ statusCode: 403, error: "invalid_grant" });
  });

  test("gets a machine's token by secret, and is refused an API without a grant", async () => {
    const { domain, url, managementClient } = world.tenant;
    const machine = new AuthenticationClient({ domain, ...managementClient });
    const { data } = await machine.oauth.clientCredentialsGrant({ audience: `${url}/api/v2/` });
    expect(data).toMatchObject({ expires_in: 86_400, token_type: "Bearer" });
    const other = machine.oauth.clientCredentialsGrant({ audience: "https://nobody.example" });
    await expect(other).rejects.toMatchObject({ statusCode: 403, error: "access_denied" });
  });

  test("exchanges a refresh token for the provider's token, after connecting and not before", async () => {
    const user = await world.signUp("dora@acme.test");
    // Unlike its other calls, this one sends no client_id by itself, and its type has none.
    const client = { client_id: world.app.id };
    const exchange = () =>
      authentication.oauth.tokenForConnection({
        ...client,
        subject_token: user.refreshToken,
        connection: "acme-helpdesk",
      });
    await expect(exchange()).rejects.toMatchObject({
      statusCode: 401,
      error: "federated_connection_refresh_token_not_found",
    });
    await world.connect(user, "dora");
    const { data } = await exchange();
    const profile = await fetch(`${world.provider.url}/me`, {
      headers: { authorization: `Bearer ${data.access_token}` },
    });
    expect(await profile.json()).toMatchObject({ user_id: "desk-dora" });
  });

  test("signs a user up in the database, once, and asks for a change of password", async () => {
    const user = { email: "emil@acme.test", password, connection: database };
    const { data } = await authentication.database.signUp({
      ...user,
      user_metadata: { theme: "dark" },
    });
    expect(data).toMatchObject({ email: "emil@acme.test", email_verified: false });
    await expect(authentication.database.signUp(user)).rejects.toMatchObject({ statusCode: 400 });
    const weak = authentication.database.signUp({ ...user, email: "e2@acme.test", password: "a" });
    await expect(weak).rejects.toMatchObject({ statusCode: 400, error: "invalid_password" });
    const { data: text } = await authentication.database.changePassword({
      ...{ email: user.email, connection: database },
    });
    expect(text).toMatch(/email/);
  });
});
