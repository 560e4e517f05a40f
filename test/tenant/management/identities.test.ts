/** @module Linking a provider's identity to a user, and taking it away again. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { UserRow } from "../../../tenant/models/user.ts";
import { ScriptedBrowser } from "../authentication/scripted-browser.ts";
import {
  consentAtProvider,
  openWorld,
  password,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
let primary: SignedIn;
beforeAll(async () => {
  world = await openWorld();
  primary = await world.signUp("primary@example.test");
});
afterAll(() => world.close());

const id = () => String(primary.claims["sub"]);
const path = () => `/users/${encodeURIComponent(id())}/identities`;

/** Signs in with the provider in a browser of its own. */
async function signInAs(login: string): Promise<SignedIn> {
  const browser = new ScriptedBrowser();
  const url = world.authorizeUrl({ connection: "acme-helpdesk" });
  return world.redeem(await consentAtProvider(browser, url, login), browser);
}

// parity: POST /users/{id}/identities | OpenAPI; docs: link user accounts
suite("POST /users/{id}/identities", () => {
  test("makes another user's identity one of this user's, who signs in by both from then on", async () => {
    const other = await signInAs("link");
    const account = await world.connect(other, "vault");
    const userId = String(other.claims["sub"]);
    const body = { provider: "oauth2", user_id: userId.replace("oauth2|", "") };
    const linked = await world.api<UserRow["identities"]>("POST", path(), body);
    expect(linked.status).toBe(201);
    expect(linked.body).toMatchObject([
      { provider: "auth0" },
      { provider: "oauth2", connection: "acme-helpdesk", user_id: body.user_id, isSocial: true },
    ]);
    expect(linked.body[1]).toHaveProperty("profileData");
    expect((await world.api("GET", `/users/${encodeURIComponent(userId)}`)).status).toBe(404);
    expect((await signInAs("link")).claims["sub"]).toBe(id());
    const accounts = await world.api<{ connected_accounts: { id: string }[] }>(
      "GET",
      `/users/${encodeURIComponent(id())}/connected-accounts`,
    );
    expect(accounts.body.connected_accounts.map((each) => each.id)).toContain(account.body.id);
    const old = { grant_type: "refresh_token", refresh_token: other.refreshToken };
    expect((await world.token(old)).status).toBe(403);
  });

  test("takes a database user too: its password signs in the user it was linked to", async () => {
    const user = await signInAs("main");
    const other = await world.signUp("second@example.test");
    const sub = String(user.claims["sub"]);
    const identities = `/users/${encodeURIComponent(sub)}/identities`;
    expect((await world.api("POST", identities, { link_with: other.idToken })).status).toBe(201);
    const signIn = async () => {
      const browser = new ScriptedBrowser();
      const page = await browser.goto(world.authorizeUrl());
      const form = { username: "Second@example.test", password };
      return world.redeem(await browser.press(page, "Continue", form), browser);
    };
    expect((await signIn()).claims["sub"]).toBe(sub);
    const { body } = await world.api("GET", `/users/${encodeURIComponent(sub)}`);
    expect(JSON.stringify(body)).not.toMatch(/scrypt|password/);
    const id = String(other.claims["sub"]).replace("auth0|", "");
    expect((await world.api("DELETE", `${identities}/auth0/${id}`)).status).toBe(200);
    expect((await signIn()).claims["sub"]).toBe(other.claims["sub"]);
  });

  test("takes the other user's ID token in place of provider and id", async () => {
    const other = await signInAs("token");
    const linked = await world.api<UserRow["identities"]>("POST", path(), {
      link_with: other.idToken,
    });
    expect(linked.status).toBe(201);
    expect(linked.body.at(-1)).toMatchObject({ user_id: "acme-helpdesk|desk-token" });
  });

  test.each([
    ["a user that does not exist", { provider: "oauth2", user_id: "acme-helpdesk|none" }, 404],
    ["text that is no token", { link_with: "abc" }, 400],
    ["a provider without an id", { provider: "oauth2" }, 400],
    ["no field", {}, 400],
    ["an unknown provider", { provider: "acme", user_id: "1" }, 400],
  ])("refuses %s", async (_what, body, status) => {
    expect((await world.api("POST", path(), body)).status).toBe(status);
  });

  test("refuses to link a user with itself", async () => {
    const body = { provider: "auth0", user_id: id().replace("auth0|", "") };
    expect((await world.api("POST", path(), body)).status).toBe(400);
  });
});

// parity: POST /users/{id}/identities | OpenAPI: its two ways, and what it says of link_with
suite("POST /users/{id}/identities, by a user's own token", () => {
  let owner: SignedIn;
  let management: string;
  beforeAll(async () => {
    owner = await world.signUp("owner@example.test");
    const audience = `${world.tenant.url}/api/v2/`;
    const scope = "openid update:current_user_identities";
    const page = await owner.browser.goto(world.authorizeUrl({ audience, scope }));
    management = (await world.redeem(await owner.browser.press(page, "Accept"), owner.browser))
      .accessToken;
  });

  const link = async (body: Record<string, string>) => {
    const path = `${userPath(owner)}/identities`;
    const response = await fetch(`${world.tenant.url}/api/v2${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${management}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const isThere = async ({ claims }: SignedIn) =>
    (await world.api("GET", `/users/${encodeURIComponent(String(claims["sub"]))}`)).status === 200;

  test("takes nobody by provider and id", async () => {
    const victim = await world.signUp("victim@example.test");
    const id = String(victim.claims["sub"]).replace("auth0|", "");
    expect(await link({ provider: "auth0", user_id: id })).toMatchObject({
      status: 403,
      body: { errorCode: "insufficient_scope" },
    });
    expect(await isThere(victim)).toBe(true);
  });

  test("takes the ID token that the same application got, and no other application's", async () => {
    const other = await signInAs("own-token");
    const { body: app } = await world.api("POST", "/clients", {
      name: "Another",
      callbacks: ["https://app.example.com/callback"],
      token_endpoint_auth_method: "client_secret_post",
    });
    const { body: databases } = await world.api<{ id: string }[]>(
      "GET",
      "/connections?strategy=auth0",
    );
    await world.api("PATCH", `/connections/${databases[0]?.id}/clients`, [
      { client_id: app["client_id"], status: true },
    ]);
    const foreign = await world.signUpPage("foreign@example.test", {
      client_id: String(app["client_id"]),
      audience: "",
      scope: "openid",
    });
    const { body: tokens } = await world.token(
      {
        grant_type: "authorization_code",
        code: foreign.url.searchParams.get("code") ?? "",
        redirect_uri: "https://app.example.com/callback",
      },
      { id: String(app["client_id"]), secret: String(app["client_secret"]) },
    );
    expect(await link({ link_with: String(tokens["id_token"]) })).toMatchObject({
      status: 400,
      body: {
        message:
          "JWT (link_with) must have an aud claim that matches that of the calling token's azp.",
      },
    });
    expect(await link({ link_with: other.idToken })).toMatchObject({ status: 201 });
  });

  test("takes no access token for an ID token, nor does the owner's", async () => {
    const victim = await world.signUp("tokens@example.test");
    const bearer = await world.meToken(victim.refreshToken);
    expect(await link({ link_with: bearer })).toMatchObject({ status: 400 });
    expect((await world.api("POST", path(), { link_with: bearer })).status).toBe(400);
    expect(await isThere(victim)).toBe(true);
  });

  test("takes no access token of an API that is named like an application", async () => {
    await world.api("POST", "/resource-servers", {
      identifier: world.app.id,
      allow_offline_access: true,
      skip_consent_for_verifiable_first_party_clients: true,
    });
    const victim = await world.signUp("named@example.test", { audience: world.app.id });
    const form = { grant_type: "refresh_token", refresh_token: victim.refreshToken };
    const { body: refreshed } = await world.token({ ...form, scope: "profile" });
    for (const link_with of [victim.accessToken, String(refreshed["access_token"])]) {
      expect((await world.api("POST", path(), { link_with })).status).toBe(400);
      expect(await link({ link_with })).toMatchObject({ status: 400 });
    }
  });
});

// parity: DELETE /users/{id}/identities/{provider}/{user_id} | OpenAPI; docs: unlink user accounts
suite("DELETE /users/{id}/identities/{provider}/{user_id}", () => {
  test("makes the identity a user of its own again", async () => {
    const other = await signInAs("unlink");
    const userId = String(other.claims["sub"]);
    const body = { provider: "oauth2", user_id: userId.replace("oauth2|", "") };
    await world.api("POST", path(), body);
    const one = `${path()}/oauth2/${encodeURIComponent(body.user_id)}`;
    const left = await world.api<UserRow["identities"]>("DELETE", one);
    expect(left.status).toBe(200);
    expect(left.body.map(({ user_id: each }) => each)).not.toContain(body.user_id);
    expect((await world.api("GET", `/users/${encodeURIComponent(userId)}`)).status).toBe(200);
    expect((await signInAs("unlink")).claims["sub"]).toBe(userId);
    expect((await world.api("DELETE", one)).status).toBe(400);
  });

  test("refuses the user's first identity", async () => {
    const one = `${path()}/auth0/${id().replace("auth0|", "")}`;
    expect((await world.api("DELETE", one)).status).toBe(400);
  });
});

// parity: DELETE /users/{id} | (inferred)
test("a deleted user's linked identity is a new user at its next login", async () => {
  const user = await world.signUp("gone@example.test");
  const other = await signInAs("gone");
  const sub = String(user.claims["sub"]);
  await world.api("POST", `/users/${encodeURIComponent(sub)}/identities`, {
    link_with: other.idToken,
  });
  await world.api("DELETE", `/users/${encodeURIComponent(sub)}`);
  expect((await signInAs("gone")).claims["sub"]).toBe("oauth2|acme-helpdesk|desk-gone");
});
