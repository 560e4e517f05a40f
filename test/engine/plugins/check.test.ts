import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { auth0Plugin } from "../../../engine/plugins/auth0/plugin.ts";
import { dockerPlugin } from "../../../engine/plugins/docker/plugin.ts";
import { autoName } from "../../../engine/plugins/protocol/auto-name.ts";
import { Secret, UNKNOWN } from "../../../engine/plugins/protocol/value.ts";
import { openPlugin, type PluginClient } from "./plugin-client.ts";
import { types } from "./types.ts";

const env = { AUTH0_DOMAIN: "tenant.test", AUTH0_API_TOKEN: "unused" };
const oauth2 = { name: "desk", strategy: "oauth2" };
let plugin: PluginClient;
beforeAll(async () => {
  plugin = await openPlugin(auth0Plugin({ env, parentAlive: () => true }));
});
afterAll(() => plugin.close());

const connection = () => plugin.resource(types.connection, "desk");
const client = () => plugin.resource(types.client, "agent");

suite("check of a connection's inputs", () => {
  test.each(["a", "desk", "Acme-Helpdesk-2", "a-b-c", "x".repeat(128)])(
    "accepts the name %j",
    async (name) => {
      assert.deepEqual((await connection().check({ ...oauth2, name })).failures, []);
    },
  );

  test.each(["", "-a", "a-", "a--b", "a_b", "a b", "é", "x".repeat(129)])(
    "refuses the name %j",
    async (name) => {
      const [failure, ...others] = (await connection().check({ ...oauth2, name })).failures;
      assert.match(failure ?? "", /^name: must /);
      assert.deepEqual(others, []);
    },
  );

  test("names every problem at once, each with its place", async () => {
    const { failures } = await connection().check({
      name: "no_good",
      strategy: "oauth2",
      colour: "red",
      authentication: {},
      metadata: { tvk_urn: "x".repeat(256) },
      options: {
        clientId: "",
        iconUrl: "http://insecure.test/icon.png",
        scopes: ["a", 1],
        scripts: { fetchUserProfile: "x".repeat(51_201), other: "" },
        upstreamParams: "{",
        customHeaders: [{ header: "a" }],
        setUserRootAttributes: "sometimes",
        pkceEnabled: "yes",
        mfa: { active: true },
      },
    });
    assert.deepEqual(
      failures.map((failure) => failure.split(":")[0]).sort(),
      [
        "authentication.active",
        "colour",
        "metadata.tvk_urn",
        "name",
        "options.clientId",
        "options.customHeaders[0].value",
        "options.iconUrl",
        "options.mfa",
        "options.pkceEnabled",
        "options.scopes[1]",
        "options.scripts.fetchUserProfile",
        "options.scripts.other",
        "options.setUserRootAttributes",
        "options.upstreamParams",
      ].sort(),
    );
  });

  test("accepts a script of 51 200 characters", async () => {
    const scripts = { fetchUserProfile: "x".repeat(51_200) };
    const { failures } = await connection().check({ ...oauth2, options: { scripts } });
    assert.deepEqual(failures, []);
  });

  test("accepts what is not known yet, wherever it stands", async () => {
    const { failures } = await connection().check({
      name: UNKNOWN,
      strategy: UNKNOWN,
      metadata: UNKNOWN,
      options: {
        clientId: UNKNOWN,
        scopes: ["a", UNKNOWN],
        customHeaders: [UNKNOWN],
        scripts: UNKNOWN,
      },
    });
    assert.deepEqual(failures, []);
  });

  test("refuses a strategy that the plugin does not write, and names the way out", async () => {
    const { failures } = await connection().check({ name: "saml", strategy: "samlp" });
    assert.lengthOf(failures, 1);
    assert.match(
      failures[0] ?? "",
      /^strategy: must be one of oauth2, .*TVK_PLUGINS=official.*, is "samlp"$/,
    );
  });

  test("marks the provider's client secret as secret, though the program did not", async () => {
    const options = { clientId: "id", clientSecret: "hush-hush" };
    const { inputs } = await connection().check({ ...oauth2, options });
    assert.deepEqual(inputs["options"], { clientId: "id", clientSecret: new Secret("hush-hush") });
  });

  test("never repeats a secret in a reason", async () => {
    const clientSecret = new Secret(`hush-${"x".repeat(1100)}`);
    const { failures } = await connection().check({ ...oauth2, options: { clientSecret } });
    assert.deepEqual(failures, ["options.clientSecret: must be at most 1024 characters, is 1105"]);
  });
});

suite("a reason", () => {
  const secret = new Secret("no_good/hush-hush");

  test("repeats what is wrong, unless it came as a secret, at any depth", async () => {
    const wrong = { ...oauth2, options: { iconUrl: "no_good", setUserRootAttributes: secret } };
    assert.sameMembers((await connection().check(wrong)).failures, [
      "options.setUserRootAttributes: must be one of on_each_login, on_first_login, never_on_login",
      'options.iconUrl: must start with https://, is "no_good"',
    ]);
    const deep = { ...oauth2, name: secret, options: new Secret({ iconUrl: "hush-hush" }) };
    assert.notInclude((await connection().check(deep)).failures.join(), "hush");
    const items = { allowedAuthenticationMethods: ["cookie", secret] };
    const { failures } = await client().check({ name: "a", sessionTransfer: items });
    assert.deepEqual(failures, [
      "sessionTransfer.allowedAuthenticationMethods[1]: must be one of cookie, query",
    ]);
  });

  test("does not repeat a strategy that came as a secret", async () => {
    const { failures } = await connection().check({ name: "a", strategy: secret });
    assert.lengthOf(failures, 1);
    assert.notInclude(failures.join(), "hush");
  });

  test("of the docker plugin does not repeat a secret either", async () => {
    const docker = await openPlugin(dockerPlugin({ env: {}, parentAlive: () => true }));
    const container = docker.resource("docker:index/container:Container", "box");
    const { failures } = await container.check({ image: "a", restart: secret });
    docker.close();
    assert.deepEqual(failures, ["restart: must be one of no, on-failure, always, unless-stopped"]);
  });
});

suite("names made up by check", () => {
  test("end in seven hexadecimal digits", async () => {
    const { inputs, failures } = await connection().check({ strategy: "oauth2" });
    assert.match(String(inputs["name"]), /^desk-[0-9a-f]{7}$/);
    assert.deepEqual(failures, []);
  });

  test("stay once made, though the seed is another one", async () => {
    const { inputs } = await client().check({});
    assert.deepEqual((await client().check({}, inputs)).inputs["name"], inputs["name"]);
  });

  test("give way to the program's", async () => {
    const { inputs } = await client().check({});
    assert.equal((await client().check({ name: "given" }, inputs)).inputs["name"], "given");
  });

  test.each([
    ["propose", "stack-desk", "stack-desk"],
    ["enforce", "stack-desk", "stack-desk"],
    ["disable", "", undefined],
  ] as const)("follow the stack's autonaming of mode %s", (mode, name, made) => {
    const request = { urn: "urn:x::desk", olds: {}, news: {}, seed: new Uint8Array(32) };
    assert.equal(autoName({ ...request, autonaming: { mode, name } }), made);
  });

  test("are checked as the program's are", async () => {
    const { failures } = await plugin
      .resource(types.connection, "my_desk")
      .check({ strategy: "oauth2" });
    assert.match(failures[0] ?? "", /^name: must hold letters, digits and single dashes only/);
  });
});

suite("check of a client's inputs", () => {
  test("describes a client as managed by Pulumi, unless the program says otherwise", async () => {
    assert.equal((await client().check({})).inputs["description"], "Managed by Pulumi");
    assert.equal((await client().check({ description: "" })).inputs["description"], "");
  });

  test("drops what is null, at any depth", async () => {
    const refreshToken = { rotationType: "non-rotating", expirationType: "expiring", leeway: null };
    const { inputs, failures } = await client().check({ name: "a", logoUri: null, refreshToken });
    assert.deepEqual(failures, []);
    assert.notProperty(inputs, "logoUri");
    assert.notProperty(inputs["refreshToken"], "leeway");
  });

  test("drops what Pulumi adds to inputs, and nothing of the program's", async () => {
    const clientMetadata = { __team: "a", __defaults: "b" };
    const refreshToken = { rotationType: "non-rotating", expirationType: "expiring" };
    const added = { __defaults: [] };
    const { inputs, failures } = await client().check({
      ...{ ...added, __provider: "x", name: "a", clientMetadata },
      refreshToken: { ...refreshToken, ...added },
    });
    assert.deepEqual(failures, []);
    assert.deepEqual(inputs["clientMetadata"], clientMetadata);
    assert.deepEqual(inputs["refreshToken"], refreshToken);
    assert.deepEqual(Object.keys(inputs).sort(), [
      ...["clientMetadata", "description", "name", "refreshToken"],
    ]);
    const wrong = await client().check({ name: "a", refreshToken: { ...refreshToken, __own: 1 } });
    assert.deepEqual(wrong.failures, ["refreshToken.__own: is not a property of this resource"]);
  });

  test("refuses what only the tenant sets, and what only the official plugin has", async () => {
    const { failures } = await client().check({ clientId: "a", addons: { samlp: {} } });
    assert.match(failures.join("\n"), /clientId: is set by the tenant/);
    assert.match(failures.join("\n"), /addons: is not supported .*TVK_PLUGINS=official/);
  });

  test("finds the fields of a block that are missing or wrong", async () => {
    const { failures } = await client().check({
      appType: "webapp",
      callbacks: "https://a.test",
      clientMetadata: Object.fromEntries(
        Array.from({ length: 11 }, (_, index) => [`k${index}`, "v"]),
      ),
      refreshToken: { rotationType: "sometimes", policies: [{ audience: "" }] },
      tokenExchange: "custom",
    });
    assert.deepEqual(failures.map((failure) => failure.split(":")[0]).sort(), [
      "appType",
      "callbacks",
      "clientMetadata",
      "refreshToken.expirationType",
      "refreshToken.policies[0].audience",
      "refreshToken.policies[0].scopes",
      "refreshToken.rotationType",
      "tokenExchange",
    ]);
  });
});

suite("check of the other resources' inputs", () => {
  test("a grant needs one of clientId and defaultFor, and scopes or allowAllScopes", async () => {
    const grant = plugin.resource(types.clientGrant, "grant");
    assert.deepEqual((await grant.check({ audience: "https://api.test/" })).failures, [
      "clientId: is required, or else defaultFor",
      "scopes: is required, or else allowAllScopes",
    ]);
    const both = { clientId: "a", defaultFor: "third_party_clients", scopes: ["a"] };
    assert.lengthOf(
      (await grant.check({ audience: "b", ...both, allowAllScopes: true })).failures,
      2,
    );
  });

  test("credentials know the three methods that hold no key", async () => {
    const credentials = plugin.resource(types.clientCredentials, "credentials");
    const { failures } = await credentials.check({
      clientId: "a",
      authenticationMethod: "private_key_jwt",
      privateKeyJwt: {},
    });
    assert.lengthOf(failures, 2);
    assert.match(failures.join("\n"), /none, client_secret_post, client_secret_basic/);
  });

  test("an API's lifetimes and signing secret have limits", async () => {
    const server = plugin.resource(types.resourceServer, "api");
    const { failures } = await server.check({
      identifier: "",
      tokenLifetime: 2_592_001,
      signingSecret: "short",
      signingAlg: "none",
    });
    assert.lengthOf(failures, 4);
  });

  test("a type that the plugin does not have is refused with the way out", async () => {
    const action = plugin.resource("auth0:index/action:Action", "action");
    const error = await action.check({}).catch(String);
    assert.match(
      String(error),
      /no resource type "auth0:index\/action:Action".*TVK_PLUGINS=official/,
    );
  });
});

suite("the plugin's own configuration", () => {
  test("says who it is", async () => {
    assert.equal(await plugin.version(), "3.49.0");
    assert.deepEqual(await plugin.schema(), { name: "auth0", version: "3.49.0" });
    assert.deepEqual(await plugin.handshake(), { secrets: true, outputs: false, resources: false });
  });

  test("keeps nothing of the environment in the state", async () => {
    assert.deepEqual(await plugin.checkConfig({ version: "3.49.0" }), {
      inputs: { version: "3.49.0" },
      failures: [],
    });
  });

  test("makes credentials of the stack's config secret", async () => {
    const { inputs } = await plugin.checkConfig({ domain: "a.test", clientSecret: "hush-hush" });
    assert.deepEqual(inputs, { domain: "a.test", clientSecret: new Secret("hush-hush") });
  });

  test.each([
    [{}, {}, /no tenant is configured\. Set auth0:domain .*AUTH0_DOMAIN/],
    [{ domain: "a.test" }, {}, /no credentials for the tenant a\.test\. Set AUTH0_CLIENT_ID/],
    [{ domain: "a.test", clientId: "a" }, {}, /no credentials for the tenant a\.test/],
    [
      {},
      { AUTH0_DOMAIN: "b.test", AUTH0_CLIENT_SECRET: "b" },
      /no credentials for the tenant b\.test/,
    ],
  ])("refuses %j with %j in the environment", async (config, own, message) => {
    const bare = await openPlugin(auth0Plugin({ env: own, parentAlive: () => true }));
    const error = await bare.configure(config).catch(String);
    bare.close();
    assert.match(String(error), message);
  });
});
