/** @module Connected accounts and connections of the My Account API: pages, filters, deletion. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ConnectedAccountRow } from "../../../tenant/models/connected-account.ts";
import { myAccountApp } from "../../../tenant/my-account/app.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;
let alice: string;
let bob: string;
const userId = "auth0|alice";

beforeAll(async () => {
  tenant = await openTestTenant({ app: myAccountApp });
  const { context } = tenant;
  const me = `${context.settings.issuer}me/`;
  context.store.resourceServers.put("me", {
    id: "me",
    identifier: me,
    signing_alg: "RS256",
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true,
    subject_type_authorization: {
      client: { policy: "deny_all" },
      user: { policy: "require_client_grant" },
    },
    token_lifetime: 600,
    token_lifetime_for_web: 600,
  });
  const tokenOf = (sub: string) => {
    const now = new Date().toISOString();
    context.store.users.put(sub, {
      user_id: sub,
      identities: [],
      created_at: now,
      updated_at: now,
    });
    return tenant.token(["read:me:connected_accounts", "delete:me:connected_accounts"], {
      sub,
      aud: me,
    });
  };
  alice = await tokenOf(userId);
  bob = await tokenOf("auth0|bob");
  for (let n = 10; n < 35; n += 1) addAccount(`cac_${n}`, n % 2 === 0 ? "even" : "odd");
  for (let n = 10; n < 35; n += 1) addConnection(n);
});
afterAll(() => tenant.close());

function addAccount(id: string, connection: string): void {
  const row: ConnectedAccountRow = {
    id,
    user_id: userId,
    connection,
    connection_id: `con_${connection}`,
    strategy: "oauth2",
    idp_user_id: id,
    access_type: "offline",
    scopes: ["openid"],
    created_at: "2026-01-01T00:00:00.000Z",
    access_token: "secret-access-token",
    access_token_expires_at: 0,
    refresh_token: "secret-refresh-token",
    token_scope: "openid",
  };
  tenant.context.store.connectedAccounts.put(id, row);
}

function addConnection(n: number): void {
  tenant.context.store.connections.put(`con_${n}`, {
    id: `con_${n}`,
    name: `service-${n}`,
    strategy: "oauth2",
    options: { scope: n === 10 ? "openid read:tickets" : [] },
    is_domain_connection: false,
    authentication: { active: true },
    connected_accounts: { active: n !== 11 },
    enabled_clients: n === 12 ? [] : [tenant.managementClient.clientId],
    realms: [],
  });
}

async function get<Body>(path: string, token = alice): Promise<{ status: number; body: Body }> {
  const response = await tenant.fetch(`https://localhost:4443/me/v1/connected-accounts${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: (await response.json()) as Body };
}
interface Accounts {
  accounts: { id: string; connection: string }[];
  next?: string;
}
const remove = async (id: string, token = alice) =>
  (
    await tenant.fetch(`https://localhost:4443/me/v1/connected-accounts/accounts/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;

// parity: GET /me/v1/connected-accounts/accounts | OpenAPI
suite("GET accounts", () => {
  test("gives ten at a time, then the rest by its cursor", async () => {
    const first = await get<Accounts>("/accounts");
    expect(first.body.accounts).toHaveLength(10);
    const second = await get<Accounts>(`/accounts?from=${first.body.next}&take=20`);
    expect(second.body.accounts).toHaveLength(15);
    expect(second.body).not.toHaveProperty("next");
    const ids = [...first.body.accounts, ...second.body.accounts].map(({ id }) => id);
    expect(new Set(ids).size).toBe(25);
  });

  // parity: | SDK: nextjs-auth0
  test("takes the cursor as `next` too, which Auth0's Next.js SDK sends", async () => {
    const { body } = await get<Accounts>("/accounts?take=5");
    const more = await get<Accounts>(`/accounts?take=5&next=${body.next}`);
    expect(more.body.accounts[0]?.id).toBe("cac_15");
  });

  test("skips nothing when an account goes between two pages", async () => {
    addAccount("cac_going", "odd");
    const first = await get<Accounts>("/accounts?take=20");
    expect(await remove("cac_12")).toBe(204);
    const second = await get<Accounts>(`/accounts?take=20&from=${first.body.next}`);
    expect(second.body.accounts[0]?.id).toBe("cac_30");
    addAccount("cac_12", "even");
    expect(await remove("cac_going")).toBe(204);
  });

  test("skips nothing when every account of a page is deleted before the next page is asked for", async () => {
    const all: string[] = [];
    let from = "";
    do {
      const { body } = await get<Accounts>(`/accounts${from}`);
      for (const { id } of body.accounts) expect(await remove(id)).toBe(204);
      all.push(...body.accounts.map(({ id }) => id));
      from = body.next === undefined ? "" : `?from=${body.next}`;
    } while (from !== "");
    expect(all).toHaveLength(25);
    expect((await get<Accounts>("/accounts")).body.accounts).toEqual([]);
    for (let n = 10; n < 35; n += 1) addAccount(`cac_${n}`, n % 2 === 0 ? "even" : "odd");
  });

  test("filters by one connection or several", async () => {
    const odd = await get<Accounts>("/accounts?connection=odd&take=20");
    expect(new Set(odd.body.accounts.map(({ connection }) => connection))).toEqual(
      new Set(["odd"]),
    );
    const both = await get<Accounts>("/accounts?connection=odd&connection=even&take=20");
    expect(new Set(both.body.accounts.map(({ connection }) => connection)).size).toBe(2);
    expect((await get<Accounts>("/accounts?connection=none")).body).toEqual({ accounts: [] });
  });

  test.each([
    "take=0",
    "take=21",
    "take=x",
    "take=-1",
    "take=1.5",
    "from=nonsense",
    `connection=${"c".repeat(129)}`,
  ])("refuses %s with 400", async (query) => {
    expect(await get(`/accounts?${query}`)).toMatchObject({
      status: 400,
      body: { title: "Validation Error" },
    });
  });

  test("shows nobody else's accounts, and never a token", async () => {
    expect((await get<Accounts>("/accounts", bob)).body).toEqual({ accounts: [] });
    expect(JSON.stringify(await get("/accounts"))).not.toContain("secret-");
  });
});

// parity: DELETE /me/v1/connected-accounts/accounts/{id} | OpenAPI; 404 (inferred)
suite("DELETE accounts/{id}", () => {
  test("answers 204, and 404 afterwards", async () => {
    addAccount("cac_once", "odd");
    expect(await remove("cac_once", alice)).toBe(204);
    expect(await remove("cac_once", alice)).toBe(404);
  });

  test("leaves another user's account alone and says 404", async () => {
    expect(await remove("cac_10", bob)).toBe(404);
    expect(tenant.context.store.connectedAccounts.get("cac_10")).toBeDefined();
  });

  test.each(["con_1", "cac_", "cac_a-b", "10"])("refuses the id %s with 400", async (id) => {
    expect(await remove(id)).toBe(400);
  });
});

// parity: GET /me/v1/connected-accounts/connections | OpenAPI; docs
suite("GET connections", () => {
  test("lists what is open to Token Vault and enabled for the app, with its scopes", async () => {
    const { body } = await get<{ connections: Record<string, unknown>[]; next: string }>(
      "/connections?take=20",
    );
    expect(body.connections[0]).toEqual({
      name: "service-10",
      strategy: "oauth2",
      scopes: ["openid", "read:tickets"],
    });
    expect(body.connections[1]).toEqual({ name: "service-13", strategy: "oauth2" });
    expect(body.connections).toHaveLength(20);
    const rest = await get<{ connections: unknown[] }>(`/connections?from=${body.next}`);
    expect(rest.body.connections).toHaveLength(3);
  });
});
