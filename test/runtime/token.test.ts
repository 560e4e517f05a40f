/** @module TokenVault.token(): the exchange, and when it is not made. */
import { describe, expect, it } from "vitest";
import type { VaultEvent } from "../../runtime/send.ts";
import { memoryStore, type TokenStore } from "../../runtime/token-cache.ts";
import { errorOf, exchanges, tenantServer, VAULT_GRANT, vaultAt } from "./wire-vault.ts";

describe("TokenVault.token()", () => {
  it("sends the documented exchange, without scope and audience", async () => {
    const tenant = await tenantServer(exchanges());
    const token = await vaultAt(tenant, { now: () => 1_000_000 }).token("desk", {
      loginHint: "user-7",
    });
    expect(token).toEqual({
      accessToken: "at-1",
      scopes: ["read:tickets", "write:tickets"],
      expiresAt: 1_000_000 + 1_377_000,
    });
    const [seen] = tenant.seen;
    expect(seen?.method).toBe("POST");
    expect(seen?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(seen?.form ?? [])).toEqual({
      grant_type: VAULT_GRANT,
      subject_token: "rt-alice",
      subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token",
      requested_token_type: "http://auth0.com/oauth/token-type/federated-connection-access-token",
      connection: "desk",
      login_hint: "user-7",
      client_id: "client-1",
      client_secret: "s3cret-of-the-client",
    });
  });

  it("exchanges an access token as such, taken from a function at each call", async () => {
    const tenant = await tenantServer(exchanges());
    let calls = 0;
    const value = async () => `at-of-user-${++calls}`;
    const vault = vaultAt(tenant, { subjectToken: { type: "access_token", value } });
    await vault.token("desk");
    await vault.token("desk");
    expect(tenant.seen.map(({ form }) => form.get("subject_token"))).toEqual([
      "at-of-user-1",
      "at-of-user-2",
    ]);
    expect(tenant.seen[0]?.form.get("subject_token_type")).toBe(
      "urn:ietf:params:oauth:token-type:access_token",
    );
  });

  it("makes one exchange for 1,000 callers at once", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const vault = vaultAt(tenant);
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => vault.token("desk")));
    expect(count.made).toBe(1);
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(["at-1"]));
  });

  it("makes one failing exchange for callers at once, and another for the next", async () => {
    const tenant = await tenantServer(() => ({
      status: 401,
      json: { error: "federated_connection_refresh_token_not_found" },
    }));
    const vault = vaultAt(tenant);
    const errors = await Promise.all(
      ["a", "b", "c"].map((scope) => errorOf(vault.token("desk", { scopes: [scope] }))),
    );
    expect(tenant.seen).toHaveLength(1);
    expect(errors.map(({ required }) => required)).toEqual([["a"], ["b"], ["c"]]);
    await errorOf(vault.token("desk"));
    expect(tenant.seen).toHaveLength(2);
  });

  it("keeps users, connections and accounts apart", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const cache = memoryStore();
    const alice = vaultAt(tenant, { cache });
    const bob = vaultAt(tenant, {
      cache,
      subjectToken: { type: "refresh_token", value: "rt-bob" },
    });
    const other = vaultAt(tenant, { cache, clientId: "client-2" });
    const tokens = await Promise.all([
      alice.token("desk"),
      alice.token("desk", { loginHint: "second" }),
      alice.token("wiki"),
      bob.token("desk"),
      other.token("desk"),
      alice.token("desk"),
    ]);
    expect(count.made).toBe(5);
    expect(tokens[0]).toEqual(tokens[5]);
  });

  it("keeps connection and login hint apart whatever characters they have", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const vault = vaultAt(tenant);
    await vault.token("a", { loginHint: "b:c" });
    await vault.token("a:b", { loginHint: "c" });
    expect(count.made).toBe(2);
  });

  it("takes an entry of the store that it can't read for none", async () => {
    const tenant = await tenantServer(exchanges());
    const store = memoryStore();
    const cache: TokenStore = {
      ...store,
      get: async (key) => (await store.get(key)) ?? "{not json",
    };
    const vault = vaultAt(tenant, { cache });
    await vault.token("desk");
    expect((await vault.token("desk")).accessToken).toBe("at-1");
  });

  it("exchanges once more when the held token lacks a scope, and then gives what came", async () => {
    const scopes = ["read:tickets", "read:tickets write:tickets"];
    const tenant = await tenantServer(() => ({
      json: { access_token: `at-${scopes.length}`, scope: scopes.shift(), expires_in: 600 },
    }));
    const vault = vaultAt(tenant);
    await vault.token("desk", { scopes: ["read:tickets"] });
    const token = await vault.token("desk", { scopes: ["write:tickets"] });
    expect(token.scopes).toEqual(["read:tickets", "write:tickets"]);
    await vault.token("desk", { scopes: ["write:tickets"] });
    expect(tenant.seen).toHaveLength(2);
  });

  it("SCOPES_NEEDED carries connection, granted and required when an exchange brings too little", async () => {
    const tenant = await tenantServer(exchanges());
    const error = await errorOf(
      vaultAt(tenant).token("desk", { scopes: ["read:tickets", "admin"] }),
    );
    expect(error).toMatchObject({
      code: "SCOPES_NEEDED",
      message: '"desk" is connected without the scope "admin"',
      connection: "desk",
      required: ["read:tickets", "admin"],
      granted: ["read:tickets", "write:tickets"],
    });
  });

  it("reads scopes separated by commas, as GitHub and Slack have them", async () => {
    const tenant = await tenantServer(exchanges(undefined, { scope: "repo,read:user" }));
    expect((await vaultAt(tenant).token("github")).scopes).toEqual(["repo", "read:user"]);
  });

  it("takes a missing scope for what was asked, since the tenant only names a difference", async () => {
    const tenant = await tenantServer(exchanges(undefined, { scope: undefined }));
    expect(await vaultAt(tenant).token("desk", { scopes: ["any"] })).toMatchObject({ scopes: [] });
  });

  it.each([
    [undefined, 3600],
    ["900", 900],
    ["soon", 3600],
    [-5, 0],
  ])("expires_in %j counts as %d seconds", async (expiresIn, seconds) => {
    const tenant = await tenantServer(exchanges(undefined, { expires_in: expiresIn }));
    const { expiresAt } = await vaultAt(tenant, { now: () => 5000 }).token("desk");
    expect(expiresAt).toBe(5000 + seconds * 1000);
  });

  it("renews in the last minute at most and 30 seconds at least before the expiry of a long-lived token", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count, { expires_in: 3600 }));
    let now = 0;
    const vault = vaultAt(tenant, { now: () => now });
    await vault.token("desk");
    now = 3600_000 - 60_001;
    await vault.token("desk");
    expect(count.made).toBe(1);
    now = 3600_000 - 29_999;
    await vault.token("desk");
    expect(count.made).toBe(2);
  });

  it("spreads the renewals of many users", async () => {
    const tenant = await tenantServer(exchanges());
    const written: string[] = [];
    const cache: TokenStore = {
      get: () => undefined,
      set: (_, value) => written.push(value),
      delete: () => {},
    };
    for (let user = 0; user < 20; user++) {
      await vaultAt(tenant, { cache, now: () => 0 }).token(`c${user}`);
    }
    const renewals = new Set(written.map((value) => JSON.parse(value)[""].renewAt));
    expect(renewals.size).toBeGreaterThan(10);
  });

  it("does not hammer the tenant when the vault hands out the same token in its last minute", async () => {
    let now = 0;
    let made = 0;
    const tenant = await tenantServer(() => {
      made++;
      return { json: { access_token: "same", expires_in: Math.max(0, (600_000 - now) / 1000) } };
    });
    const vault = vaultAt(tenant, { now: () => now });
    for (; now < 600_000; now += 500) await vault.token("desk");
    expect(made).toBeLessThan(25);
  });

  it("does not keep a token that is expired when it comes", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count, { expires_in: 0 }));
    const vault = vaultAt(tenant);
    await vault.token("desk");
    await vault.token("desk");
    expect(count.made).toBe(2);
  });

  it("force exchanges although a token is held", async () => {
    const tenant = await tenantServer(exchanges());
    const vault = vaultAt(tenant);
    await vault.token("desk");
    expect((await vault.token("desk", { force: true })).accessToken).toBe("at-2");
    expect((await vault.token("desk")).accessToken).toBe("at-2");
  });

  it.each([
    [{ status: 500, text: "oops" }],
    [{ status: 429, json: { error: "too_many_requests" } }],
    [{ drop: true }],
  ])("gives the held token on while renewing fails for a passing reason: %j", async (failure) => {
    let failing = false;
    const good = exchanges(undefined, { expires_in: 600 });
    const tenant = await tenantServer((seen) => (failing ? failure : good(seen)));
    let now = 0;
    const vault = vaultAt(tenant, { now: () => now });
    await vault.token("desk");
    failing = true;
    now = 599_000;
    expect((await vault.token("desk")).accessToken).toBe("at-1");
    now = 600_000;
    await errorOf(vault.token("desk"));
  });

  it("forgets the held token when the tenant says that nothing is connected any more", async () => {
    let gone = false;
    const good = exchanges();
    const tenant = await tenantServer((seen) =>
      gone
        ? { status: 401, json: { error: "federated_connection_refresh_token_not_found" } }
        : good(seen),
    );
    const vault = vaultAt(tenant);
    await vault.token("desk");
    gone = true;
    expect((await errorOf(vault.token("desk", { force: true }))).code).toBe("NOT_CONNECTED");
    expect((await errorOf(vault.token("desk"))).code).toBe("NOT_CONNECTED");
  });

  it("an abort ends one caller's wait, not the exchange of the others", async () => {
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    const good = exchanges();
    const tenant = await tenantServer(async (seen) => {
      await open;
      return good(seen);
    });
    const vault = vaultAt(tenant);
    const leaving = new AbortController();
    const left = vault.token("desk", { signal: leaving.signal });
    const staying = vault.token("desk");
    leaving.abort(new Error("the user left"));
    await expect(left).rejects.toThrow("the user left");
    release();
    expect((await staying).accessToken).toBe("at-1");
    expect(tenant.seen).toHaveLength(1);
  });

  it("LOGIN_REQUIRED before any request when there is no token of the user", async () => {
    const tenant = await tenantServer(exchanges());
    const vault = vaultAt(tenant, { subjectToken: { type: "refresh_token", value: () => "" } });
    expect((await errorOf(vault.token("desk"))).code).toBe("LOGIN_REQUIRED");
    expect(tenant.seen).toEqual([]);
  });

  it("tells onEvent of hits and exchanges, without any token", async () => {
    const tenant = await tenantServer(exchanges());
    const events: VaultEvent[] = [];
    const vault = vaultAt(tenant, { onEvent: (event) => events.push(event), now: () => 0 });
    await vault.token("desk");
    await vault.token("desk");
    expect(events).toEqual([
      { type: "cache", connection: "desk", hit: false },
      { type: "exchange", connection: "desk", ms: 0 },
      { type: "cache", connection: "desk", hit: true },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/at-1|rt-alice|s3cret/);
  });
});

describe("a shared store", () => {
  it("one exchange serves several vaults when the store has a lock", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const cache = lockingStore();
    const vaults = Array.from({ length: 20 }, () => vaultAt(tenant, { cache }));
    const tokens = await Promise.all(vaults.map((vault) => vault.token("desk")));
    expect(count.made).toBe(1);
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1);
  });

  it("the lock is free again after a failed exchange", async () => {
    let failing = true;
    const good = exchanges();
    const tenant = await tenantServer((seen) => (failing ? { status: 500 } : good(seen)));
    const cache = lockingStore();
    await errorOf(vaultAt(tenant, { cache }).token("desk"));
    failing = false;
    expect((await vaultAt(tenant, { cache }).token("desk")).accessToken).toBe("at-1");
  });

  it("a slow store leads to no second exchange by a caller that looked too early", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const inner = memoryStore();
    let reads = 0;
    const cache: TokenStore = {
      ...inner,
      get: async (key) => {
        const value = await inner.get(key);
        // The second reader saw nothing, and hears of it when the first has its token already.
        if (++reads === 2) await new Promise((resolve) => setTimeout(resolve, 150));
        return value;
      },
    };
    const vault = vaultAt(tenant, { cache });
    await Promise.all([vault.token("desk"), vault.token("desk")]);
    expect(count.made).toBe(1);
  });

  it("memoryStore drops the oldest entry beyond its size", async () => {
    const store = memoryStore(2);
    for (const key of ["a", "b", "c"]) await store.set(key, key, 1000);
    expect([store.get("a"), store.get("b"), store.get("c")]).toEqual([undefined, "b", "c"]);
  });
});

/** A store as several processes would share it: each lock waits for the one before. */
function lockingStore(): TokenStore {
  const inner = memoryStore();
  const queue = new Map<string, Promise<void>>();
  return {
    ...inner,
    lock: async (key) => {
      const before = queue.get(key);
      const mine = Promise.withResolvers<void>();
      queue.set(key, mine.promise);
      await before;
      return mine.resolve;
    },
  };
}
