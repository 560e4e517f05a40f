/** Seeds: what an export has, what an import changes, and what a person writes for a test. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import type { ExportedSeed, TenantSeed } from "../../../tenant/seed-file/seed.ts";
import { type StartedTenant, startTenant } from "../../../tenant/start-tenant.ts";
import {
  openWorld,
  type SignedIn,
  type TenantWorld,
  userPath,
} from "../authentication/tenant-world.ts";
import { managementOf, ownerCall, ownerToken } from "../owner/management-of.ts";

let world: TenantWorld;
let alice: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  await world.connect(alice, "alice");
});
afterAll(() => world.close());

const exported = async (tenant: StartedTenant, secrets: boolean) =>
  (await ownerCall(tenant, "GET", `/owner/seed?secrets=${secrets}`))
    .body as unknown as ExportedSeed;
const imported = (tenant: StartedTenant, seed: unknown) =>
  ownerCall(tenant, "PUT", "/owner/seed", seed);

async function newTenant(seed?: TenantSeed): Promise<StartedTenant> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-seed-"));
  const tenant = await startTenant({ dir, port: 0, ...(seed === undefined ? {} : { seed }) });
  onTestFinished(async () => {
    await tenant.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return tenant;
}

suite("export and import", () => {
  test.for([false, true])(
    "into the same tenant: nothing changes (secrets: %s)",
    async (secrets) => {
      const before = await exported(world.tenant, true);
      const seed = await exported(world.tenant, secrets);
      expect((await imported(world.tenant, seed)).status).toBe(204);
      expect(await exported(world.tenant, true)).toEqual(before);
      expect((await world.exchange({ subject_token: alice.refreshToken })).status).toBe(200);
    },
  );

  test("with secrets, into a tenant on another port: users, accounts and the owner come along", async () => {
    const seed = await exported(world.tenant, true);
    const other = await newTenant(seed);
    expect(other.managementClient).toEqual(world.tenant.managementClient);
    expect(await exported(other, true)).toEqual(seed);
    const { body } = await managementOf(other, "GET", "/resource-servers");
    expect(JSON.stringify(body)).toContain(`${other.url}/me/`);
    const { body: accounts } = await managementOf(
      other,
      "GET",
      `${userPath(alice)}/connected-accounts`,
    );
    expect(accounts).toMatchObject({ connected_accounts: [{ connection: "acme-helpdesk" }] });
  });

  test("without secrets has no secret, token, hash or account in it", async () => {
    const { body } = await managementOf(world.tenant, "POST", "/resource-servers", {
      ...{ name: "signed by a secret", identifier: "https://hs256.example", signing_alg: "HS256" },
      signing_secret: "a-signing-secret-of-an-api",
    });
    await managementOf(world.tenant, "PATCH", `/connections/${world.connectionId}`, {
      options: {
        ...world.provider.connectionOptions(),
        customHeaders: { authorization: "Basic c2VjcmV0OnNlY3JldA==" },
      },
    });
    const text = JSON.stringify(await exported(world.tenant, false));
    const all = await exported(world.tenant, true);
    const account = all.connected_accounts[0] ?? {};
    const planted = [
      world.app.secret,
      world.tenant.managementClient.clientSecret,
      world.tenant.managementClient.clientId,
      String(account["access_token"]),
      String(account["refresh_token"]),
      String(all.users[0]?.["password_hash"]),
      String(all.refresh_tokens[0]?.["token_hash"]),
      String(world.provider.connectionOptions()["client_secret"]),
      "a-signing-secret-of-an-api",
      "Basic c2VjcmV0OnNlY3JldA==",
    ];
    for (const secret of planted) {
      expect(secret.length).toBeGreaterThan(8);
      expect(JSON.stringify(all)).toContain(secret);
      expect(text).not.toContain(secret);
    }
    await managementOf(world.tenant, "DELETE", `/resource-servers/${body["id"]}`);
  });

  test("a wrong seed changes nothing, and all that is wrong is said", async () => {
    const before = await exported(world.tenant, true);
    const answer = await imported(world.tenant, {
      ...before,
      version: 2,
      clients: [{ name: "x" }],
    });
    expect(answer.status).toBe(400);
    expect(answer.body["message"]).toMatch(/version: .*clients\.0\.client_id: /);
    expect((await imported(world.tenant, "nonsense")).status).toBe(400);
    const nobodys = await imported(world.tenant, { ...before, management_client_id: "x" });
    expect(nobodys.body["message"]).toContain("management_client_id: is the client_id of none");
    expect(await exported(world.tenant, true)).toEqual(before);
  });

  test("takes no setting but those that are content, as another would be the tenant's own identity or keys", async () => {
    const before = await exported(world.tenant, true);
    for (const id of ["tenant", "signing-key", "management-client", "dashboard-session:x"]) {
      const answer = await imported(world.tenant, { ...before, settings: { [id]: {} } });
      expect(answer.status, id).toBe(400);
      expect(answer.body["message"]).toContain(`settings.${id}: is no setting of a seed`);
    }
    expect(await exported(world.tenant, true)).toEqual(before);
  });

  test("brings every kind of connection, consent and linked user over as it is", async () => {
    const tenant = await newTenant();
    for (const strategy of ["github", "google-oauth2", "slack", "auth0", "oidc"]) {
      const options = strategy === "auth0" ? {} : { client_id: "a", client_secret: "b" };
      await managementOf(tenant, "POST", "/connections", { name: strategy, strategy, options });
    }
    const connection = "Username-Password-Authentication";
    for (const email of ["first@example.test", "second@example.test"]) {
      const user = { connection, email, password: "Correct-Horse-9", user_id: email.slice(0, 5) };
      await managementOf(tenant, "POST", "/users", user);
    }
    const linked = { provider: "auth0", user_id: "secon" };
    await managementOf(tenant, "POST", "/users/auth0%7Cfirst/identities", linked);
    const lifetimes = { session_lifetime_in_minutes: 90, friendly_name: "Minutes" };
    await managementOf(tenant, "PATCH", "/tenants/settings", lifetimes);
    await managementOf(tenant, "PATCH", "/prompts", { identifier_first: true });
    const seed = await exported(tenant, true);
    expect(Object.keys(seed.settings)).toContain("linked:auth0|secon");
    expect((await imported(tenant, seed)).body).toEqual({});
    expect(await exported(await newTenant(seed), true)).toEqual(seed);
  });

  test("is the owner's alone", async () => {
    const { status } = await fetch(`${world.tenant.url}/owner/seed?secrets=true`);
    expect(status).toBe(401);
  });
});

const written = {
  settings: { friendly_name: "For tests" },
  resource_servers: [{ identifier: "https://{domain}/me/", name: "My Account" }],
  clients: [
    {
      client_id: "test-app",
      client_secret: "test-secret",
      name: "Test app",
      app_type: "regular_web",
      callbacks: ["http://localhost:3000/callback"],
    },
  ],
  connections: [
    { name: "Username-Password-Authentication", enabled_clients: ["test-app"] },
    { name: "acme", strategy: "oauth2", options: {}, enabled_clients: ["test-app"] },
  ],
  client_grants: [
    {
      client_id: "test-app",
      audience: "https://{domain}/me/",
      scope: ["read:me:connected_accounts"],
      subject_type: "user",
    },
  ],
  users: [
    {
      connection: "Username-Password-Authentication",
      email: "tester@example.test",
      password: "Tr0ub4dor&3-long",
    },
  ],
};

suite("startTenant({ seed })", () => {
  test("makes what a person wrote, with Auth0's defaults and chosen client credentials", async () => {
    const tenant = await newTenant(written);
    const client = await managementOf(tenant, "GET", "/clients/test-app");
    expect(client.body).toMatchObject({
      client_secret: "test-secret",
      grant_types: expect.any(Array),
      is_first_party: true,
    });
    const connections = await managementOf(tenant, "GET", "/connections");
    for (const { id } of connections.body as unknown as { id: string }[]) {
      const enabled = await managementOf(tenant, "GET", `/connections/${id}/clients`);
      expect(enabled.body).toEqual({ clients: [{ client_id: "test-app" }] });
    }
    expect(connections.body).toHaveLength(2);
    const grants = await managementOf(tenant, "GET", "/client-grants?client_id=test-app");
    expect(grants.body).toMatchObject([{ audience: `${tenant.url}/me/` }]);
    const users = await managementOf(tenant, "GET", "/users-by-email?email=tester@example.test");
    expect(users.body).toHaveLength(1);
    const settings = await managementOf(tenant, "GET", "/tenants/settings");
    expect(settings.body).toMatchObject({ friendly_name: "For tests" });
  });

  test("is held to the Management API's rules: all refusals at once, and nothing is kept", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tvk-seed-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const wrong = { clients: [{ name: "" }], connections: [{ name: "a b", strategy: "oauth2" }] };
    await expect(startTenant({ dir, port: 0, seed: wrong })).rejects.toMatchObject({
      code: "SEED_REFUSED",
      message: expect.stringMatching(/clients\[0\]: .*connections\[0\]: /),
    });
    const mended = await startTenant({ dir, port: 0, seed: written });
    expect((await managementOf(mended, "GET", "/clients/test-app")).status).toBe(200);
    await mended.close();
  });

  test("does nothing on a folder that has a tenant already", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tvk-seed-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const first = await startTenant({ dir, port: 0 });
    await first.close();
    const second = await startTenant({ dir, port: 0, seed: written });
    expect((await managementOf(second, "GET", "/clients/test-app")).status).toBe(404);
    await second.close();
  });

  test("several tenants in one process, each with its own", async () => {
    const [one, two] = await Promise.all([newTenant(written), newTenant({ clients: [] })]);
    expect((await managementOf(one, "GET", "/clients/test-app")).status).toBe(200);
    expect((await managementOf(two, "GET", "/clients/test-app")).status).toBe(404);
    const audience = { headers: { authorization: `Bearer ${await ownerToken(one)}` } };
    expect((await fetch(`${two.url}/api/v2/clients`, audience)).status).toBe(401);
  });

  test("keeps management-client.json in step with an owner that came with the seed", async () => {
    const seed = await exported(world.tenant, true);
    const dir = mkdtempSync(join(tmpdir(), "tvk-seed-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const tenant = await startTenant({ dir, port: 0, seed });
    const file = JSON.parse(readFileSync(join(dir, "management-client.json"), "utf8"));
    expect(file).toEqual({ domain: tenant.domain, ...world.tenant.managementClient });
    await tenant.close();
  });
});
