/** @module No request, however wrong, gives a 500, hangs, or changes anything while it is refused. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { tenantApp } from "../../tenant/app.ts";
import type { Store } from "../../tenant/store.ts";
import { openTestTenant, type TestTenant } from "./open-test-tenant.ts";
import { operations } from "./operations.ts";

const host = "https://localhost:4443";

/** Paths that no description has: the pages, the providers' way back, discovery. */
const unpublished = [
  ...["GET /.well-known/openid-configuration", "GET /.well-known/jwks.json", "POST /authorize"],
  ...["POST /userinfo", "POST /oidc/logout", "GET /login/callback", "GET /u/login"],
  ...["POST /u/login", "POST /u/social", "GET /u/signup", "POST /u/signup", "GET /u/consent"],
  ...["POST /u/consent", "GET /connected-accounts/connect"],
];

let tenant: TestTenant;
let endpoints: string[];
let tokens: string[];

beforeAll(async () => {
  tenant = await openTestTenant({ app: (context) => tenantApp(context).app });
  await tenant.api("POST", "/resource-servers", { identifier: `${host}/me/`, name: "My Account" });
  await tenant.api("POST", "/connections", { name: "fuzz", strategy: "oauth2" });
  const user = { connection: "Username-Password-Authentication", email: "f@example.test" };
  await tenant.api("POST", "/users", { ...user, password: "Correct-Horse-9", user_id: "fuzz" });
  const published = operations(tenant.context).flatMap(({ base, available }) =>
    available.map((each) => each.replace(" ", ` ${base}`)),
  );
  endpoints = [...published, ...unpublished];
  const everything = await tenant.token();
  tokens = [
    ...["", "Bearer", "Bearer x", "Basic Og==", "Basic %%%", "Basic YTpiOmM=", "DPoP abc"],
    ...[`Bearer ${everything}`, `Bearer ${everything}x`, `bearer  ${everything}`],
    `Bearer ${everything.slice(0, -20)}`,
    `Bearer ${await tenant.token(["create:me:connected_accounts"], { aud: `${host}/me/`, sub: "auth0|fuzz" })}`,
  ];
});
afterAll(() => tenant.close());

/** What stays as it is when a request is refused. Sessions and codes of logins come and go. */
function kept({ context }: TestTenant): string {
  const { clients, connections, clientGrants, resourceServers, users, connectedAccounts } =
    context.store satisfies Store;
  const all = [clients, connections, clientGrants, resourceServers, users, connectedAccounts];
  return JSON.stringify(all.map((collection) => collection.all()));
}

const names = fc.constantFrom(
  ...["grant_type", "client_id", "client_secret", "code", "redirect_uri", "state", "scope"],
  ...["audience", "response_type", "response_mode", "prompt", "max_age", "nonce", "connection"],
  ...["subject_token", "subject_token_type", "requested_token_type", "login_hint", "refresh_token"],
  ...["client_assertion", "client_assertion_type", "code_verifier", "code_challenge", "email"],
  ...["password", "user_metadata", "auth_session", "connect_code", "scopes", "ticket", "take"],
  ...["from", "next", "id_token_hint", "returnTo", "post_logout_redirect_uri", "_csrf", "token"],
  ...["authorization_params", "name", "options", "q", "sort", "fields", "page", "link_with"],
  ...["__proto__", "constructor", "toString", ""],
);

const texts = fc.oneof(
  fc.constantFrom(
    ...["authorization_code", "refresh_token", "client_credentials", "none", "code", "0", "-1"],
    ...["urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"],
    ...["urn:ietf:params:oauth:token-type:refresh_token", "fuzz", "auth0|fuzz", "form_post"],
    ...[
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      "a.b.c",
      "eyJhbGciOiJub25lIn0.e30.",
    ],
    ...["Username-Password-Authentication", `${host}/me/`, `${host}/api/v2/`, "http://127.0.0.1/"],
    ...["\u0000", "\ud800", "💥", "%", "%00", "%ff", "../../etc", "' OR 1=1 --", "<script>", ""],
  ),
  fc.string(),
  fc.string({ unit: "binary", maxLength: 400 }),
);

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(texts, fc.boolean(), fc.constant(null), fc.integer(), fc.double()),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(names, tie("value"), { maxKeys: 6 }),
  ),
})).value;

const form = fc
  .array(fc.tuple(names, texts), { maxLength: 8 })
  .map((pairs) =>
    new URLSearchParams(pairs.map(([k, v]): [string, string] => [k, v.toWellFormed()])).toString(),
  );

const body = fc.oneof(
  json.map((value) => JSON.stringify(value) ?? ""),
  form,
  fc.uint8Array({ maxLength: 300 }),
  // Cut in the middle, broken escapes, bytes that are no UTF-8, nesting without end.
  fc.constantFrom('{"grant_type":', "a=%", "a=%E0%A4%A", "%ff=%ff&=&&=", `${"[".repeat(5_000)}`),
  fc.constant(new Uint8Array([0xc3, 0x28, 0xff, 0xfe])),
  fc.constantFrom("x", "a=b&", '{"a":').map((text) => text + "y".repeat(1_000_001)),
);

const types = fc.constantFrom(
  ...[
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
    "multipart/form-data",
  ],
  ...["application/json; charset=latin1", "application/x-www-form-urlencoded;charset=utf-16"],
);

const segment = fc.oneof(
  fc.constantFrom("auth0%7Cfuzz", "fuzz", "%", "%ff", "%00", "..", "%2e%2e", "cac_a", "a%2Fb"),
  texts.map((text) => encodeURIComponent(text.toWellFormed()) || "x"),
);

const request = fc.record({
  at: fc.nat(),
  token: fc.nat(),
  other: fc.option(fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")),
  segments: fc.array(segment, { minLength: 3, maxLength: 3 }),
  query: fc.oneof(form, fc.constantFrom("", "%", "a=%ff&a=%", "state=%E0", "[]=1&a[b]=c")),
  type: types,
  body,
});

suite("every endpoint of the tenant", () => {
  test("answers any request with one of its own statuses, in time, and changes nothing that it refuses", async () => {
    await fc.assert(
      fc.asyncProperty(request, async (wrong) => {
        const [own = "GET", path = "/"] = endpoints[wrong.at % endpoints.length]?.split(" ") ?? [];
        const method = wrong.other ?? own;
        let index = 0;
        const filled = path.replace(/\{\w+\}/g, () => wrong.segments[index++ % 3] ?? "x");
        const before = kept(tenant);
        const bodiless = method === "GET" || method === "HEAD";
        // specFetch throws on a status or body that the operation does not have.
        const response = await tenant.fetch(`${host}${filled}?${wrong.query}`, {
          method,
          redirect: "manual",
          signal: AbortSignal.timeout(10_000),
          headers: {
            authorization: tokens[wrong.token % tokens.length] ?? "",
            ...(wrong.type === "" ? {} : { "content-type": wrong.type }),
          },
          ...(bodiless ? {} : { body: wrong.body as string }),
        });
        expect([500, 502, 503, 504], `${method} ${filled}`).not.toContain(response.status);
        if (response.status >= 400) expect(kept(tenant)).toBe(before);
      }),
      { numRuns: 1_500 },
    );
  }, 120_000);

  test("refuses a body of more than a megabyte, in its API's dialect", async () => {
    const long = `{"a":"${"b".repeat(1_000_001)}"}`;
    const authorization = tokens.at(-1) ?? "";
    for (const [path, type] of [
      ["/oauth/token", "application/json"],
      ["/oauth/token", "application/x-www-form-urlencoded"],
      ["/oauth/revoke", "application/json"],
      ["/dbconnections/signup", "application/json"],
      ["/dbconnections/change_password", "application/json"],
      ["/me/v1/connected-accounts/connect", "application/json"],
      ["/me/v1/connected-accounts/complete", "application/json"],
    ] as const) {
      for (const chunked of [false, true]) {
        const headers = {
          ...{ authorization, "content-type": type },
          ...(chunked ? {} : { "content-length": String(long.length) }),
        };
        const response = await tenant.fetch(host + path, { method: "POST", headers, body: long });
        expect(response.status, `${path} ${chunked}`).toBe(413);
      }
    }
  });
});
