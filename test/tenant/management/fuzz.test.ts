/** @module No request gives a 500, and what is refused is refused in the API's own form. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;
let paths: string[];

beforeAll(async () => {
  tenant = await openTestTenant();
  const { body: client } = await tenant.api<ClientRow>("POST", "/clients", { name: "fuzz" });
  const connection = { name: "fuzz", strategy: "oauth2" };
  const { body: made } = await tenant.api<ConnectionRow>("POST", "/connections", connection);
  const user = { connection: "Username-Password-Authentication", email: "f@example.test" };
  await tenant.api("POST", "/users", { ...user, password: "Correct-Horse-9", user_id: "fuzz" });
  paths = [
    ...["/clients", "/connections", "/client-grants", "/resource-servers", "/users"],
    ...["/refresh-tokens/revoke", "/tenants/settings", "/prompts", "/logs", "/stats/daily"],
    ...[`/clients/${client.client_id}`, `/clients/${client.client_id}/credentials`],
    ...[`/connections/${made.id}`, `/connections/${made.id}/clients`, "/users/auth0%7Cfuzz"],
    "/resource-servers/https:%252F%252Flocalhost:4443%252Fapi%252Fv2%252F",
  ];
});
afterAll(() => tenant.close());

/** Field names that mean something, so that the fuzz gets past the first refusal. */
const keys = fc.constantFrom(
  ...["name", "strategy", "options", "refresh_token", "policies", "audience", "scope", "metadata"],
  ...["client_metadata", "grant_types", "callbacks", "identifier", "scopes", "value", "client_id"],
  ...["connection", "email", "password", "user_metadata", "enabled_clients", "connected_accounts"],
  ...["active", "rotation_type", "expiration_type", "upstream_params", "scripts", "realms"],
  ...["subject_type_authorization", "user", "policy", "jwt_configuration", "alg", "pem", "ids"],
  ...["credential_type", "client_authentication_methods", "private_key_jwt", "credentials"],
  ...["flags", "token_lifetime", "status", "display_name", "__proto__", "constructor", "toString"],
);

const words = fc.constantFrom(
  ...["oauth2", "auth0", "rotating", "expiring", "non-rotating", "RS256", "public_key", "a-b"],
  ...["https://localhost:4443/me/", "https://localhost:4443/api/v2/", "fuzz", "read:clients"],
  ...["Username-Password-Authentication", "x@example.test", "\u0000", "\ud800", "💥", "%", ""],
);

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(words, fc.boolean(), fc.constant(null), fc.integer(), fc.double(), fc.string()),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(fc.oneof(keys, fc.string()), tie("value")), { maxLength: 6 }).map(written),
  ),
})).value;

/** Through text, as a request comes: `__proto__` is a key like any other there. */
function written(entries: [string, unknown][]): unknown {
  const parts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return JSON.parse(`{${parts.join(",")}}`);
}

suite("the Management API", () => {
  test("answers any JSON body with a success or a refusal in its own form", async () => {
    const methods = fc.constantFrom("POST", "PATCH", "DELETE", "GET");
    await fc.assert(
      fc.asyncProperty(fc.nat(), methods, json, async (index, method, body) => {
        const path = paths[index % paths.length] ?? "";
        const answer = await tenant.api(method, path, method === "GET" ? undefined : body);
        // specFetch throws on any status that the operation does not have, 500 among them.
        expect([500, 502, 503]).not.toContain(answer.status);
      }),
      { numRuns: 400 },
    );
  });

  test("answers any query and any path segment with a success or a refusal", async () => {
    const names = fc.constantFrom(
      ...["page", "per_page", "take", "from", "fields", "include_fields", "include_totals", "q"],
      ...[
        "strategy",
        "name",
        "sort",
        "identifiers",
        "app_type",
        "audience",
        "user_id",
        "__proto__",
      ],
    );
    const values = fc.oneof(words, fc.string(), fc.integer().map(String));
    const queries = fc.array(fc.tuple(names, values), { maxLength: 4 });
    const segments = fc.string().map((text) => encodeURIComponent(text.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(fc.nat(), queries, segments, async (index, query, segment) => {
        const path = paths[index % paths.length] ?? "";
        const text = new URLSearchParams(
          query.map(([key, value]): [string, string] => [key, value.toWellFormed()]),
        ).toString();
        expect((await tenant.api("GET", `${path}?${text}`)).status).toBeLessThan(500);
        expect((await tenant.api("GET", `${path}/${segment}`)).status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });

  test("refuses bodies that are no JSON, empty, or too long", async () => {
    const authorization = `Bearer ${await tenant.token()}`;
    const send = (body: string, type = "application/json") =>
      tenant.fetch("https://localhost:4443/api/v2/clients", {
        method: "POST",
        headers: { authorization, "content-type": type },
        body,
      });
    for (const body of ["", "{", "name=x", "\u0000", '{"name":"x"']) {
      expect((await send(body)).status, JSON.stringify(body)).toBe(400);
    }
    const long = JSON.stringify({ name: "x", description: "d".repeat(1_000_001) });
    expect((await send(long, "text/plain")).status).toBe(413);
  });
});
