/** @module connect(), complete(), connections() and disconnect() on the wire. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  ALL_SCOPES,
  errorOf,
  myAccount,
  type Reply,
  type Seen,
  tenantServer,
  VAULT_GRANT,
  vaultAt,
} from "./wire-vault.ts";

const redirectUri = "http://127.0.0.1:18484/callback";

/** A My Account API with these accounts, which are listed two a page. */
async function setUp(
  options: {
    accounts?: object[];
    configured?: string[];
    complete?: Reply;
    now?: () => number;
  } = {},
) {
  const { accounts = [], configured = ["openid"] } = options;
  let exchanged = 0;
  const api = ({ path, method }: Seen): Reply | undefined => {
    const url = new URL(path, "https://t");
    const route = `${method} ${url.pathname.replace("/me/v1/connected-accounts", "")}`;
    const from = Number(url.searchParams.get("from") ?? 0);
    if (route === "GET /accounts") {
      const next = from + 2 < accounts.length ? { next: `${from + 2}` } : {};
      return { json: { accounts: accounts.slice(from, from + 2), ...next } };
    }
    if (route === "GET /connections") {
      return {
        json: {
          connections: [
            { name: "desk", strategy: "oauth2", scopes: configured },
            { name: "wiki", scopes: ["w"] },
          ],
        },
      };
    }
    if (route === "POST /connect") {
      return {
        status: 201,
        json: {
          auth_session: "session-of-auth0",
          connect_uri: `https://t/connected-accounts/connect`,
          connect_params: { ticket: "f0e1" },
          expires_in: 300,
        },
      };
    }
    if (route === "POST /complete") {
      return (
        options.complete ?? {
          status: 201,
          json: {
            id: "cac_1",
            connection: "desk",
            access_type: "offline",
            scopes: ["read:tickets"],
            created_at: "2026-11-22T12:00:00.000Z",
          },
        }
      );
    }
    return method === "DELETE" ? { status: 204 } : undefined;
  };
  const answers = myAccount(api);
  const tenant = await tenantServer((seen) =>
    seen.form.get("grant_type") === VAULT_GRANT
      ? { json: { access_token: `at-${++exchanged}`, expires_in: 600, scope: "read:tickets" } }
      : answers(seen),
  );
  const vault = vaultAt(tenant, options.now ? { now: options.now } : {});
  const posted = (name: string) =>
    tenant.seen.filter(({ path }) => path.endsWith(`/${name}`)).map(({ body }) => JSON.parse(body));
  return { tenant, vault, posted };
}

function callback(session: string, fields: Record<string, string> = {}) {
  const { state } = JSON.parse(session);
  return `${redirectUri}?${new URLSearchParams({ state, connect_code: "code-1", ...fields })}`;
}

describe("TokenVault.connect()", () => {
  it("trades the refresh token for a My Account token and sends the documented body with PKCE", async () => {
    const { vault, tenant, posted } = await setUp({ now: () => 1000 });
    const start = await vault.connect("desk", {
      redirectUri,
      scopes: ["openid", "read:tickets"],
      loginHint: "alice@acme.test",
      authorizationParams: { prompt: "consent" },
    });
    expect(start.url).toBe("https://t/connected-accounts/connect?ticket=f0e1");
    expect(start.expiresAt).toBe(301_000);
    expect(Object.fromEntries(tenant.seen[0]?.form ?? [])).toEqual({
      grant_type: "refresh_token",
      refresh_token: "rt-alice",
      audience: `https://${tenant.host}/me/`,
      scope: ALL_SCOPES,
      client_id: "client-1",
      client_secret: "s3cret-of-the-client",
    });
    const { state, verifier } = JSON.parse(start.session);
    expect(posted("connect")).toEqual([
      {
        connection: "desk",
        redirect_uri: redirectUri,
        state,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        scopes: ["openid", "read:tickets"],
        authorization_params: { prompt: "consent", login_hint: "alice@acme.test" },
      },
    ]);
    expect(verifier).toMatch(/^[\w-]{43}$/);
    expect(tenant.seen.at(-1)?.headers["authorization"]).toBe("Bearer me-token");
  });

  it("asks again for what is granted, since Auth0 replaces the list", async () => {
    const accounts = [
      { id: "cac_a", connection: "wiki", scopes: ["w"] },
      { id: "cac_b", connection: "other", scopes: ["o"] },
      { id: "cac_c", connection: "desk", scopes: ["openid", "read:tickets"] },
    ];
    const { vault, posted } = await setUp({ accounts });
    await vault.connect("desk", { redirectUri, scopes: ["write:tickets", "openid"] });
    expect(posted("connect")[0].scopes).toEqual(["openid", "read:tickets", "write:tickets"]);
  });

  it("without scopes never narrows: asks for the granted and the configured ones", async () => {
    const accounts = [{ id: "cac_c", connection: "desk", scopes: ["openid", "write:tickets"] }];
    const { vault, posted } = await setUp({ accounts, configured: ["openid", "read:tickets"] });
    await vault.connect("desk", { redirectUri });
    expect(posted("connect")[0].scopes).toEqual(["openid", "write:tickets", "read:tickets"]);
  });

  it("leaves scopes out rather than send an empty list, which Auth0 refuses", async () => {
    const { vault, posted } = await setUp();
    await vault.connect("desk", { redirectUri });
    expect(posted("connect")[0]).not.toHaveProperty("scopes");
    expect(posted("connect")[0]).not.toHaveProperty("authorization_params");
  });

  it("gets one My Account token for a whole connect and what follows", async () => {
    const { vault, tenant } = await setUp();
    const { session } = await vault.connect("desk", { redirectUri });
    await vault.complete(callback(session), session);
    await vault.connections();
    expect(tenant.seen.filter(({ path }) => path === "/oauth/token")).toHaveLength(1);
  });

  it("TENANT_REFUSED when the tenant does not say where to go", async () => {
    const tenant = await tenantServer(
      myAccount(({ path }) => ({ json: path.endsWith("/connect") ? {} : { accounts: [] } })),
    );
    const error = await errorOf(vaultAt(tenant).connect("desk", { redirectUri }));
    expect(error).toMatchObject({ code: "TENANT_REFUSED", connection: "desk" });
  });

  it("keeps a rotated refresh token and uses it from then on", async () => {
    const kept: string[] = [];
    const tenant = await tenantServer(({ path, form }) =>
      path === "/oauth/token"
        ? {
            json: {
              access_token: "me",
              expires_in: 0,
              scope: ALL_SCOPES,
              refresh_token: `${form.get("refresh_token")}+`,
            },
          }
        : { json: { accounts: [] } },
    );
    const onRotate = (refreshToken: string) => void kept.push(refreshToken);
    const vault = vaultAt(tenant, {
      subjectToken: { type: "refresh_token", value: "rt", onRotate },
    });
    await vault.connections();
    await vault.connections();
    expect(kept).toEqual(["rt+", "rt++"]);
  });

  it("keeps the refresh token that it has where an answer brings none", async () => {
    const kept: string[] = [];
    const tenant = await tenantServer(({ path }) =>
      path === "/oauth/token"
        ? { json: { access_token: "me", expires_in: 0, scope: ALL_SCOPES } }
        : { json: { accounts: [] } },
    );
    const onRotate = (refreshToken: string) => void kept.push(refreshToken);
    const vault = vaultAt(tenant, {
      subjectToken: { type: "refresh_token", value: "rt", onRotate },
    });
    await vault.connections();
    await vault.connections();
    const sent = tenant.seen.filter(({ path }) => path === "/oauth/token");
    expect(sent.map(({ form }) => form.get("refresh_token"))).toEqual(["rt", "rt"]);
    expect(kept).toEqual([]);
  });
});

describe("TokenVault.complete()", () => {
  it("sends code, session and verifier, and gives the account", async () => {
    const { vault, posted } = await setUp();
    const { session } = await vault.connect("desk", { redirectUri });
    expect(await vault.complete(callback(session), session)).toEqual({
      id: "cac_1",
      connection: "desk",
      scopes: ["read:tickets"],
      createdAt: "2026-11-22T12:00:00.000Z",
    });
    expect(posted("complete")).toEqual([
      {
        auth_session: "session-of-auth0",
        connect_code: "code-1",
        redirect_uri: redirectUri,
        code_verifier: JSON.parse(session).verifier,
      },
    ]);
  });

  it("takes a path with a query, and the older name of the code", async () => {
    const { vault, posted } = await setUp();
    const { session } = await vault.connect("desk", { redirectUri });
    await vault.complete(`/callback?state=${JSON.parse(session).state}&code=code-2`, session);
    expect(posted("complete")[0].connect_code).toBe("code-2");
  });

  it("drops the held provider token, whose scopes are the old ones", async () => {
    const { vault } = await setUp();
    expect((await vault.token("desk")).accessToken).toBe("at-1");
    const { session } = await vault.connect("desk", { redirectUri });
    await vault.complete(callback(session), session);
    expect((await vault.token("desk")).accessToken).toBe("at-2");
  });

  it.each([
    ["CONNECT_DENIED", { error: "access_denied", error_description: "User cancelled", state: "x" }],
    ["CONNECT_STATE_MISMATCH", { state: "of-another" }],
    ["CONNECT_STATE_MISMATCH", { connect_code: "" }],
  ])("%s before any request: %j", async (code, fields) => {
    const { vault, posted } = await setUp();
    const { session } = await vault.connect("desk", { redirectUri });
    expect(await errorOf(vault.complete(callback(session, fields), session))).toMatchObject({
      code,
      connection: "desk",
    });
    expect(posted("complete")).toEqual([]);
  });

  it("CONNECT_STATE_MISMATCH in the session of another user", async () => {
    const { vault, tenant, posted } = await setUp();
    const { session } = await vault.connect("desk", { redirectUri });
    const bob = vaultAt(tenant, { subjectToken: { type: "refresh_token", value: "rt-bob" } });
    expect((await errorOf(bob.complete(callback(session), session))).code).toBe(
      "CONNECT_STATE_MISMATCH",
    );
    expect(posted("complete")).toEqual([]);
  });

  it("CONNECT_EXPIRED when the time is over, before any request", async () => {
    let now = 0;
    const { vault, posted } = await setUp({ now: () => now });
    const { session } = await vault.connect("desk", { redirectUri });
    now = 300_000;
    expect((await errorOf(vault.complete(callback(session), session))).code).toBe(
      "CONNECT_EXPIRED",
    );
    expect(posted("complete")).toEqual([]);
  });

  it("CONNECT_EXPIRED when the tenant says so, as for a code that was used", async () => {
    const complete = {
      status: 404,
      json: {
        type: "https://auth0.com/api-errors/A0E-404-0001",
        status: 404,
        title: "Not Found",
        detail: "Invalid or expired session",
      },
    };
    const { vault } = await setUp({ complete });
    const { session } = await vault.connect("desk", { redirectUri });
    expect((await errorOf(vault.complete(callback(session), session))).code).toBe(
      "CONNECT_EXPIRED",
    );
  });

  it("a TypeError for a session that connect() did not make", async () => {
    const { vault } = await setUp();
    await expect(vault.complete(redirectUri, "{")).rejects.toThrow(TypeError);
  });
});

describe("connections() and disconnect()", () => {
  const accounts = ["a", "b", "c", "d", "e"].map((name) => ({
    id: `cac_${name}`,
    connection: name < "d" ? "desk" : "wiki",
    access_type: "offline",
    scopes: ["s"],
    created_at: "2026-11-22T12:00:00.000Z",
    ...(name === "e" ? { expires_at: "2027-11-22T12:00:00.000Z" } : {}),
  }));

  it("lists all pages", async () => {
    const { vault } = await setUp({ accounts });
    const list = await vault.connections();
    expect(list.map(({ id }) => id)).toEqual(["cac_a", "cac_b", "cac_c", "cac_d", "cac_e"]);
    expect(list.at(-1)).toEqual({
      id: "cac_e",
      connection: "wiki",
      scopes: ["s"],
      createdAt: "2026-11-22T12:00:00.000Z",
      expiresAt: "2027-11-22T12:00:00.000Z",
    });
  });

  it("ends at a cursor that repeats", async () => {
    const tenant = await tenantServer(
      myAccount(() => ({ json: { accounts: [{ id: "cac_a" }], next: "again" } })),
    );
    expect(await vaultAt(tenant).connections()).toHaveLength(2);
  });

  it("removes every account of a connection, and its held token", async () => {
    const { vault, tenant } = await setUp({ accounts });
    await vault.token("desk");
    const removed = await vault.disconnect("desk");
    expect(removed.map(({ id }) => id)).toEqual(["cac_a", "cac_b", "cac_c"]);
    expect(tenant.seen.filter(({ method }) => method === "DELETE").map(({ path }) => path)).toEqual(
      ["a", "b", "c"].map((name) => `/me/v1/connected-accounts/accounts/cac_${name}`),
    );
    expect((await vault.token("desk")).accessToken).toBe("at-2");
  });

  it("drops the held tokens of all accounts of the connection, whatever their login hint", async () => {
    const { vault } = await setUp({ accounts });
    await vault.token("desk", { loginHint: "one" });
    await vault.token("desk", { loginHint: "two" });
    await vault.token("wiki");
    await vault.disconnect("desk");
    expect((await vault.token("desk", { loginHint: "one" })).accessToken).toBe("at-4");
    expect((await vault.token("wiki")).accessToken).toBe("at-3");
  });

  it("removes the one account with this id", async () => {
    const { vault } = await setUp({ accounts });
    expect((await vault.disconnect({ id: "cac_d" })).map(({ id }) => id)).toEqual(["cac_d"]);
  });

  it("takes an account that is gone already for removed", async () => {
    const gone = {
      type: "https://auth0.com/api-errors/A0E-404-0001",
      detail: "The connected account was not found.",
    };
    const tenant = await tenantServer(
      myAccount(({ method }) =>
        method === "DELETE" ? { status: 404, json: gone } : { json: { accounts: [accounts[0]] } },
      ),
    );
    expect(await vaultAt(tenant).disconnect("desk")).toHaveLength(1);
  });

  it("removes nothing where nothing is connected", async () => {
    const { vault, tenant } = await setUp({ accounts });
    expect(await vault.disconnect("nothing")).toEqual([]);
    expect(tenant.seen.some(({ method }) => method === "DELETE")).toBe(false);
  });
});
