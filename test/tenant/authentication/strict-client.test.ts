/** @module The whole chain, driven by openid-client: an independent client that checks everything itself. */
import * as oidc from "openid-client";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser } from "./scripted-browser.ts";
import {
  callback,
  meScopes,
  openWorld,
  passProvider,
  refreshTokenType,
  strictClient,
  type TenantWorld,
  vaultGrant,
  vaultTokenType,
} from "./tenant-world.ts";

let world: TenantWorld;
let config: oidc.Configuration;

beforeAll(async () => {
  world = await openWorld();
  config = await strictClient(world);
});
afterAll(() => world.close());

async function signIn(as: string, params: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: "openid profile email offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    connection: "acme-helpdesk",
    nonce,
    state,
    ...params,
  });
  const browser = new ScriptedBrowser();
  const done = await passProvider(browser, await browser.goto(url), as);
  const checks = {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    ...(params["max_age"] === undefined ? {} : { maxAge: Number(params["max_age"]) }),
  };
  const tokens = await oidc.authorizationCodeGrant(config, done.url, checks);
  return { browser, tokens };
}

suite("openid-client", () => {
  test("discovers the tenant: the issuer ends with a slash", () => {
    const metadata = config.serverMetadata();
    expect(metadata.issuer).toBe(`${world.tenant.url}/`);
    expect(metadata.supportsPKCE()).toBe(true);
    for (const [name, value] of Object.entries(metadata)) {
      if (name.endsWith("_endpoint")) expect(String(value)).toMatch(`${world.tenant.url}/`);
    }
  });

  test("logs in with PKCE, nonce, state and max_age, and gets the user's claims", async () => {
    const { tokens } = await signIn("alice", { max_age: "600" });
    expect(tokens.claims()).toMatchObject({
      sub: "oauth2|acme-helpdesk|desk-alice",
      email: "alice@acme.test",
      email_verified: false,
      auth_time: expect.any(Number),
      sid: expect.any(String),
    });
    const info = await oidc.fetchUserInfo(
      config,
      tokens.access_token,
      "oauth2|acme-helpdesk|desk-alice",
    );
    expect(info).toMatchObject({ name: "Alice Example", email: "alice@acme.test" });
  });

  test("goes from login by MRRT and connect to the provider's token", async () => {
    const { browser, tokens } = await signIn("bob");
    const refreshToken = tokens.refresh_token ?? "";
    const mine = await oidc.refreshTokenGrant(config, refreshToken, {
      audience: world.me,
      scope: meScopes.join(" "),
    });
    expect(mine.scope).toBe(meScopes.join(" "));
    const begun = await world.my<{
      connect_uri: string;
      connect_params: { ticket: string };
      auth_session: string;
    }>(mine.access_token, "POST", "/connect", {
      connection: "acme-helpdesk",
      redirect_uri: callback,
      scopes: ["openid", "read:tickets"],
    });
    const url = new URL(begun.body.connect_uri);
    url.searchParams.set("ticket", begun.body.connect_params.ticket);
    const done = await passProvider(browser, await browser.goto(url), "bob");
    const completed = await world.my(mine.access_token, "POST", "/complete", {
      auth_session: begun.body.auth_session,
      connect_code: done.url.searchParams.get("connect_code"),
      redirect_uri: callback,
    });
    expect(completed.status).toBe(201);
    const vault = await oidc.genericGrantRequest(config, vaultGrant, {
      subject_token: refreshToken,
      subject_token_type: refreshTokenType,
      requested_token_type: vaultTokenType,
      connection: "acme-helpdesk",
    });
    expect(vault.scope).toBe("openid read:tickets");
    expect(vault.expires_in).toBeGreaterThan(3500);
    const profile = await fetch(`${world.provider.url}/me`, {
      headers: { authorization: `Bearer ${vault.access_token}` },
    });
    expect(await profile.json()).toMatchObject({ user_id: "desk-bob" });
  });

  test("reads the tenant's refusals as OAuth errors", async () => {
    const unknown = oidc.genericGrantRequest(config, vaultGrant, { subject_token: "x" });
    await expect(unknown).rejects.toMatchObject({ error: "invalid_request", status: 400 });
    const revoked = oidc.refreshTokenGrant(config, "v1.never");
    await expect(revoked).rejects.toMatchObject({ error: "invalid_grant", status: 403 });
  });

  test("revokes a refresh token and ends the session", async () => {
    const { browser, tokens } = await signIn("carol");
    await oidc.tokenRevocation(config, tokens.refresh_token ?? "");
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const url = oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: "https://app.example.com",
      id_token_hint: tokens.id_token ?? "",
      state: "bye",
    });
    const done = await browser.goto(url);
    expect(done.url.href).toBe("https://app.example.com/?state=bye");
    expect(
      (await browser.goto(world.authorizeUrl({ prompt: "none" }))).url.searchParams.get("error"),
    ).toBe("login_required");
  });
});
