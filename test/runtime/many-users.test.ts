/** @module A vault for each request upon one store without a lock: what the requests of a process share, and what they do not. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { memoryStore } from "../../runtime/index.ts";
import type { WireServer } from "./wire-server.ts";
import { ALL_SCOPES, apiServer, errorOf, exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

const REQUESTS = 50;

/** Makes a vault for each of many requests, and what `call` makes of it, all at once. */
function requests<T>(
  tenant: WireServer,
  options: Parameters<typeof vaultAt>[1],
  call: (vault: ReturnType<typeof vaultAt>) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: REQUESTS }, () => call(vaultAt(tenant, options))));
}

describe("the requests of one user", () => {
  it("lead to one exchange together, cold and at each expiry", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count, { expires_in: 600 }));
    const cache = memoryStore();
    let now = 0;
    for (const made of [1, 2]) {
      const tokens = await requests(tenant, { cache, now: () => now }, (vault) =>
        vault.token("desk"),
      );
      expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(
        new Set([`at-${made}`]),
      );
      expect(count.made).toBe(made);
      now = 600_000;
    }
  });

  it("lead to one exchange together when the API refuses the token of all of them", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const api = await apiServer(({ headers }) =>
      headers["authorization"] === "Bearer at-1" ? { status: 401 } : { json: {} },
    );
    const responses = await requests(tenant, { cache: memoryStore() }, (vault) =>
      vault.fetch("desk", api.origin),
    );
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(count.made).toBe(2);
  });

  it("share one refused exchange, and each has its own error", async () => {
    const tenant = await tenantServer(() => ({
      status: 401,
      json: { error: "federated_connection_refresh_token_not_found" },
    }));
    const cache = memoryStore();
    const errors = await Promise.all(
      ["a", "b", "c"].map((scope) =>
        errorOf(vaultAt(tenant, { cache }).token("desk", { scopes: [scope] })),
      ),
    );
    expect(tenant.seen).toHaveLength(1);
    expect(errors.map(({ required }) => required)).toEqual([["a"], ["b"], ["c"]]);
  });

  it("use a refresh token that rotates once", async () => {
    const spent: string[] = [];
    const tenant = await tenantServer(({ path, form }) => {
      if (path !== "/oauth/token") return { json: { accounts: [] } };
      const sent = form.get("refresh_token") ?? "";
      // One that comes twice ends the session: the reuse detection of a client that rotates.
      if (spent.includes(sent)) return { status: 403, json: { error: "invalid_grant" } };
      spent.push(sent);
      const token = { access_token: "me", expires_in: 600, scope: ALL_SCOPES };
      return { json: { ...token, refresh_token: `${sent}+` } };
    });
    let kept = "rt";
    const onRotate = (refreshToken: string) => {
      kept = refreshToken;
    };
    const subjectToken = { type: "refresh_token" as const, value: () => kept, onRotate };
    await requests(tenant, { cache: memoryStore(), subjectToken }, (vault) => vault.connections());
    expect(spent).toEqual(["rt"]);
    expect(kept).toBe("rt+");
  });

  it("are not ended by what ended another's: its time limit or its own fetch", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const cache = memoryStore();
    const broken = () => Promise.reject(new Error("this request is over"));
    const first = errorOf(vaultAt(tenant, { cache, fetch: broken }).token("desk"));
    const others = requests(tenant, { cache }, (vault) => vault.token("desk"));
    expect(await first).toMatchObject({ code: "NETWORK" });
    expect(new Set((await others).map(({ accessToken }) => accessToken))).toEqual(
      new Set(["at-1"]),
    );
    expect(count.made).toBe(1);
  });

  it("ask once more together, and no third time, where the tenant can't be reached", async () => {
    const tenant = await tenantServer(() => ({ drop: true }));
    const cache = memoryStore();
    const all = requests(tenant, { cache }, (vault) => errorOf(vault.token("desk")));
    expect(new Set((await all).map(({ code }) => code))).toEqual(new Set(["NETWORK"]));
    expect(tenant.seen).toHaveLength(2);
  });

  it("wait a minute for another's and no longer, and nobody waits for that one again", async () => {
    const limits: number[] = [];
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      limits.push(ms);
      return AbortSignal.abort(new DOMException("late", "TimeoutError"));
    });
    onTestFinished(() => timeout.mockRestore());
    const tenant = await tenantServer(exchanges());
    const cache = memoryStore();
    // As on workerd, where what a request waits for ends with it.
    const never = () => new Promise<Response>(() => {});
    void vaultAt(tenant, { cache, fetch: never }).token("desk");
    const { accessToken } = await vaultAt(tenant, { cache }).token("desk");
    expect(accessToken).toBe("at-1");
    expect(limits).toEqual([60_000]);
    expect(await vaultAt(tenant, { cache }).token("desk", { force: true })).toMatchObject({
      accessToken: "at-2",
    });
  });

  it("are ended each by its own signal, and the exchange goes on for the others", async () => {
    const answer = Promise.withResolvers<void>();
    const count = { made: 0 };
    const tenant = await tenantServer(async (seen) => {
      await answer.promise;
      return exchanges(count)(seen);
    });
    const cache = memoryStore();
    const ends = new AbortController();
    const ended = vaultAt(tenant, { cache }).token("desk", { signal: ends.signal });
    const goesOn = vaultAt(tenant, { cache }).token("desk");
    const joined = vaultAt(tenant, { cache }).token("desk", { signal: ends.signal });
    ends.abort(new Error("gone"));
    await expect(ended).rejects.toThrow("gone");
    await expect(joined).rejects.toThrow("gone");
    answer.resolve();
    expect((await goesOn).accessToken).toBe("at-1");
    expect(count.made).toBe(1);
  });

  it("are not waited for upon another store", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    await Promise.all([vaultAt(tenant).token("desk"), vaultAt(tenant).token("desk")]);
    expect(count.made).toBe(2);
  });
});

describe("the requests of several users", () => {
  it("lead to one exchange for each user, and each gets the user's own token", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer((seen) =>
      exchanges(count, { access_token: `at-of-${seen.form.get("subject_token")}` })(seen),
    );
    const cache = memoryStore();
    const users = Array.from({ length: REQUESTS }, (_, request) => `user-${request % 4}`);
    const tokens = await Promise.all(
      users.map((value) =>
        vaultAt(tenant, { cache, subjectToken: { type: "refresh_token", value } }).token("desk"),
      ),
    );
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(
      users.map((user) => `at-of-${user}`),
    );
    expect(count.made).toBe(4);
  });

  it("share nothing between tenants, clients and connections, though one store holds all", async () => {
    const tenants = await Promise.all(
      ["first", "second"].map((name) =>
        tenantServer(({ form }) => ({
          json: {
            access_token: [name, form.get("client_id"), form.get("connection")].join(" "),
            expires_in: 600,
          },
        })),
      ),
    );
    const cache = memoryStore();
    const tokens = await Promise.all(
      tenants.flatMap((tenant) =>
        ["client-1", "client-2"].flatMap((clientId) =>
          ["desk", "wiki"].map((connection) =>
            vaultAt(tenant, { cache, clientId }).token(connection),
          ),
        ),
      ),
    );
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(
      ["first", "second"].flatMap((name) =>
        ["client-1", "client-2"].flatMap((clientId) =>
          ["desk", "wiki"].map((connection) => `${name} ${clientId} ${connection}`),
        ),
      ),
    );
  });
});
