/** @module status, connections, connect, disconnect and logout, on the wire. */

import { describe, expect, it } from "vitest";
import { knownService } from "../../cli/connections/known-services.ts";
import { runConnect } from "../../cli/connections/run-connect.ts";
import { keptTokens } from "../../cli/profiles/profile-token-store.ts";
import { loadProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import { allowedDomainsOf, openSession, vaultOf } from "../../cli/profiles/session.ts";
import { freePorts } from "../free-ports.ts";
import { ALL_SCOPES, exchanges, type Reply, tenantServer } from "../runtime/wire-vault.ts";
import { signedIn, testEnv, tvk } from "./run-tvk.ts";

interface Row {
  id: string;
  connection: string;
  scopes: string[];
}

/** A My Account API that keeps accounts. */
async function setUp(rows: Row[] = [], broken?: Reply) {
  const exchange = exchanges(undefined, { scope: "read:tickets" });
  let redirectUri = "";
  const tenant = await tenantServer((seen) => {
    const { path, method, form, body } = seen;
    const url = new URL(path, "https://t");
    const route = `${method} ${url.pathname.replace("/me/v1/connected-accounts", "")}`;
    if (form.get("grant_type") === "refresh_token") {
      return { json: { access_token: "me", expires_in: 3600, scope: ALL_SCOPES } };
    }
    if (broken && path.startsWith("/me/")) return broken;
    if (route === "GET /accounts") return { json: { accounts: rows } };
    if (route === "GET /connections") return { json: { connections: [] } };
    if (route.startsWith("DELETE")) {
      rows.splice(0, rows.length, ...rows.filter(({ id }) => !path.endsWith(id)));
      return { status: 204 };
    }
    if (route === "POST /connect") {
      const asked = JSON.parse(body);
      redirectUri = `${asked.redirect_uri}?state=${asked.state}&connect_code=c1`;
      rows.push({
        id: "cac_new",
        connection: asked.connection,
        scopes: asked.scopes ?? ["openid"],
      });
      return {
        status: 201,
        json: {
          auth_session: "s",
          connect_uri: `${tenant.origin}/go`,
          connect_params: { ticket: "t1" },
          expires_in: 300,
        },
      };
    }
    if (url.pathname === "/go") return { status: 302, headers: { location: redirectUri } };
    if (route === "POST /complete")
      return { status: 201, json: { ...rows.at(-1), created_at: "2026-11-22T12:00:00.000Z" } };
    if (path === "/oauth/revoke" || path.startsWith("/v2/logout")) return { json: {} };
    return exchange(seen);
  });
  const env = testEnv();
  await signedIn(env, tenant.host, { connection: "desk", allowedDomains: ["desk.test"] });
  const visit = async (url: string) => void (await (await fetch(url)).text());
  const connect = (options: Partial<Parameters<typeof runConnect>[0]> = {}) =>
    runConnect({ session: openSession({ env }), service: "desk", visit, ...options });
  return { tenant, env, connect, rows };
}

const desk = { id: "cac_1", connection: "desk", scopes: ["read:tickets"] };

describe("tvk status", () => {
  it("says who is signed in from what is kept, without any request in JSON mode", async () => {
    const { tenant, env } = await setUp();
    const ran = await tvk(env, "status", "--json");
    expect(ran.json()).toEqual({
      loggedIn: true,
      domain: tenant.host,
      clientId: "client-1",
      profile: "test",
      storage: "file",
      user: { email: "alice@acme.test", name: "Alice", sub: "auth0|1" },
      tokenStatus: "valid",
      connections: [],
    });
    expect(tenant.seen).toEqual([]);
  });

  it("an access token that aged out does not sign out who has a refresh token", async () => {
    const { env } = await setUp();
    await updateProfile(
      "test",
      ({ auth0 }) => auth0 && Object.assign(auth0, { expiresAt: 1 }),
      env,
    );
    expect((await tvk(env, "status", "--json")).json()).toMatchObject({
      loggedIn: true,
      tokenStatus: "expired",
    });
  });

  it("names tenant and client when nobody is signed in, null when nothing is configured", async () => {
    const { env, tenant } = await setUp();
    await updateProfile("test", (profile) => delete profile.auth0, env);
    expect((await tvk(env, "status", "--json")).json()).toEqual({
      loggedIn: false,
      domain: tenant.host,
      clientId: "client-1",
    });
    expect((await tvk(testEnv(), "status", "--json")).json()).toEqual({
      loggedIn: false,
      domain: null,
      clientId: null,
    });
  });

  it("shows a person the connected accounts too, and no token", async () => {
    const { env } = await setUp([desk]);
    const ran = await tvk(env, "status");
    expect(ran.stdout).toContain("alice@acme.test");
    expect(ran.stdout).toContain("desk (cac_1): scopes read:tickets");
    expect(ran.stdout).not.toMatch(/rt-alice|at-auth0|s3cret/);
  });
});

describe("tvk connections", () => {
  it("lists what the tenant has, with the hosts that may see each token", async () => {
    const { env } = await setUp([desk, { id: "cac_2", connection: "google-oauth2", scopes: [] }]);
    expect((await tvk(env, "connections", "--json")).json()).toEqual({
      connections: [
        {
          connection: "desk",
          services: ["desk"],
          service: "desk",
          id: "cac_1",
          scopes: ["read:tickets"],
          tokenStatus: "none",
          allowedDomains: ["desk.test"],
          remote: true,
        },
        {
          connection: "google-oauth2",
          services: ["gmail", "calendar"],
          service: "gmail, calendar",
          id: "cac_2",
          scopes: [],
          tokenStatus: "none",
          allowedDomains: ["*.googleapis.com"],
          remote: true,
        },
      ],
    });
  });

  it("lists what is kept here, and says why, when the tenant can't be asked", async () => {
    const { env, connect, tenant } = await setUp();
    await connect();
    await tenant.close();
    const ran = await tvk(env, "connections", "--json");
    expect(ran.json()).toMatchObject({
      connections: [{ connection: "desk", tokenStatus: "valid", remote: false }],
    });
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain("ECONNREFUSED");
  });

  it("an empty list is an empty list", async () => {
    const { env } = await setUp();
    expect((await tvk(env, "connections", "--json")).json()).toEqual({ connections: [] });
  });
});

describe("runConnect()", () => {
  it("connects, merges scopes, and adds allowed domains to those that are there", async () => {
    const { env, connect } = await setUp([desk]);
    await connect({ allowedDomains: ["a.test"] });
    const result = await connect({
      scopes: ["write:tickets"],
      allowedDomains: ["*.b.test", "a.test"],
    });
    expect(result).toEqual({
      connection: "desk",
      id: "cac_new",
      scopes: ["read:tickets", "write:tickets"],
      allowedDomains: ["a.test", "*.b.test"],
    });
    expect(loadProfile("test", env)?.profile.serviceSettings).toEqual({
      desk: { allowedDomains: ["a.test", "*.b.test"] },
    });
  });

  it("asks for the scopes of a service that auth0-tv knows, on its connection", async () => {
    const { connect } = await setUp();
    const { connection, scopes } = await connect({ service: "Calendar" });
    expect(connection).toBe("google-oauth2");
    expect(scopes).toContain("https://www.googleapis.com/auth/calendar.readonly");
  });

  it("takes the stack's own connection as it is written, whatever case the person types", async () => {
    const { env, connect, tenant } = await setUp();
    const own = { connection: "Acme-Desk" };
    await updateProfile("test", (profile) => Object.assign(profile, own), env);
    for (const service of ["Acme-Desk", "acme-desk"]) {
      expect((await connect({ service })).connection).toBe("Acme-Desk");
    }
    const asked = tenant.seen.filter(({ path }) => path.endsWith("/connect"));
    expect(asked.map(({ body }) => JSON.parse(body).connection)).toEqual([
      "Acme-Desk",
      "Acme-Desk",
    ]);
    const { profile } = openSession({ env });
    expect(allowedDomainsOf(profile, "Acme-Desk")).toEqual(["desk.test"]);
    const shown = (await tvk(env, "connections", "--json")).json();
    expect(shown).toMatchObject({
      connections: [{ connection: "Acme-Desk", allowedDomains: ["desk.test"] }, {}],
    });
    const ran = await tvk(env, "disconnect", "ACME-DESK", "--remote", "--json");
    expect(ran.json()).toMatchObject({ status: "disconnected" });
  });

  it.each([
    ["github", "github", { connection: "github", allowedDomains: ["api.github.com"] }],
    ["GitHub", "GitHub", { connection: "GitHub", allowedDomains: [] }],
    ["Gmail", undefined, { connection: "google-oauth2" }],
    ["Other", "Acme-Desk", { connection: "other" }],
  ])("%s, where the stack's connection is %s, is %j", (name, own, expected) => {
    expect(knownService(name, own)).toMatchObject(expected);
  });

  it("refuses a domain that is none before any request", async () => {
    const { connect, tenant } = await setUp();
    const allowedDomains = ["https://a.test"];
    await expect(connect({ allowedDomains })).rejects.toMatchObject({
      code: "invalid_input",
      exitCode: 2,
      message: expect.stringContaining("--allowed-domains"),
    });
    expect(tenant.seen).toEqual([]);
  });
});

describe("tvk connect", () => {
  it("a refusal of the My Account API is connect_failed, exit 1, and names the next step", async () => {
    const problem = {
      type: "https://auth0.com/api-errors/A0E-403-0002",
      status: 403,
      title: "Insufficient Scope",
      detail: "no",
    };
    const { env } = await setUp([], { status: 403, json: problem });
    const [port] = await freePorts(1);
    const ran = await tvk(env, "connect", "desk", "--json", "--port", `${port}`);
    expect(ran.exitCode).toBe(1);
    expect(ran.json()).toMatchObject({
      error: {
        code: "connect_failed",
        details: { code: "MY_ACCOUNT_GRANT_MISSING" },
        hint: expect.stringContaining("client grant"),
      },
    });
  });
});

/** Has the vault exchange once: the profile holds a token then. */
async function fetchToken(env: NodeJS.ProcessEnv) {
  await vaultOf(openSession({ env })).token("desk");
  expect(keptTokens(loadProfile("test", env)?.profile.connections ?? {})).toHaveLength(1);
}

describe("tvk disconnect", () => {
  it("forgets the token and the hosts here; the account stays in the vault", async () => {
    const { env, connect, tenant } = await setUp();
    await connect({ allowedDomains: ["a.test"] });
    expect((await tvk(env, "disconnect", "desk", "--json")).json()).toEqual({
      status: "disconnected",
      service: "desk",
      remote: false,
    });
    expect(loadProfile("test", env)?.profile.serviceSettings).toEqual({});
    expect(tenant.seen.some(({ method }) => method === "DELETE")).toBe(false);
    expect((await tvk(env, "disconnect", "desk", "--json")).json()).toEqual({
      status: "not_connected",
      service: "desk",
    });
  });

  it("--remote removes every account of the connection, --id one", async () => {
    const { env, rows } = await setUp([desk, { ...desk, id: "cac_2" }, { ...desk, id: "cac_3" }]);
    const one = await tvk(env, "disconnect", "desk", "--remote", "--id", "cac_2", "--json");
    expect(one.json()).toEqual({ status: "disconnected", service: "desk", remote: true });
    expect(rows.map(({ id }) => id)).toEqual(["cac_1", "cac_3"]);
    await tvk(env, "disconnect", "desk", "--remote");
    expect(rows).toEqual([]);
  });

  it.each([
    ["cac_9", 'there is no account "cac_9"'],
    ["cac_2", 'the account "cac_2" is one of github, not of desk'],
  ])(
    "--id %s, which is no account of the service, is exit 2 and removes nothing",
    async (id, message) => {
      const { env, rows, connect } = await setUp([{ ...desk, id: "cac_2", connection: "github" }]);
      await connect({ allowedDomains: ["a.test"] });
      await fetchToken(env);
      const [before, kept] = [[...rows], loadProfile("test", env)?.profile];
      const ran = await tvk(env, "disconnect", "desk", "--remote", "--id", id, "--json");
      expect(ran.exitCode).toBe(2);
      expect(ran.json()).toMatchObject({
        error: { message, hint: "`tvk connections` lists them." },
      });
      expect(rows).toEqual(before);
      expect(loadProfile("test", env)?.profile).toEqual(kept);
    },
  );

  it("--remote says what it found in the vault: without an account there, not connected", async () => {
    const { env } = await setUp();
    await fetchToken(env);
    const ran = await tvk(env, "disconnect", "desk", "--remote", "--json");
    expect(ran.json()).toEqual({ status: "not_connected", service: "desk" });
    expect(keptTokens(loadProfile("test", env)?.profile.connections ?? {})).toEqual([]);
  });

  it("--remote that fails is one document, not exit 0, and forgets nothing", async () => {
    const { env, connect } = await setUp();
    await connect();
    const kept = loadProfile("test", env)?.profile.connections;
    const failing = await setUp([], { status: 500, text: "oops" });
    await updateProfile(
      "test",
      (profile) => Object.assign(profile, { domain: failing.tenant.host }),
      env,
    );
    const ran = await tvk(env, "disconnect", "desk", "--remote", "--json");
    expect(ran.exitCode).toBe(1);
    expect(ran.json()).toMatchObject({
      error: { code: "disconnect_failed", details: { code: "TENANT_REFUSED" } },
    });
    expect(Object.keys(loadProfile("test", env)?.profile.connections ?? {})).toEqual(
      expect.arrayContaining(Object.keys(kept ?? {})),
    );
  });
});

describe("tvk logout", () => {
  it("revokes the refresh token, forgets all tokens, keeps the tenant, and prints the page that ends the session", async () => {
    const { env, tenant } = await setUp();
    const ran = await tvk(env, "logout", "--json");
    expect(ran.json()).toEqual({ status: "logged_out" });
    expect(ran.stderr).toContain(
      `https://${tenant.host}/v2/logout?client_id=client-1&returnTo=http%3A%2F%2F127.0.0.1%3A18484`,
    );
    const revoked = tenant.seen.find(({ path }) => path === "/oauth/revoke");
    expect(revoked?.form.get("token")).toBe("rt-alice");
    const profile = loadProfile("test", env)?.profile;
    expect(profile).toMatchObject({ domain: tenant.host, connections: {} });
    expect(profile?.auth0).toBeUndefined();
  });

  it("--local only forgets", async () => {
    const { env, tenant } = await setUp();
    expect((await tvk(env, "logout", "--local", "--json")).json()).toEqual({
      status: "logged_out",
    });
    expect(tenant.seen).toEqual([]);
    expect((await tvk(env, "logout", "--json")).json()).toEqual({ status: "not_logged_in" });
  });

  it("signs out here even when the tenant does not answer", async () => {
    const { env, tenant } = await setUp();
    await tenant.close();
    const ran = await tvk(env, "logout", "--json");
    expect(ran.json()).toEqual({ status: "logged_out" });
    expect(ran.stderr).toContain("not revoked");
    expect(loadProfile("test", env)?.profile.auth0).toBeUndefined();
  });
});
