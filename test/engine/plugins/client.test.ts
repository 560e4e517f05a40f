import { afterAll, assert, beforeAll, suite, test } from "vitest";
import {
  isMap,
  type PropertyMap,
  Secret,
  UNKNOWN,
} from "../../../engine/plugins/protocol/value.ts";
import type { ResourceClient } from "./plugin-client.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";
import { types } from "./types.ts";

let bench: TenantBench;
let client: ResourceClient;
beforeAll(async () => {
  bench = await tenantBench();
  client = bench.plugin.resource(types.client, "agent");
});
afterAll(() => bench.close());

const audience = "https://api.test/";
const program: PropertyMap = {
  name: "Agent",
  description: "an agent",
  appType: "regular_web",
  oidcConformant: true,
  callbacks: ["http://127.0.0.1:1/callback"],
  clientMetadata: { team: "a", gone: "b" },
  refreshToken: {
    rotationType: "non-rotating",
    expirationType: "non-expiring",
    policies: [{ audience, scopes: ["b", "a"] }],
  },
};

suite("auth0:index/client:Client", () => {
  test("is made by one POST with the method of a confidential client", async () => {
    bench.proxy.taken();
    await client.make(program);
    assert.deepEqual(bench.proxy.taken(), ["POST /clients"]);
    assert.deepEqual(bench.proxy.requests.at(-1)?.body, {
      name: "Agent",
      description: "an agent",
      app_type: "regular_web",
      oidc_conformant: true,
      callbacks: ["http://127.0.0.1:1/callback"],
      client_metadata: { team: "a", gone: "b" },
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        policies: [{ audience, scope: ["b", "a"] }],
      },
      token_endpoint_auth_method: "client_secret_post",
    } as never);
  });

  test.each([
    ["spa", "none"],
    ["native", "none"],
    ["non_interactive", "client_secret_post"],
  ])("of type %s starts with the authentication method %s", async (appType, method) => {
    const { id } = await client.make({ name: appType, appType });
    const answer = await bench.api("GET", `/clients/${id}`);
    assert.equal(String(answer["token_endpoint_auth_method"]), method);
  });

  test("has outputs that need no update afterwards", async () => {
    const entry = await client.make(program);
    const { inputs } = await client.check(program, entry.inputs);
    assert.deepEqual(await client.diff(entry, inputs), {
      changes: false,
      replaces: [],
      deleteBeforeReplace: false,
      detail: {},
    });
  });

  test("keeps its signing keys secret, and its own secret out of the outputs", async () => {
    const { outputs } = await client.make(program);
    assert.instanceOf(outputs["signingKeys"], Secret);
    assert.notProperty(outputs, "clientSecret");
  });

  test("is unknown in a preview only where the tenant decides", async () => {
    const { inputs } = await client.check(program);
    const { id, outputs } = await client.preview(inputs);
    assert.equal(id, "");
    assert.equal(outputs["clientId"], UNKNOWN);
    assert.equal(outputs["grantTypes"], UNKNOWN);
    assert.equal(outputs["name"], "Agent");
    assert.equal(outputs["logoUri"], "");
    const { refreshToken } = outputs;
    assert.isTrue(isMap(refreshToken) && refreshToken["rotationType"] === "non-rotating");
    assert.isTrue(isMap(refreshToken) && refreshToken["tokenLifetime"] === UNKNOWN);
  });

  test("is not changed by the preview of an update, whose outputs stay known", async () => {
    const entry = await client.make(program);
    bench.proxy.taken();
    const { outputs } = await client.update(entry, { ...entry.inputs, description: "new" }, true);
    assert.deepEqual(bench.proxy.taken(), []);
    assert.deepEqual(outputs, { ...entry.outputs, description: "new" });
  });

  test("is updated by one PATCH of all it is, without what only a create sends", async () => {
    const entry = await client.make(program);
    bench.proxy.taken();
    const updated = await client.update(entry, { ...entry.inputs, description: "new" });
    assert.deepEqual(bench.proxy.taken(), [`PATCH /clients/${entry.id}`]);
    const { body } = bench.proxy.requests.at(-1) ?? {};
    assert.deepEqual(Object.keys(body ?? {}).sort(), [
      "app_type",
      "callbacks",
      "client_metadata",
      "description",
      "name",
      "oidc_conformant",
      "refresh_token",
    ]);
    assert.equal(updated.outputs["description"], "new");
  });

  test("loses what the program takes away, down to a key of its metadata", async () => {
    const entry = await client.make({ ...program, logoUri: "https://a.test/logo.png" });
    const { inputs } = await client.check(
      { ...program, clientMetadata: { team: "a" } },
      entry.inputs,
    );
    const { detail } = await client.diff(entry, inputs);
    assert.deepEqual(detail, { logoUri: "DELETE", clientMetadata: "UPDATE" });
    const updated = await client.update(entry, inputs);
    assert.equal(updated.outputs["logoUri"], "");
    assert.deepEqual(updated.outputs["clientMetadata"], { team: "a" });
    assert.isFalse((await client.diff(updated, inputs)).changes);
  });

  test("keeps what the program stops to mention where the tenant owns it", async () => {
    const entry = await client.make(program);
    const { callbacks: _, ...rest } = program;
    const { inputs } = await client.check(rest, entry.inputs);
    assert.isFalse((await client.diff(entry, inputs)).changes);
  });

  test("differs in a list when the order changes, and not in a set", async () => {
    const callbacks = ["https://a.test", "https://b.test"];
    const policies = [
      { audience, scopes: ["a"] },
      { audience: "https://other.test/", scopes: [] },
    ];
    const refreshToken = { rotationType: "non-rotating", expirationType: "non-expiring", policies };
    const entry = await client.make({ ...program, callbacks, refreshToken });
    const reversed = { ...refreshToken, policies: policies.toReversed() };
    const { detail } = await client.diff(entry, {
      ...entry.inputs,
      callbacks: callbacks.toReversed(),
      refreshToken: reversed,
    });
    assert.deepEqual(detail, { callbacks: "UPDATE" });
  });

  test("does not differ where the program says to ignore it", async () => {
    const entry = await client.make(program);
    const news = { ...entry.inputs, description: "new", clientMetadata: { team: "b", gone: "b" } };
    const ignoreChanges = ["description", "clientMetadata.team", "clientMetadata"];
    assert.isFalse((await client.diff(entry, news, { ignoreChanges })).changes);
  });

  test("is replaced when it stands for another API, the new one first", async () => {
    const api = { name: "API client", appType: "resource_server" };
    const entry = await client.make({ ...api, resourceServerIdentifier: await newApi() });
    const news = { ...entry.inputs, resourceServerIdentifier: await newApi() };
    const diff = await client.diff(entry, news);
    assert.deepEqual(diff.replaces, ["resourceServerIdentifier"]);
    assert.deepEqual(diff.detail, { resourceServerIdentifier: "UPDATE_REPLACE" });
    assert.isFalse(diff.deleteBeforeReplace);
  });

  test("treats an unknown input as a change", async () => {
    const entry = await client.make(program);
    const { detail } = await client.diff(entry, { ...entry.inputs, name: UNKNOWN });
    assert.deepEqual(detail, { name: "UPDATE" });
  });

  test("is read again with what drifted, in inputs and outputs, and repaired by an update", async () => {
    const entry = await client.make(program);
    await bench.api("PATCH", `/clients/${entry.id}`, {
      description: "drifted",
      logo_uri: "https://a.test/logo.png",
    });
    const read = await client.read(entry.id, entry);
    assert.equal(read?.inputs["description"], "drifted");
    assert.equal(read?.outputs["logoUri"], "https://a.test/logo.png");
    if (read === undefined) return;
    const { detail } = await client.diff(read, entry.inputs);
    assert.deepEqual(detail, { description: "UPDATE", logoUri: "DELETE" });
    const repaired = await client.update(read, entry.inputs);
    assert.deepEqual(repaired.outputs, entry.outputs);
  });

  test("is read again without a change where nothing drifted", async () => {
    const entry = await client.make(program);
    assert.deepEqual(await client.read(entry.id, entry), entry);
  });

  test("can be imported: the inputs that are found make a clean difference", async () => {
    const entry = await client.make(program);
    const found = await client.read(entry.id);
    assert.isDefined(found);
    if (found === undefined) return;
    const { inputs, failures } = await client.check(found.inputs);
    assert.deepEqual(failures, []);
    assert.isFalse((await client.diff(found, inputs)).changes);
    const { inputs: programs } = await client.check(program, found.inputs);
    assert.isFalse((await client.diff(found, programs)).changes);
  });

  test("is gone when the tenant has it no more, and deleting it then is a success", async () => {
    const entry = await client.make(program);
    const run = (await bench.another()).resource(types.client, "agent");
    await run.delete(entry);
    assert.isUndefined(await run.read(entry.id, entry));
    await run.delete(entry);
  });
});

async function newApi(): Promise<string> {
  const identifier = `https://${crypto.randomUUID()}.test/`;
  await bench.api("POST", "/resource-servers", { identifier });
  return identifier;
}
