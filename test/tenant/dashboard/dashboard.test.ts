/** The dashboard over HTTP: who may come in, what a foreign page can't do, and what is never shown. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { masked } from "../../../tenant/dashboard/pages/user-pages.ts";
import { refusalReason } from "../../../tenant/dashboard/refusal-reason.ts";
import { type StartedTenant, startTenant } from "../../../tenant/start-tenant.ts";
import { managementOf, ownerCall, ownerToken, trustTenant } from "../owner/management-of.ts";

const dir = mkdtempSync(join(tmpdir(), "tvk-dashboard-"));
let tenant: StartedTenant;

beforeAll(async () => {
  tenant = await startTenant({ dir, port: 0 });
  trustTenant(tenant);
});
afterAll(async () => {
  await tenant.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Owner {
  readonly cookie: string;
  get(path: string): Promise<{ status: number; text: string; headers: Headers }>;
  post(
    path: string,
    form: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<{ status: number; location: string | null; text: string }>;
}

async function signIn(link?: string): Promise<Owner> {
  const answer = await fetch(link ?? (await tenant.dashboardLink()), { redirect: "manual" });
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const get: Owner["get"] = async (path) => {
    const response = await fetch(tenant.url + path, { headers: { cookie }, redirect: "manual" });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const formToken = async () =>
    /name="form_token" value="(\w+)"/.exec((await get("/dashboard/connections")).text)?.[1] ?? "";
  return {
    cookie,
    get,
    async post(path, form, headers = {}) {
      const body = new URLSearchParams({ form_token: await formToken(), ...form });
      const response = await fetch(tenant.url + path, {
        ...{ method: "POST", headers: { cookie, ...headers }, body },
        redirect: "manual",
      });
      const location = response.headers.get("location");
      return { status: response.status, location, text: await response.text() };
    },
  };
}

suite("the dashboard's login", () => {
  test("sets a cookie that has the tenant's id in its name and no script can read", async () => {
    const answer = await fetch(await tenant.dashboardLink(), { redirect: "manual" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^auth0_[0-9a-f]{12}_dashboard=\w{43}; .*Path=\/dashboard; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test("takes a link once, and neither a look ahead nor a HEAD uses it up", async () => {
    const link = await tenant.dashboardLink();
    expect((await fetch(link, { method: "HEAD", redirect: "manual" })).status).toBe(503);
    const ahead = { headers: { "sec-purpose": "prefetch" }, redirect: "manual" } as const;
    expect((await fetch(link, ahead)).status).toBe(503);
    expect((await fetch(link, { redirect: "manual" })).status).toBe(303);
    expect((await fetch(link, { redirect: "manual" })).status).toBe(403);
  });

  test("gives a link to the owner's application over HTTP, and to no other", async () => {
    const { status, body } = await ownerCall(tenant, "POST", "/owner/dashboard-links");
    expect(status).toBe(201);
    expect((await (await signIn(String(body["url"]))).get("/dashboard/users")).status).toBe(200);
    const none = await fetch(`${tenant.url}/owner/dashboard-links`, { method: "POST" });
    expect(none.status).toBe(401);
    const other = await fetch(`${tenant.url}/owner/dashboard-links`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenOfAnotherApplication()}` },
    });
    expect(other.status).toBe(403);
  });

  test("keeps a session over a restart, and ends it at sign out", async () => {
    const owner = await signIn();
    await tenant.close();
    tenant = await startTenant({ dir, port: 0 });
    // A kept-alive socket of before is told that it is over only when it is used.
    const again = await owner.get("/dashboard/users").catch(() => owner.get("/dashboard/users"));
    expect(again.status).toBe(200);
    expect((await owner.post("/dashboard/sign-out", {})).status).toBe(303);
    expect((await owner.get("/dashboard/users")).status).toBe(403);
  });

  test.for([
    "/dashboard",
    "/dashboard/connections",
    "/dashboard/users",
    "/dashboard/logs",
    "/dashboard/reset",
  ])("shows a stranger nothing of %s", async (path) => {
    const response = await fetch(tenant.url + path);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("tvk tenant open");
  });
});

suite("the dashboard's forms", () => {
  test("change nothing without the page's token, or for another origin", async () => {
    const owner = await signIn();
    const reset = { confirm: "reset" };
    const wrong = await owner.post("/dashboard/reset", { ...reset, form_token: "wrong" });
    expect(wrong.status).toBe(403);
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      expect((await owner.post("/dashboard/reset", reset, headers)).status).toBe(403);
    }
    const origin = { origin: tenant.url, "sec-fetch-site": "same-origin" };
    expect((await owner.post("/dashboard/reset", reset, origin)).status).toBe(303);
  });

  test("keep what a form does not show: other options, and the secret", async () => {
    const { body } = await managementOf(tenant, "POST", "/connections", {
      name: "kept",
      strategy: "oauth2",
      display_name: "Kept & Co",
      options: {
        client_id: "a",
        client_secret: "the-secret",
        authorizationURL: "https://a.example/authorize",
        tokenURL: "https://a.example/token",
        scope: ["one", "two"],
        scripts: { fetchUserProfile: "one", getLogoutUrl: "two" },
        upstream_params: { screen: { value: "dark" } },
      },
    });
    const owner = await signIn();
    const path = `/dashboard/connections/${body["id"]}`;
    const page = await owner.get(path);
    expect(page.text).not.toContain("the-secret");
    const saved = await owner.post(path, {
      display_name: "Kept & Co",
      "options.client_id": "b",
      "options.authorizationURL": "https://a.example/authorize",
      "options.tokenURL": "https://a.example/token",
      "options.scope": "one two",
      "options.scripts.fetchUserProfile": "three\r\nfour",
    });
    expect(saved.location).toBe(`${path}?done=saved`);
    await owner.post(`${path}/connected-accounts`, { active: "on" });
    const after = await managementOf(tenant, "GET", `/connections/${body["id"]}`);
    expect(after.body).toMatchObject({
      display_name: "Kept & Co",
      connected_accounts: { active: true },
      options: {
        client_id: "b",
        client_secret: "the-secret",
        scope: ["one", "two"],
        scripts: { fetchUserProfile: "three\nfour", getLogoutUrl: "two" },
        upstream_params: { screen: { value: "dark" } },
      },
    });
  });

  test("are held to the Management API's rules, and their refusals are in its log", async () => {
    const owner = await signIn();
    const refused = await owner.post("/dashboard/connections/new/oauth2", { name: "kept" });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("aria-invalid");
    const twice = {
      name: "kept",
      "options.client_id": "a",
      "options.authorizationURL": "https://a.example/authorize",
      "options.tokenURL": "https://a.example/token",
    };
    const taken = await owner.post("/dashboard/connections/new/oauth2", twice);
    expect(taken.text).toContain("A connection with the same name already exists");
    const logs = await owner.get("/dashboard/logs?show=refused");
    expect(logs.text).toContain("Why was this refused?");
    expect(logs.text).toContain("A connection with the same name already exists");
  });
});

suite("what the dashboard shows", () => {
  test("is markup only where it is ours", async () => {
    await managementOf(tenant, "POST", "/users", {
      connection: "Username-Password-Authentication",
      email: "mallory@example.test",
      name: "<script>alert(1)</script>",
      password: "Tr0ub4dor&3-long",
    });
    const owner = await signIn();
    const { text, headers } = await owner.get("/dashboard/users?q=mallory");
    const search = await owner.get('/dashboard/users?q="><script>');
    expect(text).not.toContain("<script>alert");
    expect(search.text).not.toContain('"><script>');
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("of a token are its last four characters at most", () => {
    expect(masked("gho_0123456789abcdef0123456789wxyz")).toBe("••••••••wxyz");
    expect(masked("short-token")).toBe("••••••••");
  });

  test("of a refusal is what was seen, and the next step", () => {
    const row = {
      ...{ log_id: "1", _id: "1", date: "", tenant_name: "", description: "Not found (x)" },
      type: "fertft",
      details: {
        error: {
          type: "federated_connection_refresh_token_not_found",
          status: 401,
          detail: 'the user has no connected account on "acme"',
        },
      },
    };
    expect(refusalReason(row)).toEqual({
      error: "federated_connection_refresh_token_not_found",
      status: 401,
      seen: 'the user has no connected account on "acme"',
      next: expect.stringContaining("tvk connect"),
    });
    expect(refusalReason({ ...row, type: "sertft" })).toBeUndefined();
  });
});

async function tokenOfAnotherApplication(): Promise<string> {
  const audience = `${tenant.url}/api/v2/`;
  const { body: client } = await managementOf(tenant, "POST", "/clients", {
    name: "another",
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
  });
  const clientId = String(client["client_id"]);
  const scope = ["read:clients"];
  await managementOf(tenant, "POST", "/client-grants", { client_id: clientId, audience, scope });
  const managementClient = { clientId, clientSecret: String(client["client_secret"]) };
  return ownerToken({ ...tenant, managementClient });
}
