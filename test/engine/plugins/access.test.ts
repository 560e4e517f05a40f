/** APIs, grants and credentials: what a client may do and how it proves itself. */
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { Secret, UNKNOWN } from "../../../engine/plugins/protocol/value.ts";
import type { PluginClient, ResourceClient, StateEntry } from "./plugin-client.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";
import { types } from "./types.ts";

let bench: TenantBench;
let me: string;
let agent: StateEntry;
let api: ResourceClient;
let grant: ResourceClient;
let credentials: ResourceClient;
beforeAll(async () => {
  bench = await tenantBench();
  me = `https://${bench.tenant.domain}/me/`;
  api = bench.plugin.resource(types.resourceServer, "api");
  grant = bench.plugin.resource(types.clientGrant, "grant");
  credentials = bench.plugin.resource(types.clientCredentials, "credentials");
  agent = await bench.plugin
    .resource(types.client, "agent")
    .make({ name: "Agent", appType: "regular_web" });
});
afterAll(() => bench.close());

const identifier = () => `https://${crypto.randomUUID()}.test/`;

/** A new API with some scopes, made past the plugin. */
async function apiWith(...scopes: string[]): Promise<string> {
  const name = identifier();
  await bench.api("POST", "/resource-servers", {
    identifier: name,
    scopes: scopes.map((value) => ({ value })),
  });
  return name;
}

suite("auth0:index/resourceServer:ResourceServer", () => {
  test("is made by one POST, and needs no update afterwards", async () => {
    bench.proxy.taken();
    const program = { name: "API", identifier: identifier(), tokenLifetime: 3600 };
    const entry = await api.make(program);
    assert.deepEqual(bench.proxy.taken(), ["POST /resource-servers"]);
    assert.equal(entry.outputs["signingAlg"], "RS256");
    assert.isFalse((await api.diff(entry, entry.inputs)).changes);
  });

  test("is replaced when its identifier changes", async () => {
    const entry = await api.make({ name: "API", identifier: identifier() });
    const diff = await api.diff(entry, { ...entry.inputs, identifier: identifier() });
    assert.deepEqual(diff.replaces, ["identifier"]);
  });

  test("is updated without its identifier, which Auth0 refuses", async () => {
    const entry = await api.make({ name: "API", identifier: identifier() });
    const updated = await api.update(entry, { ...entry.inputs, allowOfflineAccess: true });
    assert.deepEqual(bench.proxy.requests.at(-1)?.body, {
      name: "API",
      allow_offline_access: true,
    } as never);
    assert.equal(updated.outputs["allowOfflineAccess"], true);
  });

  test("disables a part by null", async () => {
    const entry = await api.make({
      name: "API",
      identifier: identifier(),
      consentPolicy: "transactional-authorization-with-mfa",
    });
    const disabled = { disable: true };
    await api.update(entry, { ...entry.inputs, tokenEncryption: disabled, consentPolicy: "null" });
    const { body } = bench.proxy.requests.at(-1) ?? {};
    assert.isNull(body?.["token_encryption"]);
    assert.isNull(body?.["consent_policy"]);
  });

  test("of another owner is not taken over: the error names it and how to import it", async () => {
    const taken = await apiWith();
    const error = await api.make({ name: "API", identifier: taken }).catch(String);
    const { id } = await bench.api("GET", `/resource-servers/${encodeURIComponent(taken)}`);
    assert.match(String(error), /POST \/api\/v2\/resource-servers answered 409/);
    assert.include(String(error), `pulumi import ${types.resourceServer} NAME ${String(id)}`);
  });

  test("the My Account API of the tenant is taken over by any number of stacks", async () => {
    const program = {
      name: "Auth0 My Account API",
      identifier: me,
      skipConsentForVerifiableFirstPartyClients: true,
      subjectTypeAuthorization: { user: { policy: "require_client_grant" } },
    };
    const first = await api.make(program);
    const another = (await bench.another()).resource(types.resourceServer, "again");
    bench.proxy.taken();
    const second = await another.make(program);
    assert.equal(second.id, first.id);
    assert.deepEqual(bench.proxy.taken(), [
      "POST /resource-servers",
      `GET /resource-servers/${encodeURIComponent(me)}`,
    ]);
    assert.deepEqual(second.outputs, first.outputs);
  });

  test("a name that the tenant ignores on its own API makes no difference", async () => {
    const entry = await api.make({ name: "Something else", identifier: me });
    assert.equal(entry.outputs["name"], "Auth0 My Account API");
    assert.isFalse((await api.diff(entry, entry.inputs)).changes);
  });

  test("the Management API is never deleted, and only what can be changed of it is sent", async () => {
    const found = await api.read(`https://${bench.tenant.domain}/api/v2/`);
    if (found === undefined) return assert.fail("the tenant has no Management API");
    const run = (await bench.another()).resource(types.resourceServer, "management");
    await run.update(found, { ...found.inputs, tokenLifetime: 7200 });
    assert.notProperty(bench.proxy.requests.at(-1)?.body, "name");
    bench.proxy.taken();
    await run.delete(found);
    assert.deepEqual(bench.proxy.taken(), []);
  });

  test("the Management API is asked for, and sent no empty update, where nothing of what changed can be sent", async () => {
    const found = await api.read(`https://${bench.tenant.domain}/api/v2/`);
    if (found === undefined) return assert.fail("the tenant has no Management API");
    const { name = null, identifier = null } = found.inputs;
    bench.proxy.taken();
    const updated = await api.update(found, {
      name,
      identifier,
      allowOfflineAccess: true,
    });
    assert.deepEqual(bench.proxy.taken(), [`GET /resource-servers/${found.id}`]);
    assert.equal(updated.outputs["allowOfflineAccess"], false);
  });
});

suite("auth0:index/clientGrant:ClientGrant", () => {
  test("looks for the client's grant, then makes it", async () => {
    const audience = await apiWith("a", "b");
    bench.proxy.taken();
    const program = { clientId: agent.id, audience, scopes: ["b", "a"], subjectType: "user" };
    const entry = await grant.make(program);
    assert.deepEqual(bench.proxy.taken(), ["GET /client-grants", "POST /client-grants"]);
    assert.deepEqual(entry.outputs["scopes"], ["b", "a"]);
    assert.isFalse((await grant.diff(entry, entry.inputs)).changes);
  });

  test("adopts a grant of the same kind, and gives it the wanted scopes", async () => {
    const audience = await apiWith("a", "b");
    const existing = await bench.api("POST", "/client-grants", {
      client_id: agent.id,
      audience,
      scope: ["a"],
    });
    bench.proxy.taken();
    const entry = await grant.make({ clientId: agent.id, audience, scopes: ["a", "b"] });
    assert.equal(entry.id, String(existing["id"]));
    assert.deepEqual(entry.outputs["scopes"], ["a", "b"]);
    assert.deepEqual(bench.proxy.taken(), [
      "GET /client-grants",
      `PATCH /client-grants/${entry.id}`,
    ]);
  });

  test("makes its own beside a grant of the other kind", async () => {
    const audience = await apiWith("a");
    const existing = await bench.api("POST", "/client-grants", {
      client_id: agent.id,
      audience,
      scope: ["a"],
    });
    const user = { clientId: agent.id, audience, scopes: ["a"], subjectType: "user" };
    assert.notEqual((await grant.make(user)).id, String(existing["id"]));
  });

  test("is updated by its scopes alone, and replaced for anything else", async () => {
    const audience = await apiWith("a", "b");
    const entry = await grant.make({ clientId: agent.id, audience, scopes: ["a"] });
    const updated = await grant.update(entry, { ...entry.inputs, scopes: ["b"] });
    assert.deepEqual(bench.proxy.requests.at(-1)?.body, { scope: ["b"] } as never);
    assert.deepEqual(updated.outputs["scopes"], ["b"]);
    const other = await grant.diff(entry, { ...entry.inputs, clientId: UNKNOWN });
    assert.deepEqual(other.replaces, ["clientId"]);
  });

  test("that was adopted in a replacement survives the deletion of what it replaces", async () => {
    const audience = await apiWith("a");
    const run = (await bench.another()).resource(types.clientGrant, "grant");
    const entry = await run.make({ clientId: agent.id, audience, scopes: ["a"] });
    const next = (await bench.another()).resource(types.clientGrant, "grant");
    const replacement = await next.make({ clientId: agent.id, audience, scopes: ["a"] });
    assert.equal(replacement.id, entry.id);
    await next.delete(entry);
    assert.isDefined(await next.read(entry.id, entry));
  });
});

suite("auth0:index/clientCredentials:ClientCredentials", () => {
  test("is one PATCH of the client, with its secret as a secret output", async () => {
    bench.proxy.taken();
    const program = { clientId: agent.id, authenticationMethod: "client_secret_basic" };
    const entry = await credentials.make(program);
    assert.deepEqual(bench.proxy.taken(), [`PATCH /clients/${agent.id}`]);
    const { client_secret: secret } = await bench.api("GET", `/clients/${agent.id}`);
    assert.deepEqual(entry.outputs["clientSecret"], new Secret(String(secret)));
    assert.deepEqual(entry.outputs["clientSecretWo"], new Secret(null));
    assert.isFalse((await credentials.diff(entry, entry.inputs)).changes);
    assert.deepEqual(await credentials.read(entry.id, entry), entry);
  });

  test("sets a secret that the program chooses, and sees when another one is there", async () => {
    const secret = "chosen-".padEnd(40, "x");
    const program = {
      clientId: agent.id,
      authenticationMethod: "client_secret_post",
      clientSecret: new Secret(secret),
    };
    const entry = await credentials.make(program);
    assert.deepEqual(entry.outputs["clientSecret"], new Secret(secret));
    await bench.api("PATCH", `/clients/${agent.id}`, { client_secret: "another-".padEnd(40, "y") });
    const read = (await credentials.read(entry.id, entry)) ?? entry;
    const { detail } = await credentials.diff(read, entry.inputs);
    assert.deepEqual(detail, { clientSecret: "UPDATE" });
  });

  test("sends a write-only secret when its version changes, and keeps it out of the outputs", async () => {
    const first = "write-only-1-".padEnd(40, "x");
    const program = {
      clientId: agent.id,
      authenticationMethod: "client_secret_post",
      clientSecretWo: new Secret(first),
      clientSecretWoVersion: 1,
    };
    const entry = await credentials.make(program);
    assert.deepEqual(entry.outputs["clientSecretWo"], new Secret(null));
    assert.equal(String((await bench.api("GET", `/clients/${agent.id}`))["client_secret"]), first);
    const second = "write-only-2-".padEnd(40, "x");
    const same = { ...entry.inputs, clientSecretWo: new Secret(second) };
    assert.isFalse((await credentials.diff(entry, same)).changes);
    const next = { ...same, clientSecretWoVersion: 2 };
    assert.deepEqual((await credentials.diff(entry, next)).detail, {
      clientSecretWoVersion: "UPDATE",
    });
    await credentials.update(entry, next);
    assert.equal(String((await bench.api("GET", `/clients/${agent.id}`))["client_secret"]), second);
  });

  test("gives the client back the method it started with when it goes", async () => {
    const program = { clientId: agent.id, authenticationMethod: "client_secret_basic" };
    const entry = await credentials.make(program);
    const run = (await bench.another()).resource(types.clientCredentials, "credentials");
    await run.delete(entry);
    const answer = await bench.api("GET", `/clients/${agent.id}`);
    assert.equal(String(answer["token_endpoint_auth_method"]), "client_secret_post");
  });

  test("that no longer have a secret of the program's send nothing, and differ no more", async () => {
    const { id: clientId } = await bench.plugin
      .resource(types.client, "agent")
      .make({ name: "Agent", appType: "regular_web" });
    const secret = new Secret(`${crypto.randomUUID()}${crypto.randomUUID()}`);
    const entry = await credentials.make({
      clientId,
      clientSecretWo: secret,
      clientSecretWoVersion: 1,
    });
    const { inputs } = await credentials.check({ clientId }, entry.inputs);
    assert.deepEqual((await credentials.diff(entry, inputs)).detail, {
      clientSecretWoVersion: "DELETE",
    });
    bench.proxy.taken();
    const updated = await credentials.update(entry, inputs);
    assert.deepEqual(bench.proxy.taken(), [`GET /clients/${clientId}`]);
    assert.isFalse((await credentials.diff(updated, inputs)).changes);
  });

  test("keep the known secret where the Management API client may not read it", async () => {
    const program = { clientId: agent.id, authenticationMethod: "client_secret_basic" };
    const entry = await credentials.make(program);
    const reader = await bench.api("POST", "/clients", {
      name: "Reader",
      app_type: "non_interactive",
    });
    await bench.api("POST", "/client-grants", {
      client_id: String(reader["client_id"]),
      audience: bench.env["AUTH0_AUDIENCE"],
      scope: ["read:clients", "update:clients"],
    });
    const plugin = await bench.another({
      AUTH0_CLIENT_ID: String(reader["client_id"]),
      AUTH0_CLIENT_SECRET: String(reader["client_secret"]),
    });
    const withheld = plugin.resource(types.clientCredentials, "credentials");
    assert.isUndefined(await secretSeen(plugin));
    assert.deepEqual(await withheld.read(entry.id, entry), entry);
    assert.deepEqual(await withheld.update(entry, entry.inputs), entry);
  });

  test("of a client that is gone is gone too", async () => {
    const client = bench.plugin.resource(types.client, "short-lived");
    const { id } = await client.make({ name: "Short-lived", appType: "regular_web" });
    const program = { clientId: id, authenticationMethod: "client_secret_basic" };
    const entry = await credentials.make(program);
    await bench.api("DELETE", `/clients/${id}`);
    const run = (await bench.another()).resource(types.clientCredentials, "credentials");
    assert.isUndefined(await run.read(id, entry));
    await run.delete(entry);
  });
});

/** The agent's secret as a plugin's credentials are allowed to see it. */
async function secretSeen(plugin: PluginClient): Promise<unknown> {
  const found = await plugin.invoke("auth0:index/getClient:getClient", { clientId: agent.id });
  const { clientSecret } = found;
  return clientSecret instanceof Secret && clientSecret.value !== "" ? clientSecret : undefined;
}
