/** @module Where the user's token goes when an API redirects: nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answers, resolveTestNames } from "./wire-server.ts";
import { apiServer, errorOf, exchanges, type Seen, tenantServer, vaultAt } from "./wire-vault.ts";

const STATUSES = [301, 302, 303, 307, 308];
const CREDENTIALS = {
  cookie: "sid=1",
  "proxy-authorization": "Basic cHc=",
  "x-api-key": "key-1",
  "x-auth-token": "t-1",
  "x-anything": "of the caller's",
};
const HARMLESS = { accept: "application/json", "accept-language": "de", range: "bytes=0-1" };

let restoreNames = () => {};
beforeAll(() => {
  restoreNames = resolveTestNames();
});
afterAll(() => restoreNames());

/** An API that answers `/start` with a redirect and everything else with 200. */
function redirecting(status: number, location: () => string): Answers {
  return ({ path }) =>
    path === "/start" ? { status, headers: { location: location() } } : { json: { path } };
}

async function setUp(status: number, location: (port: number) => string, allowedDomains: string[]) {
  const tenant = await tenantServer(exchanges());
  const api = await apiServer(redirecting(status, () => location(api.port)));
  const vault = vaultAt(tenant, { allowedDomains });
  const start = `https://api.wire.test:${api.port}/start`;
  return { vault, api, start };
}

function credentialsIn(seen: Seen | undefined) {
  return Object.keys(seen?.headers ?? {}).filter(
    (name) => name === "authorization" || name in CREDENTIALS,
  );
}

describe.each(STATUSES)("a %d", (status) => {
  it("to the same origin keeps the token and every header", async () => {
    const { vault, api, start } = await setUp(status, () => "/next?page=2", ["api.wire.test"]);
    const response = await vault.fetch("desk", start, { headers: { ...CREDENTIALS, ...HARMLESS } });
    expect(response.status).toBe(200);
    expect(response.url).toBe(`https://api.wire.test:${api.port}/next?page=2`);
    expect(api.seen[1]?.headers).toMatchObject({
      authorization: "Bearer at-1",
      ...CREDENTIALS,
      ...HARMLESS,
    });
  });

  it.each([
    ["a sub-domain", (port: number) => `https://sub.api.wire.test:${port}/next`],
    ["another host", (port: number) => `https://other.test:${port}/next`],
    ["an IDN host", (port: number) => `https://bücher.test:${port}/next`],
    ["the same host with a trailing dot", (port: number) => `https://api.wire.test.:${port}/next`],
    ["an IPv4 address", (port: number) => `https://127.0.0.1:${port}/next`],
  ])("to %s, though allowed, drops the token and every credential", async (_, location) => {
    const { vault, api, start } = await setUp(status, location, [
      "api.wire.test",
      "*.api.wire.test",
      "other.test",
      "bücher.test",
      "127.0.0.1",
    ]);
    const response = await vault.fetch("desk", start, { headers: { ...CREDENTIALS, ...HARMLESS } });
    expect(response.status).toBe(200);
    expect(api.seen).toHaveLength(2);
    expect(credentialsIn(api.seen[1])).toEqual([]);
    expect(api.seen[1]?.headers).toMatchObject(HARMLESS);
  });

  it("to another port of the same host drops the token", async () => {
    const other = await apiServer(() => ({ json: {} }));
    const { vault, start } = await setUp(status, () => `https://api.wire.test:${other.port}/next`, [
      "api.wire.test",
    ]);
    await vault.fetch("desk", start, { headers: CREDENTIALS });
    expect(other.seen).toHaveLength(1);
    expect(credentialsIn(other.seen[0])).toEqual([]);
  });

  it("to an IPv6 address drops the token", async () => {
    const other = await apiServer(() => ({ json: {} }), { host: "::1" });
    const { vault, start } = await setUp(status, () => `https://[::1]:${other.port}/next`, [
      "api.wire.test",
      "[::1]",
    ]);
    await vault.fetch("desk", start, { headers: CREDENTIALS });
    expect(other.seen).toHaveLength(1);
    expect(credentialsIn(other.seen[0])).toEqual([]);
  });

  it("from https to http on loopback drops the token", async () => {
    const other = await apiServer(() => ({ json: {} }), { plain: true });
    const { vault, start } = await setUp(status, () => `http://localhost:${other.port}/next`, [
      "api.wire.test",
      "localhost",
    ]);
    await vault.fetch("desk", start, { headers: CREDENTIALS });
    expect(other.seen).toHaveLength(1);
    expect(credentialsIn(other.seen[0])).toEqual([]);
  });

  it.each([
    [
      "a host that is not allowed",
      (port: number) => `https://evil.test:${port}/`,
      "DOMAIN_NOT_ALLOWED",
    ],
    [
      "a host that begins like an allowed one",
      (port: number) => `https://api.wire.test.evil.test:${port}/`,
      "DOMAIN_NOT_ALLOWED",
    ],
    [
      "a host after user info",
      (port: number) => `https://api.wire.test@evil.test:${port}/`,
      "INSECURE_URL",
    ],
    [
      "the allowed host with user info",
      (port: number) => `https://u:p@api.wire.test:${port}/`,
      "INSECURE_URL",
    ],
    ["http", (port: number) => `http://api.wire.test:${port}/`, "INSECURE_URL"],
    ["a link-local address", () => "http://169.254.169.254/latest/meta-data", "INSECURE_URL"],
    ["a network path", (port: number) => `//evil.test:${port}/`, "DOMAIN_NOT_ALLOWED"],
    [
      "a host in full-width letters",
      (port: number) => `https://%EF%BD%85vil.test:${port}/`,
      "DOMAIN_NOT_ALLOWED",
    ],
    ["a file", () => "file:///etc/passwd", "INSECURE_URL"],
    ["data", () => "data:text/plain,x", "INSECURE_URL"],
    ["an address that is none", () => "https://[", "REDIRECT_REFUSED"],
  ])("to %s is refused before anything is sent there", async (_, location, code) => {
    const { vault, api, start } = await setUp(status, location, ["api.wire.test"]);
    expect((await errorOf(vault.fetch("desk", start))).code).toBe(code);
    expect(api.seen).toHaveLength(1);
  });

  it("Fetch standard: decides about method and body as a browser does", async () => {
    const kept = status === 307 || status === 308;
    const { vault, api, start } = await setUp(status, () => "/next", ["api.wire.test"]);
    await vault.fetch("desk", start, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    await vault.fetch("desk", start, { method: "PUT", body: "x" });
    await vault.fetch("desk", start, { method: "HEAD" });
    const next = api.seen.filter(({ path }) => path === "/next");
    expect(next.map(({ method }) => method)).toEqual([
      kept ? "POST" : "GET",
      status === 303 ? "GET" : "PUT",
      "HEAD",
    ]);
    expect(next[0]?.body).toBe(kept ? "{}" : "");
    expect(next[0]?.headers["content-type"]).toBe(kept ? "application/json" : undefined);
  });

  it("redirect: manual gives the redirect itself, redirect: error refuses it", async () => {
    const { vault, api, start } = await setUp(status, () => "/next", ["api.wire.test"]);
    const response = await vault.fetch("desk", start, { redirect: "manual" });
    expect(response.status).toBe(status);
    expect(response.headers.get("location")).toBe("/next");
    expect((await errorOf(vault.fetch("desk", start, { redirect: "error" }))).code).toBe(
      "REDIRECT_REFUSED",
    );
    expect(api.seen.map(({ path }) => path)).toEqual(["/start", "/start"]);
  });
});

describe("a chain of redirects", () => {
  it("gives the token back to nobody after it left the origin, not even on the way home", async () => {
    const tenant = await tenantServer(exchanges());
    const other = await apiServer(() => ({
      status: 302,
      headers: { location: `https://api.wire.test:${api.port}/home` },
    }));
    const api = await apiServer(({ path }) =>
      path === "/start"
        ? { status: 302, headers: { location: `https://other.test:${other.port}/` } }
        : { status: 401 },
    );
    const vault = vaultAt(tenant, { allowedDomains: ["*.wire.test", "other.test"] });
    const response = await vault.fetch("desk", `https://api.wire.test:${api.port}/start`, {
      headers: CREDENTIALS,
    });
    expect(response.status).toBe(401);
    expect(credentialsIn(api.seen[1])).toEqual([]);
    // A 401 without the token says nothing about it: no second exchange.
    expect(tenant.seen).toHaveLength(1);
  });

  it("ends after 20", async () => {
    const tenant = await tenantServer(exchanges());
    const api = await apiServer(({ path }) => ({
      status: 302,
      headers: { location: `/${Number(path.slice(1)) + 1}` },
    }));
    const error = await errorOf(vaultAt(tenant).fetch("desk", `${api.origin}/0`));
    expect(error.code).toBe("REDIRECT_REFUSED");
    expect(api.seen).toHaveLength(21);
  });

  it("refuses to send a stream again", async () => {
    const { vault, api, start } = await setUp(307, () => "/next", ["api.wire.test"]);
    const body = new Blob(["once"]).stream();
    const error = await errorOf(
      vault.fetch("desk", start, { method: "POST", body, duplex: "half" } as RequestInit),
    );
    expect(error).toMatchObject({ code: "REDIRECT_REFUSED", status: 307 });
    expect(api.seen).toHaveLength(1);
  });

  it("sends form data again with a boundary that fits", async () => {
    const { vault, api, start } = await setUp(307, () => "/next", ["api.wire.test"]);
    const body = new FormData();
    body.set("title", "Checkout 500s");
    await vault.fetch("desk", start, { method: "POST", body });
    const last = api.seen[1];
    const boundary = /boundary=(.+)$/.exec(last?.headers["content-type"] ?? "")?.[1] ?? "none";
    expect(last?.body).toContain(boundary);
    expect(last?.body).toContain("Checkout 500s");
  });

  it("gives a 3xx without Location as it is", async () => {
    const tenant = await tenantServer(exchanges());
    const api = await apiServer(() => ({ status: 302 }));
    expect((await vaultAt(tenant).fetch("desk", api.origin)).status).toBe(302);
  });

  it("never puts the token into an address, an event or an error", async () => {
    const { vault, api, start } = await setUp(302, () => "https://evil.test/", ["api.wire.test"]);
    const error = await errorOf(vault.fetch("desk", start));
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain("at-1");
    expect(api.seen.map(({ path }) => path).join()).not.toContain("at-1");
  });
});

describe("the tenant's own endpoints", () => {
  it.each(STATUSES)(
    "a %d of the token endpoint is not followed: the client's secret stays",
    async (status) => {
      const other = await apiServer(() => ({ json: {} }));
      const tenant = await tenantServer(() => ({
        status,
        headers: { location: `${other.origin}/oauth/token` },
      }));
      expect(await errorOf(vaultAt(tenant).token("desk"))).toMatchObject({
        code: "TENANT_REFUSED",
        status,
      });
      expect(other.seen).toEqual([]);
    },
  );
});
