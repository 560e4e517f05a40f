/** @module node-auth0 7, the Management client: what an app or a script does with the kit's objects. */
import { ManagementClient, ManagementError } from "auth0";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openWorld, type TenantWorld } from "../tenant/authentication/tenant-world.ts";

let world: TenantWorld;
let management: ManagementClient;

beforeAll(async () => {
  world = await openWorld();
  const { domain, managementClient } = world.tenant;
  management = new ManagementClient({ domain, ...managementClient });
});
afterAll(() => world.close());

suite("node-auth0's ManagementClient", () => {
  test("creates, reads, updates, rotates and deletes a client", async () => {
    const created = await management.clients.create({ name: "By node-auth0" });
    const id = created.client_id ?? "";
    expect(created).toMatchObject({ is_first_party: true, oidc_conformant: false });
    const updated = await management.clients.update(id, {
      description: "of a test",
      client_metadata: { team: "agents" },
    });
    expect(updated).toMatchObject({
      description: "of a test",
      client_metadata: { team: "agents" },
    });
    const partial = await management.clients.get(id, { fields: "name", include_fields: true });
    expect(partial).toEqual({ name: "By node-auth0" });
    const rotated = await management.clients.rotateSecret(id);
    expect(rotated.client_secret).not.toBe(created.client_secret);
    await management.clients.delete(id);
    await expect(management.clients.get(id)).rejects.toMatchObject({
      statusCode: 404,
      body: { errorCode: "inexistent_client" },
    });
  });

  test("walks all clients page by page", async () => {
    for (let count = 0; count < 5; count += 1) {
      await management.clients.create({ name: `Page ${count}` });
    }
    const names: unknown[] = [];
    const page = await management.clients.list({ page: 0, per_page: 2, include_totals: true });
    expect(page.data).toHaveLength(2);
    for await (const client of page) names.push(client.name);
    expect(names).toEqual(expect.arrayContaining(["Page 0", "Page 4", "Agent"]));
    expect(new Set(names).size).toBe(names.length);
  });

  test("keeps a client's public keys", async () => {
    const { client_id: id = "" } = await management.clients.create({ name: "With keys" });
    const key = await crypto.subtle.generateKey(
      { ...{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, ...rsa },
      true,
      ["sign", "verify"],
    );
    const der = Buffer.from(await crypto.subtle.exportKey("spki", key.publicKey));
    const body = der.toString("base64").replace(/.{64}/g, "$&\n");
    const pem = `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
    const credential = await management.clients.credentials.create(id, {
      ...{ credential_type: "public_key", name: "first", alg: "RS256", pem },
    });
    expect(credential.id).toMatch(/^cred_/);
    expect(await management.clients.credentials.list(id)).toHaveLength(1);
    await management.clients.credentials.delete(id, credential.id ?? "");
    expect(await management.clients.credentials.list(id)).toEqual([]);
  });

  test("creates a connection, switches it to connected accounts and enables it for a client", async () => {
    const created = await management.connections.create({
      name: "by-node-auth0",
      strategy: "oauth2",
      options: {
        client_id: "at-provider",
        client_secret: "s",
        authorizationURL: "https://provider.example/authorize",
        tokenURL: "https://provider.example/token",
        scope: ["openid", "read:tickets"],
        scripts: { fetchUserProfile: "function f(t, c, cb) { cb(null, { user_id: '1' }); }" },
      },
    });
    const id = created.id ?? "";
    const updated = await management.connections.update(id, {
      connected_accounts: { active: true },
      display_name: "Helpdesk",
    });
    expect(updated).toMatchObject({ connected_accounts: { active: true }, strategy: "oauth2" });
    expect(updated.options).toMatchObject({ scope: ["openid", "read:tickets"] });
    await management.connections.clients.update(id, [{ client_id: world.app.id, status: true }]);
    const enabled = await management.connections.clients.get(id);
    expect(enabled.data).toEqual([{ client_id: world.app.id }]);
    await management.connections.clients.update(id, [{ client_id: world.app.id, status: false }]);
    expect((await management.connections.clients.get(id)).data).toEqual([]);
    await management.connections.delete(id);
    await expect(management.connections.get(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test("walks all connections by checkpoint", async () => {
    const names: unknown[] = [];
    const page = await management.connections.list({ take: 1 });
    expect(page.data).toHaveLength(1);
    for await (const connection of page) names.push(connection.name);
    expect(names.sort()).toEqual(["Username-Password-Authentication", "acme-helpdesk"]);
    const social = await management.connections.list({ strategy: ["oauth2"] });
    expect(social.data.map(({ name }) => name)).toEqual(["acme-helpdesk"]);
  });

  test("creates an API and a grant for it, narrows the grant, and removes both", async () => {
    const audience = "https://tickets.example/api";
    const api = await management.resourceServers.create({
      identifier: audience,
      name: "Tickets",
      scopes: [{ value: "read:tickets" }, { value: "write:tickets", description: "Write" }],
      allow_offline_access: true,
    });
    expect(api).toMatchObject({ signing_alg: "RS256", token_lifetime: 86_400 });
    await management.resourceServers.update(api.id ?? "", { token_lifetime: 600 });
    expect(await management.resourceServers.get(audience)).toMatchObject({ token_lifetime: 600 });
    const grant = await management.clientGrants.create({
      ...{ client_id: world.app.id, audience, scope: ["read:tickets", "write:tickets"] },
    });
    const grantId = grant.id ?? "";
    await management.clientGrants.update(grantId, { scope: ["read:tickets"] });
    const listed = await management.clientGrants.list({ audience, client_id: world.app.id });
    expect(listed.data).toMatchObject([{ id: grantId, scope: ["read:tickets"] }]);
    await management.clientGrants.delete(grantId);
    await management.resourceServers.delete(api.id ?? "");
    const left: unknown[] = [];
    for await (const each of await management.resourceServers.list({ per_page: 1 })) {
      left.push(each.identifier);
    }
    expect(left).toContain(world.me);
    expect(left).not.toContain(audience);
  });

  test("keeps users: create, search, update, block, delete", async () => {
    const created = await management.users.create({
      connection: "Username-Password-Authentication",
      email: "dana@acme.test",
      password: "Correct-horse-9",
      user_metadata: { theme: "dark" },
    });
    const id = created.user_id ?? "";
    expect(id).toMatch(/^auth0\|/);
    const found = await management.users.list({
      q: 'email:"dana@acme.test"',
      search_engine: "v3",
      include_totals: true,
    });
    expect(found.data.map(({ user_id }) => user_id)).toEqual([id]);
    expect(await management.users.listUsersByEmail({ email: "dana@acme.test" })).toHaveLength(1);
    const blocked = await management.users.update(id, { blocked: true, name: "Dana" });
    expect(blocked).toMatchObject({ blocked: true, user_metadata: { theme: "dark" } });
    await management.users.delete(id);
    await expect(management.users.get(id)).rejects.toBeInstanceOf(ManagementError);
  });

  test("sees a user's connected accounts and refresh tokens, and ends them", async () => {
    const user = await world.signUp("erin@acme.test");
    await world.connect(user, "erin");
    const id = String(user.claims["sub"]);
    const accounts = await management.users.connectedAccounts.list(id);
    expect(accounts.data).toMatchObject([{ connection: "acme-helpdesk", access_type: "offline" }]);
    const tokens = await management.users.refreshToken.list(id);
    expect(tokens.data).toMatchObject([{ user_id: id, client_id: world.app.id }]);
    await management.refreshTokens.delete(tokens.data[0]?.id ?? "");
    const vault = await world.exchange({ subject_token: user.refreshToken });
    expect(vault).toMatchObject({ status: 403, body: { error: "invalid_grant" } });
  });

  test("searches the log, and reads one line of it", async () => {
    const email = `frank-${crypto.randomUUID()}@acme.test`;
    await world.signUp(email);
    // A line of the log is written a moment after its answer.
    const search = `type:ss AND user_name:${email}`;
    const found = async () => (await management.logs.list({ search, per_page: 5 })).data;
    await expect.poll(async () => (await found()).length, { timeout: 20_000 }).toBe(1);
    const [entry] = await found();
    expect(await management.logs.get(entry?.log_id ?? "")).toMatchObject({ type: "ss" });
  });

  test("reads and changes the tenant's settings and prompts, and reads its signing keys", async () => {
    await management.tenants.settings.update({
      friendly_name: "Acme",
      support_email: "it@acme.test",
    });
    expect(await management.tenants.settings.get()).toMatchObject({ friendly_name: "Acme" });
    await management.prompts.updateSettings({ identifier_first: true });
    expect(await management.prompts.getSettings()).toMatchObject({ identifier_first: true });
    const keys = await management.keys.signing.list();
    expect(keys.length).toBeGreaterThan(0);
    expect(keys[0]?.cert).toMatch(/BEGIN CERTIFICATE/);
    expect(await management.stats.getActiveUsersCount()).toBeTypeOf("number");
  });

  test("gets Auth0's refusals as its own errors", async () => {
    const wrong = management.clients.create({ name: "<b>" });
    await expect(wrong).rejects.toMatchObject({
      statusCode: 400,
      body: { errorCode: "invalid_body" },
    });
    const twice = management.connections.create({ name: "acme-helpdesk", strategy: "oauth2" });
    await expect(twice).rejects.toMatchObject({ statusCode: 409 });
    const { domain } = world.tenant;
    const stranger = new ManagementClient({ domain, token: "nonsense" });
    await expect(stranger.clients.list()).rejects.toMatchObject({ statusCode: 401 });
  });
});

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
