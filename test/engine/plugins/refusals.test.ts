/** What goes wrong between the plugin and the tenant: said in one line, with the next step and without a secret. */

import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, assert, beforeAll, beforeEach, suite, test } from "vitest";
import { auth0Plugin } from "../../../engine/plugins/auth0/plugin.ts";
import { Secret } from "../../../engine/plugins/protocol/value.ts";
import { freePort } from "../../free-ports.ts";
import { openPlugin } from "./plugin-client.ts";
import { type TenantBench, tenantBench } from "./tenant-bench.ts";
import { types } from "./types.ts";
import { certificate } from "./untrusted-certificate.ts";

let bench: TenantBench;
beforeAll(async () => {
  bench = await tenantBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.proxy.fate = () => "pass";
});

async function failure(env: Record<string, string>, program = {}): Promise<string> {
  const plugin = await bench.another(env);
  const client = plugin.resource(types.client, "agent");
  return String(await client.make({ name: "Agent", ...program }).catch(String));
}

suite("an error of the auth0 plugin", () => {
  test("names resource, request, status, Auth0's code and message, and the property", async () => {
    bench.proxy.fate = ({ method, path }) =>
      method === "POST" && path.endsWith("/clients")
        ? {
            status: 400,
            body: {
              statusCode: 400,
              error: "Bad Request",
              message:
                "Payload validation error: 'Too few properties' on property refresh_token.policies[0].scope (what for).",
              errorCode: "invalid_body",
            },
          }
        : "pass";
    const error = await failure({});
    assert.include(error, `creating urn:pulumi:test::project::${types.client}::agent: `);
    assert.include(
      error,
      "POST /api/v2/clients answered 400 invalid_body: Payload validation error",
    );
    assert.include(error, "(property refreshToken.policies[0].scopes)");
    assert.notInclude(error, "\n");
  });

  test("says which scope the Management API client lacks", async () => {
    bench.proxy.fate = ({ path }) =>
      path.startsWith("/api/v2")
        ? {
            status: 403,
            body: {
              message: "Insufficient scope, expected any of: create:clients.",
              errorCode: "insufficient_scope",
            },
          }
        : "pass";
    assert.match(await failure({}), /Grant the Management API client one of: create:clients$/);
  });

  test("says so when the credentials are wrong, without repeating them", async () => {
    const error = await failure({ AUTH0_CLIENT_SECRET: "wrong-and-secret" });
    assert.match(error, /POST \/oauth\/token answered 401/);
    assert.match(error, /Check the client id and secret/);
    assert.notInclude(error, "wrong-and-secret");
  });

  test("never holds a secret input, though the tenant repeats it", async () => {
    bench.proxy.fate = ({ method, path, body }) =>
      method === "POST" && path.endsWith("/connections")
        ? {
            status: 400,
            body: { message: `bad: ${JSON.stringify(body)}`, errorCode: "invalid_body" },
          }
        : "pass";
    const plugin = await bench.another();
    const error = String(
      await plugin
        .resource(types.connection, "desk")
        .make({
          name: "desk",
          strategy: "oauth2",
          options: { clientId: "a", clientSecret: new Secret("hush-hush") },
        })
        .catch(String),
    );
    assert.include(error, "[secret]");
    assert.notInclude(error, "hush-hush");
  });

  test("of a local tenant that is not there names the command that starts it", async () => {
    const error = await failure({ AUTH0_DOMAIN: `localhost:${await freePort()}` });
    assert.match(error, /no answer from localhost:\d+ \(ECONNREFUSED\)/);
    assert.match(error, /Start the local tenant with: tvk tenant start$/);
  });

  test("of a tenant whose certificate is not trusted names the variable, and nothing is tried again", async () => {
    let connections = 0;
    const server = createTlsServer(await certificate(), (_, response) => response.end("{}"));
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failure({ AUTH0_DOMAIN: `localhost:${port}` });
    server.close();
    assert.match(error, /the certificate of localhost:\d+ is not trusted \([A-Z_]+\)/);
    assert.match(error, /Set NODE_EXTRA_CA_CERTS/);
    assert.equal(connections, 1);
  });
});

suite("requests of the auth0 plugin", () => {
  test("share one token, which is asked for with the first of them", async () => {
    const plugin = await bench.another();
    const tokens = () => bench.proxy.requests.filter(({ path }) => path === "/oauth/token").length;
    const before = tokens();
    const client = plugin.resource(types.client, "agent");
    const { inputs } = await client.check({ name: "Agent" });
    await client.preview(inputs);
    assert.equal(tokens() - before, 0);
    await Promise.all([client.create(inputs), client.create(inputs), client.create(inputs)]);
    assert.equal(tokens() - before, 1);
  });

  test("need none where the stack brings one", async () => {
    const { access_token: token } = await bench.token();
    const plugin = await bench.another({ AUTH0_API_TOKEN: String(token), AUTH0_CLIENT_SECRET: "" });
    const tokens = bench.proxy.requests.filter(({ path }) => path === "/oauth/token").length;
    await plugin.resource(types.client, "agent").make({ name: "Agent" });
    assert.lengthOf(
      bench.proxy.requests.filter(({ path }) => path === "/oauth/token"),
      tokens,
    );
  });

  test("are not sent once the engine is gone", async () => {
    let alive = true;
    const plugin = await openPlugin(auth0Plugin({ env: bench.env, parentAlive: () => alive }));
    await plugin.configure();
    const client = plugin.resource(types.client, "agent");
    await client.make({ name: "Agent" });
    alive = false;
    bench.proxy.taken();
    const error = await client.make({ name: "Agent" }).catch(String);
    plugin.close();
    assert.match(String(error), /is not sent: the engine is gone/);
    assert.deepEqual(bench.proxy.taken(), []);
  });

  test("keep a free tenant's limit of two a second, with nothing refused in the end", async () => {
    const free = await tenantBench({ managementLimit: { perSecond: 2, burst: 2 } });
    const client = free.plugin.resource(types.client, "agent");
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, index) => client.make({ name: `Agent ${index}` })),
    );
    const refused = free.proxy.requests.filter(({ status }) => status === 429).length;
    await free.close();
    assert.equal(new Set(made.map(({ id }) => id)).size, 6);
    assert.isAtMost(refused, 2);
  });
});
