/** What `tvk doctor --management` says of the Management application and of the tenant's MFA policy. */
import { afterEach, describe, expect, it } from "vitest";
import type { Chain } from "../../cli/doctor/chain.ts";
import { managementChecks } from "../../cli/doctor/management-checks.ts";
import { managementScopes } from "../../cli/doctor/management-scopes.ts";
import { managementView } from "../../cli/doctor/management-view.ts";
import { type Reply, type WireServer, wireServer } from "../runtime/wire-server.ts";

let server: WireServer | undefined;
afterEach(() => server?.close());

/** Findings at a tenant that grants these scopes and answers so to a question for its policies. */
async function found(id: string, scope: string | undefined, policies: Reply) {
  server = await wireServer(({ path }) => {
    if (path === "/oauth/token") return { json: { access_token: "t", ...(scope && { scope }) } };
    return path === "/api/v2/guardian/policies" ? policies : { status: 404, json: {} };
  });
  const credentials = { domain: server.host, clientId: "m2m", clientSecret: "s" };
  const management = managementView(credentials, { clientId: "client-1", timeoutMs: 5_000 });
  return managementChecks.find((each) => each.id === id)?.run({ management } as unknown as Chain);
}

const all = managementScopes.join(" ");

describe("management_scopes", () => {
  it("is ok with exactly the scopes that a stack needs", async () => {
    expect(await found("management_scopes", all, {})).toMatchObject({ status: "ok" });
  });

  it("names every scope that is missing", async () => {
    const scope = managementScopes
      .filter((each) => !/^(read:client_keys|delete:connections)$/.test(each))
      .join(" ");
    expect(await found("management_scopes", scope, {})).toMatchObject({
      status: "failed",
      message: "the Management application lacks read:client_keys delete:connections",
    });
  });
});

describe("mfa_policy", () => {
  it.each([
    ["Always is broken, and says where to change it", { json: ["all-applications"] }, "failed"],
    ["adaptive is ok", { json: ["confidence-score"] }, "ok"],
    ["never is ok", { json: [] }, "ok"],
    ["a tenant without policies is ok", { status: 404, json: {} }, "ok"],
    ["the local tenant, which has none, is ok", { status: 501, json: {} }, "ok"],
    ["a policy that may not be read is left out", { status: 403, json: {} }, "skipped"],
  ] as const)("%s", async (_, policies, status) => {
    expect(await found("mfa_policy", all, policies as Reply)).toMatchObject({ status });
  });
});

/** What the tenant has and answers beside: `found` with a profile and a connection. */
async function foundOf(
  id: string,
  tenant: { headers?: Record<string, string>; lists?: Record<string, unknown>; tooFast?: number },
  profile: { local?: boolean; connection?: string } = {},
) {
  let tooFast = tenant.tooFast ?? 0;
  server = await wireServer(({ path }) => {
    if (path === "/oauth/token") return { json: { access_token: "t" } };
    if (tooFast-- > 0) return { status: 429, headers: { "retry-after": "0" }, json: {} };
    const list = /^\/api\/v2\/([\w-]+)/.exec(path)?.[1] ?? "";
    return { headers: tenant.headers ?? {}, json: tenant.lists?.[list] ?? [] };
  });
  const credentials = { domain: server.host, clientId: "m2m", clientSecret: "s" };
  const { local = false, connection = "acme-helpdesk" } = profile;
  const chain = {
    management: managementView(credentials, { clientId: "client-1", timeoutMs: 5_000 }),
    connection,
    session: { profile: { local, stack: "prod" }, timeoutMs: 5_000 },
  } as unknown as Chain;
  return managementChecks.find((each) => each.id === id)?.run(chain);
}

const free = { "x-ratelimit-limit": "2" };
const google = { name: "google-oauth2", strategy: "google-oauth2" };
const github = { name: "github", strategy: "github" };
const database = { name: "Username-Password-Authentication", strategy: "auth0" };
const ours = { name: "acme-helpdesk", strategy: "oauth2" };

describe("plan_limits", () => {
  it("is broken where the free plan's social connections are others'", async () => {
    const lists = { connections: [google, database, github] };
    expect(await foundOf("plan_limits", { headers: free, lists })).toMatchObject({
      status: "failed",
      message: expect.stringContaining("by google-oauth2 and github: there is no room for acme-"),
    });
  });

  it("counts what the free plan limits, without Auth0's own APIs", async () => {
    const apis = [{ is_system: true }, { is_system: true }, {}];
    const lists = {
      connections: [google, database, ours],
      "resource-servers": apis,
      "client-grants": [{}],
    };
    expect(await foundOf("plan_limits", { headers: free, lists })).toEqual({
      status: "ok",
      message:
        "by its rate limit on the free plan: 2 of 2 social connections, 3 of 100 connections, 1 of 10 APIs, 1 of 100 client grants",
    });
  });

  it("says of another plan that Auth0 tells no more", async () => {
    const headers = { "x-ratelimit-limit": "50" };
    expect(await foundOf("plan_limits", { headers })).toMatchObject({
      status: "ok",
      message: expect.stringContaining("50 requests at once; Auth0 tells no other limit"),
    });
  });

  it("is asked again where it came too fast", async () => {
    expect(await foundOf("plan_limits", { headers: free, tooFast: 2 })).toMatchObject({
      status: "ok",
    });
    expect(server?.seen.filter(({ path }) => path.includes("/connections"))).toHaveLength(3);
  });
});

describe("public_url", () => {
  const at = (authorizationURL: string, tokenURL = authorizationURL) => ({
    lists: { connections: [{ ...ours, options: { authorizationURL, tokenURL } }] },
  });

  it.each([
    ["http://desk.example.com/authorize", "http://desk.example.com is not https"],
    [
      "https://localhost:3001/authorize",
      /localhost is (127\.0\.0\.1|::1), which is not on the internet/,
    ],
    ["https://192.168.1.7/authorize", "192.168.1.7, which is not on the internet"],
    ["https://[fd00::1]/authorize", "fd00::1, which is not on the internet"],
    ["https://desk.invalid/authorize", "desk.invalid has no address"],
    ["desk", "authorizationURL is no URL: desk"],
  ])("is broken at a real tenant for %s", async (url, message) => {
    expect(await foundOf("public_url", at(url))).toMatchObject({
      status: "failed",
      message:
        typeof message === "string"
          ? expect.stringContaining(message)
          : expect.stringMatching(message),
      hint: expect.stringContaining("tvk up --stack prod"),
    });
  });

  it("takes loopback for a local tenant, where something answers", async () => {
    const desk = await wireServer(
      ({ path }) => ({ status: path === "/dead" ? 502 : 405, json: {} }),
      { plain: true },
    );
    const url = `http://localhost:${desk.port}`;
    const there = await foundOf("public_url", at(`${url}/authorize`), { local: true });
    expect(there).toEqual({ status: "ok", message: `localhost:${desk.port} answers` });
    await server?.close();
    expect(
      await foundOf("public_url", at(`${url}/ok`, `${url}/dead`), { local: true }),
    ).toMatchObject({
      status: "failed",
      message: `${url} answers 502: nothing is behind it`,
    });
    await desk.close();
    await server?.close();
    expect(await foundOf("public_url", at(url), { local: true })).toMatchObject({
      status: "failed",
      message: `nothing answers at ${url} (ECONNREFUSED)`,
    });
  });

  it("has nothing to say of a built-in connection", async () => {
    const lists = { connections: [github] };
    expect(await foundOf("public_url", { lists }, { connection: "github" })).toMatchObject({
      status: "ok",
    });
  });
});
