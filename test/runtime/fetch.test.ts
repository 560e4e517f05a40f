/** @module TokenVault.fetch(): a fetch with the token, its retries, limits and streams. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../runtime/index.ts";
import type { Answers, Reply } from "./wire-server.ts";
import { apiServer, errorOf, exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

async function setUp(answers: Answers, options: Parameters<typeof vaultAt>[1] = {}) {
  const count = { made: 0 };
  const tenant = await tenantServer(exchanges(count));
  const api = await apiServer(answers);
  return { tenant, api, count, vault: vaultAt(tenant, options) };
}

/** Answers one after the other, the last one again and again. */
function inTurn(...replies: Reply[]): Answers {
  return () => (replies.length > 1 ? replies.shift() : replies[0]);
}

describe("TokenVault.fetch()", () => {
  it("attaches the token and passes on method, headers and body", async () => {
    const { vault, api } = await setUp(() => ({ status: 201, json: { id: 7 } }));
    const response = await vault.fetch("desk", `${api.origin}/tickets?a=1`, {
      method: "post",
      headers: { "content-type": "application/json", "x-request-id": "r-1" },
      body: '{"title":"x"}',
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: 7 });
    expect(api.seen[0]).toMatchObject({
      method: "POST",
      path: "/tickets?a=1",
      body: '{"title":"x"}',
      headers: {
        authorization: "Bearer at-1",
        "content-type": "application/json",
        "x-request-id": "r-1",
      },
    });
  });

  it.each(["url", "request"])("takes a %s as fetch does", async (kind) => {
    const { vault, api } = await setUp(() => ({ json: {} }));
    const url = new URL("/tickets", api.origin);
    const headers = { "x-request-id": "r-1" };
    if (kind === "url") await vault.fetch("desk", url, { method: "PUT", body: "b", headers });
    else await vault.fetch("desk", new Request(url, { method: "PUT", body: "b", headers }));
    expect(api.seen[0]).toMatchObject({
      method: "PUT",
      body: "b",
      headers: {
        authorization: "Bearer at-1",
        "content-type": "text/plain;charset=UTF-8",
        ...headers,
      },
    });
  });

  it.each([{ Authorization: "Bearer mine" }, { AUTHORIZATION: "x" }])(
    "refuses the caller's own Authorization before any request: %j",
    async (headers) => {
      const { vault, api, tenant } = await setUp(() => ({ json: {} }));
      await expect(vault.fetch("desk", api.origin, { headers })).rejects.toThrow(TypeError);
      await expect(vault.fetch("desk", new Request(api.origin, { headers }))).rejects.toThrow(
        TypeError,
      );
      expect([tenant.seen, api.seen]).toEqual([[], []]);
    },
  );

  it("refuses an address before any request, and never shows its user info", async () => {
    const { vault, api, tenant } = await setUp(() => ({ json: {} }));
    const { host } = new URL(api.origin);
    const error = await errorOf(vault.fetch("desk", `https://user:hunter2@${host}/`));
    expect(error.code).toBe("INSECURE_URL");
    expect(`${error.message}${error.hint}${JSON.stringify(error)}`).not.toContain("hunter2");
    expect((await errorOf(vault.fetch("desk", "https://example.com/"))).code).toBe(
      "DOMAIN_NOT_ALLOWED",
    );
    expect((await errorOf(vault.fetch("desk", "http://example.com/"))).code).toBe("INSECURE_URL");
    await expect(vault.fetch("desk", "/tickets")).rejects.toThrow(TypeError);
    expect([tenant.seen, api.seen]).toEqual([[], []]);
  });

  it("takes allowed domains for each connection: one connection's token never goes to another's host", async () => {
    const { vault, api } = await setUp(() => ({ json: {} }), {
      allowedDomains: { desk: ["localhost"], wiki: ["wiki.test"] },
    });
    expect((await vault.fetch("desk", api.origin)).status).toBe(200);
    expect((await errorOf(vault.fetch("wiki", api.origin))).code).toBe("DOMAIN_NOT_ALLOWED");
    expect((await errorOf(vault.fetch("other", api.origin))).code).toBe("DOMAIN_NOT_ALLOWED");
  });
});

describe("a 401", () => {
  it("leads to one exchange and one retry with the new token", async () => {
    const { vault, api, count } = await setUp(({ headers }) =>
      headers["authorization"] === "Bearer at-2" ? { json: { ok: true } } : { status: 401 },
    );
    const response = await vault.fetch("desk", api.origin, { method: "POST", body: "again" });
    expect(response.status).toBe(200);
    expect(count.made).toBe(2);
    expect(api.seen.map(({ body }) => body)).toEqual(["again", "again"]);
    await vault.fetch("desk", api.origin);
    expect(count.made).toBe(2);
  });

  it("is given to the caller when the second token is refused too", async () => {
    const { vault, api, count } = await setUp(() => ({ status: 401, text: "no" }));
    const response = await vault.fetch("desk", api.origin);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe("no");
    expect([count.made, api.seen.length]).toEqual([2, 2]);
  });

  it("is not answered with the same token again", async () => {
    const tenant = await tenantServer(exchanges(undefined, { access_token: "same" }));
    const api = await apiServer(() => ({ status: 401 }));
    expect((await vaultAt(tenant).fetch("desk", api.origin)).status).toBe(401);
    expect([tenant.seen.length, api.seen.length]).toEqual([2, 1]);
  });

  it("leads to one exchange for all callers whose token was refused", async () => {
    const { vault, api, count } = await setUp(({ headers }) =>
      headers["authorization"] === "Bearer at-1" ? { status: 401 } : { json: {} },
    );
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => vault.fetch("desk", api.origin)),
    );
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(count.made).toBe(2);
  });

  it("is given as it is when the body was a stream", async () => {
    const { vault, api, count } = await setUp(() => ({ status: 401 }));
    const body = new Blob(["once"]).stream();
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    expect((await vault.fetch("desk", api.origin, init)).status).toBe(401);
    expect([count.made, api.seen.length]).toEqual([1, 1]);
  });

  it("ends in NOT_CONNECTED when the exchange says so", async () => {
    let gone = false;
    const good = exchanges();
    const tenant = await tenantServer((seen) =>
      gone
        ? { status: 401, json: { error: "federated_connection_refresh_token_not_found" } }
        : good(seen),
    );
    const api = await apiServer(() => {
      gone = true;
      return { status: 401 };
    });
    expect((await errorOf(vaultAt(tenant).fetch("desk", api.origin))).code).toBe("NOT_CONNECTED");
  });
});

describe("429 and 503", () => {
  it.each([429, 503])("%d is repeated after Retry-After", async (status) => {
    const { vault, api } = await setUp(
      inTurn({ status, headers: { "retry-after": "0" } }, { json: {} }),
    );
    expect((await vault.fetch("desk", api.origin, { method: "POST", body: "b" })).status).toBe(200);
    expect(api.seen.map(({ body }) => body)).toEqual(["b", "b"]);
  });

  it("reads a date as well as seconds", async () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    const date = "Sun, 22 Nov 2026 12:00:00 GMT";
    const { vault, api } = await setUp(
      inTurn({ status: 503, headers: { "retry-after": date } }, { json: {} }),
      {
        now: () => now,
      },
    );
    expect((await vault.fetch("desk", api.origin)).status).toBe(200);
  });

  it.each([
    ["a wait beyond the limit", { "retry-after": "3600" }],
    ["no time", {}],
    ["a time that is none", { "retry-after": "soon" }],
    ["seconds beyond the limit in x-ratelimit-reset", { "x-ratelimit-reset": "3600" }],
    ["an x-ratelimit-reset that is none", { "x-ratelimit-reset": "never" }],
  ])("is given to the caller at once with %s", async (_, headers) => {
    const { vault, api } = await setUp(() => ({ status: 429, headers, text: "slow down" }));
    const response = await vault.fetch("desk", api.origin);
    expect([response.status, await response.text(), api.seen.length]).toEqual([
      429,
      "slow down",
      1,
    ]);
  });

  it("is repeated a bounded number of times", async () => {
    const answers = () => ({ status: 429, headers: { "retry-after": "0" } });
    const { vault, api } = await setUp(answers, { retry: { attempts: 3 } });
    expect((await vault.fetch("desk", api.origin)).status).toBe(429);
    expect(api.seen).toHaveLength(4);
  });

  it("an abort ends the wait", async () => {
    const answers = () => ({ status: 429, headers: { "retry-after": "9" } });
    const { vault, api } = await setUp(answers, {
      onEvent: ({ type }) => type === "retry" && leaving.abort(new Error("left")),
    });
    const leaving = new AbortController();
    await expect(vault.fetch("desk", api.origin, { signal: leaving.signal })).rejects.toThrow(
      "left",
    );
  });
});

describe("limits and streams", () => {
  it("TIMEOUT when the API does not answer", async () => {
    const cache = memoryStore();
    const { vault, tenant, api } = await setUp(() => new Promise(() => {}), { cache });
    // A busy machine needs its time for the exchange: the limit is for the API alone.
    await vault.token("desk");
    const hasty = vaultAt(tenant, { cache, timeoutMs: 100 });
    expect(await errorOf(hasty.fetch("desk", api.origin))).toMatchObject({
      code: "TIMEOUT",
      host: api.host,
    });
  });

  it("TIMEOUT when the tenant does not answer, or stops in its answer", async () => {
    for (const reply of [
      new Promise<Reply>(() => {}),
      { raw: (r) => void r.write("{") } satisfies Reply,
    ]) {
      const tenant = await tenantServer(() => reply);
      const vault = vaultAt(tenant, { timeoutMs: 100 });
      expect(await errorOf(vault.token("desk"))).toMatchObject({
        code: "TIMEOUT",
        host: tenant.host,
      });
    }
  });

  it("NETWORK names the host and the reason when nobody listens", async () => {
    const { vault, api } = await setUp(() => ({ json: {} }));
    await api.close();
    expect(await errorOf(vault.fetch("desk", api.origin))).toMatchObject({
      code: "NETWORK",
      message: `no answer from ${api.host}: ECONNREFUSED`,
    });
  });

  it("the body comes as a stream, and is not cut off by the limit of the head", async () => {
    const { vault, api } = await setUp(
      () => ({
        raw: (response) => {
          response.write("first ");
          setTimeout(() => response.end("second"), 2_500);
        },
      }),
      { timeoutMs: 2_000 },
    );
    const response = await vault.fetch("desk", api.origin);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("first ");
    expect((await reader?.read())?.value).toBe("second");
  });

  it("the caller's signal ends the body too, with the caller's reason", async () => {
    const leaving = new AbortController();
    const { vault, api } = await setUp(() => ({
      raw: (response) => void response.write("first "),
    }));
    const response = await vault.fetch("desk", api.origin, { signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(response.text()).rejects.toThrow("left");
  });

  it("an abort before the answer throws the caller's reason", async () => {
    const leaving = new AbortController();
    const { vault, api } = await setUp(() => {
      leaving.abort(new Error("left"));
      return new Promise(() => {});
    });
    await expect(vault.fetch("desk", api.origin, { signal: leaving.signal })).rejects.toThrow(
      "left",
    );
  });

  it("a signal that was aborted before sends nothing to the API", async () => {
    const { vault, api } = await setUp(() => ({ json: {} }));
    const signal = AbortSignal.abort(new Error("never"));
    await expect(vault.fetch("desk", api.origin, { signal })).rejects.toThrow("never");
    expect(api.seen).toEqual([]);
  });
});
