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
let connection: ResourceClient;
beforeAll(async () => {
  bench = await tenantBench();
  connection = bench.plugin.resource(types.connection, "desk");
});
afterAll(() => bench.close());

const options = {
  clientId: "tenant-at-provider",
  clientSecret: new Secret("hush-hush"),
  authorizationEndpoint: "http://localhost:3001/authorize",
  tokenEndpoint: "http://localhost:3001/token",
  scopes: ["write:tickets", "openid"],
  scripts: { fetchUserProfile: "function fetchUserProfile(token, context, done) {}" },
  pkceEnabled: true,
};

let count = 0;
/** A program's inputs with a name of their own. */
function program(more: PropertyMap = {}): PropertyMap {
  count++;
  return { name: `desk-${count}`, strategy: "oauth2", options, ...more };
}

const optionsOf = ({ options }: PropertyMap): PropertyMap => (isMap(options) ? options : {});

suite("auth0:index/connection:Connection", () => {
  test("is made by one POST, its options under Auth0's own names", async () => {
    bench.proxy.taken();
    const { outputs } = await connection.make(
      program({
        displayName: "Desk",
        connectedAccounts: { active: true },
        options: {
          ...options,
          iconUrl: "https://a.test/icon.png",
          upstreamParams: '{"prompt":{"value":"consent"}}',
          customHeaders: [{ header: "X-A", value: "a" }],
          nonPersistentAttrs: ["phone"],
          setUserRootAttributes: "on_first_login",
          strategyVersion: 2,
          useOauthSpecScope: true,
        },
      }),
    );
    assert.deepEqual(bench.proxy.taken(), ["POST /connections"]);
    assert.deepEqual(bench.proxy.requests.at(-1)?.body, {
      name: `desk-${count}`,
      strategy: "oauth2",
      display_name: "Desk",
      connected_accounts: { active: true },
      options: {
        client_id: "tenant-at-provider",
        client_secret: "hush-hush",
        authorizationURL: "http://localhost:3001/authorize",
        tokenURL: "http://localhost:3001/token",
        scope: ["write:tickets", "openid"],
        scripts: options.scripts,
        pkce_enabled: true,
        icon_url: "https://a.test/icon.png",
        upstream_params: { prompt: { value: "consent" } },
        customHeaders: { "X-A": "a" },
        non_persistent_attrs: ["phone"],
        set_user_root_attributes: "on_first_login",
        strategy_version: 2,
        useOauthSpecScope: true,
      },
    } as never);
    const kept = optionsOf(outputs);
    assert.deepEqual(kept["customHeaders"], [{ header: "X-A", value: "a" }]);
    assert.equal(kept["upstreamParams"], '{"prompt":{"value":"consent"}}');
  });

  test("keeps secret options secret, in outputs and in inputs that are read", async () => {
    const entry = await connection.make(program());
    assert.deepEqual(optionsOf(entry.outputs)["clientSecret"], new Secret("hush-hush"));
    const read = await connection.read(entry.id, entry);
    assert.deepEqual(optionsOf(read?.inputs ?? {})["clientSecret"], new Secret("hush-hush"));
    const imported = await connection.read(entry.id);
    assert.deepEqual(optionsOf(imported?.inputs ?? {})["clientSecret"], new Secret("hush-hush"));
  });

  test("keeps its scopes in the program's order, and takes another order for the same", async () => {
    const entry = await connection.make(program());
    assert.deepEqual(optionsOf(entry.outputs)["scopes"], ["write:tickets", "openid"]);
    const scopes = ["openid", "write:tickets"];
    const news = { ...entry.inputs, options: { ...options, scopes } };
    assert.isFalse((await connection.diff(entry, news)).changes);
  });

  test("has every output of the preview known but what the tenant decides", async () => {
    const { inputs } = await connection.check(program());
    const { outputs } = await connection.preview(inputs);
    assert.equal(outputs["realms"], UNKNOWN);
    assert.equal(optionsOf(outputs)["clientId"], "tenant-at-provider");
    assert.equal(optionsOf(outputs)["strategyVersion"], UNKNOWN);
    assert.instanceOf(optionsOf(outputs)["clientSecret"], Secret);
  });

  test("sends all options again when one changes, and neither name, strategy nor switches", async () => {
    const entry = await connection.make(program({ connectedAccounts: { active: true } }));
    const tokenEndpoint = "https://new.test/token";
    const news = { ...entry.inputs, options: { ...options, tokenEndpoint } };
    assert.deepEqual((await connection.diff(entry, news)).detail, {
      "options.tokenEndpoint": "UPDATE",
    });
    await connection.update(entry, news);
    const { body } = bench.proxy.requests.at(-1) ?? {};
    assert.deepEqual(Object.keys(body ?? {}), ["options"]);
    assert.equal(Object.keys(body?.["options"] ?? {}).length, Object.keys(options).length);
  });

  test("sends a switch when it changes", async () => {
    const entry = await connection.make(program());
    const news = { ...entry.inputs, connectedAccounts: { active: true } };
    const updated = await connection.update(entry, news);
    assert.property(bench.proxy.requests.at(-1)?.body, "connected_accounts");
    assert.deepEqual(updated.outputs["connectedAccounts"], { active: true });
    assert.isFalse((await connection.diff(updated, news)).changes);
  });

  test("repeats a display name that the tenant has: one that is left out would be reset", async () => {
    const entry = await connection.make(program());
    await bench.api("PATCH", `/connections/${entry.id}`, {
      display_name: "Named by hand",
      options: {},
    });
    const read = (await connection.read(entry.id, entry)) ?? entry;
    const updated = await connection.update(read, entry.inputs);
    assert.equal(updated.outputs["displayName"], "Named by hand");
  });

  test.each([
    ["options", { options: { ...options, pkceEnabled: false } }],
    ["switches", { connectedAccounts: { active: true } }],
  ])("keeps a display name that nobody has read yet when its %s change", async (_, more) => {
    const entry = await connection.make(program());
    await bench.api("PATCH", `/connections/${entry.id}`, { display_name: "Named by hand" });
    const updated = await connection.update(entry, { ...entry.inputs, ...more });
    assert.equal(updated.outputs["displayName"], "Named by hand");
  });

  test("takes out of the options what the program no longer has", async () => {
    const entry = await connection.make(program());
    const { scripts: _, ...rest } = options;
    const news = { ...entry.inputs, options: rest };
    assert.deepEqual((await connection.diff(entry, news)).detail, { "options.scripts": "DELETE" });
    const updated = await connection.update(entry, news);
    assert.deepEqual(optionsOf(updated.outputs)["scripts"], {});
  });

  test("whose button somebody has switched off is as the program wants it that never speaks of one", async () => {
    const entry = await connection.make(program());
    await bench.api("PATCH", `/connections/${entry.id}`, { show_as_button: false });
    const read = await connection.read(entry.id, entry);
    assert.isFalse(read?.outputs["showAsButton"]);
    if (read !== undefined) assert.isFalse((await connection.diff(read, entry.inputs)).changes);
  });

  test("loses a key of its metadata that the program takes away", async () => {
    const entry = await connection.make(program({ metadata: { team: "a", gone: "b" } }));
    const updated = await connection.update(entry, { ...entry.inputs, metadata: { team: "a" } });
    assert.deepEqual(updated.outputs["metadata"], { team: "a" });
  });

  test("of another name is made before the old one is deleted", async () => {
    const entry = await connection.make(program());
    const diff = await connection.diff(entry, { ...entry.inputs, name: "other" });
    assert.deepEqual(diff.detail, { name: "UPDATE_REPLACE" });
    assert.isFalse(diff.deleteBeforeReplace);
  });

  test("of the same name is deleted before the new one is made", async () => {
    const entry = await connection.make(program());
    const news = { name: entry.inputs["name"] ?? "", strategy: "auth0" };
    const diff = await connection.diff(entry, news);
    assert.include(diff.replaces, "strategy");
    assert.isTrue(diff.deleteBeforeReplace);
  });

  test("can be a database: what the program leaves out is the tenant's", async () => {
    const { inputs } = await connection.check({ name: `users-${count}`, strategy: "auth0" });
    const entry = await connection.create(inputs);
    assert.isFalse((await connection.diff(entry, inputs)).changes);
    const strict = { ...inputs, options: { passwordPolicy: "excellent", disableSignup: true } };
    const { detail } = await connection.diff(entry, strict);
    assert.hasAllKeys(detail, ["options.passwordPolicy", "options.disableSignup"]);
    const updated = await connection.update(entry, strict);
    assert.isFalse((await connection.diff(updated, strict)).changes);
  });

  test("can be imported: the inputs that are found make a clean difference", async () => {
    const inputs = program({ metadata: { team: "a" } });
    const entry = await connection.make(inputs);
    const found = await connection.read(entry.id);
    if (found === undefined) return assert.fail("not found");
    const checked = await connection.check(found.inputs);
    assert.deepEqual(checked.failures, []);
    assert.isFalse((await connection.diff(found, checked.inputs)).changes);
    assert.isFalse((await connection.diff(found, entry.inputs)).changes);
  });

  test("is gone when the tenant has it no more, and deleting it then is a success", async () => {
    const entry = await connection.make(program());
    const run = (await bench.another()).resource(types.connection, "desk");
    await run.delete(entry);
    assert.isUndefined(await run.read(entry.id, entry));
    await run.delete(entry);
  });
});
