/** @module The URL with which the tenant asks a provider. */
import { createHash } from "node:crypto";
import { expect, suite, test } from "vitest";
import {
  authorizationUrl,
  connectScopes,
  loginScope,
} from "../../../tenant/upstream/authorization-url.ts";
import { type Provider, readProvider } from "../../../tenant/upstream/provider.ts";

function provider(options: Record<string, unknown> = {}): Provider {
  return readProvider({
    id: "con_1",
    name: "desk",
    strategy: "oauth2",
    options: {
      client_id: "tenant",
      authorizationURL: "https://desk.example.com/authorize?team=one&state=fixed",
      tokenURL: "https://desk.example.com/token",
      scope: "openid read:tickets",
      ...options,
    },
    is_domain_connection: false,
    authentication: { active: true },
    connected_accounts: { active: true },
    enabled_clients: [],
    realms: [],
  });
}

const ask = async (options: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  Object.fromEntries(
    new URL(
      await authorizationUrl({
        provider: provider(options),
        redirectUri: "https://tenant.example.com/login/callback",
        state: "opaque",
        scope: "openid read:tickets",
        ...more,
      }),
    ).searchParams,
  );

// parity: option `upstream_params` | docs: pass parameters to identity providers
suite("authorizationUrl()", () => {
  // parity: option `authorizationURL` | RFC 6749 3.1
  test("keeps the query of the connection's URL, but not its state", async () => {
    expect(await ask({})).toEqual({
      team: "one",
      response_type: "code",
      client_id: "tenant",
      redirect_uri: "https://tenant.example.com/login/callback",
      state: "opaque",
      scope: "openid read:tickets",
    });
  });

  test("adds fixed upstream_params, and those that take a parameter of our own request", async () => {
    const upstream_params = {
      screen_name: { alias: "login_hint" },
      lang: { value: "de" },
      acr: { alias: "acr_values" },
    };
    const sent = await ask({ upstream_params }, { ownParams: { login_hint: "alice" } });
    expect(sent).toMatchObject({ screen_name: "alice", lang: "de" });
    expect(sent).not.toHaveProperty("acr");
  });

  test("lets nothing replace what the tenant itself sends", async () => {
    const forged = {
      state: { value: "forged" },
      redirect_uri: { value: "https://evil.example.net" },
      scope: { value: "all" },
    };
    const sent = await ask(
      { upstream_params: forged },
      { extraParams: { client_id: "other", response_type: "token" } },
    );
    expect(sent).toMatchObject({
      state: "opaque",
      client_id: "tenant",
      response_type: "code",
      scope: "openid read:tickets",
    });
    expect(sent["redirect_uri"]).toBe("https://tenant.example.com/login/callback");
  });

  // parity: option `pkce_enabled` | RFC 7636 4.2
  test("RFC 7636 4.2: sends the S256 challenge of the verifier", async () => {
    const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const sent = await ask({}, { codeVerifier });
    expect(sent["code_challenge"]).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    expect(sent["code_challenge"]).toBe(
      createHash("sha256").update(codeVerifier).digest("base64url"),
    );
    expect(sent["code_challenge_method"]).toBe("S256");
  });
});

// parity: option `scope` | docs: scopes for an external IdP
suite("scopes", () => {
  test("a login asks for the connection's scopes, with spaces between them", () => {
    expect(loginScope(provider(), [])).toBe("openid read:tickets");
  });

  test("scopes that the connection has as text stay as they were written", () => {
    expect(loginScope(provider({ scope: "user.info,video.list" }), [])).toBe(
      "user.info,video.list",
    );
    expect(loginScope(provider({ scope: ["a", "b"] }), [])).toBe("a b");
  });

  // parity: option `useOauthSpecScope` | docs: oauth2 connections
  test("connection_scope is added with commas, or with spaces where the connection says so", () => {
    expect(loginScope(provider(), ["write:tickets", "openid"])).toBe(
      "openid,read:tickets,write:tickets",
    );
    expect(loginScope(provider({ useOauthSpecScope: true }), ["write:tickets"])).toBe(
      "openid read:tickets write:tickets",
    );
  });

  test("a connect replaces the connection's scopes, except offline_access", () => {
    expect(connectScopes(provider(), undefined)).toEqual(["openid", "read:tickets"]);
    expect(connectScopes(provider(), ["a"])).toEqual(["a"]);
    expect(connectScopes(provider({ scope: "openid offline_access" }), ["a"])).toEqual([
      "a",
      "offline_access",
    ]);
  });
});
