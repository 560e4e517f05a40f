/** @module The owner's door and the dashboard: no request gives a 500, hangs, changes what it is refused, or shows a secret. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { tenantApp } from "../../../tenant/app.ts";
import { newControls } from "../../../tenant/controls/controls.ts";
import { newDashboardLink } from "../../../tenant/dashboard/owner-session.ts";
import type { KeptKey } from "../../../tenant/signing-keys.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

const host = "https://localhost:4443";

/** Tokens and secrets that the tenant holds, which no answer here may have. */
const secrets = {
  accessToken: "gho_AccessTokenOfTheAccount0123456789",
  refreshToken: "ghr_RefreshTokenOfTheAccount0123456789",
  connectionSecret: "the-connection-s-client-secret-0123",
  header: "the-custom-header-s-value-0123",
};

let tenant: TestTenant;
let cookie: string;
let formToken: string;
let hidden: string[];
let tokens: string[];
let forms: string[];
let calls: string[];

beforeAll(async () => {
  const controls = newControls(() => Math.floor(Date.now() / 1000));
  tenant = await openTestTenant({ app: (context) => tenantApp(context).app, controls });
  const { body: connection } = await tenant.api("POST", "/connections", {
    name: "fuzz",
    strategy: "oauth2",
    options: {
      client_id: "a",
      client_secret: secrets.connectionSecret,
      authorizationURL: "https://a.example/authorize",
      tokenURL: "https://a.example/token",
      customHeaders: { "x-key": secrets.header },
    },
  });
  const { body: client } = await tenant.api("POST", "/clients", { name: "fuzz" });
  const user = { connection: "Username-Password-Authentication", email: "f@example.test" };
  await tenant.api("POST", "/users", { ...user, password: "Correct-Horse-9", user_id: "fuzz" });
  const { store } = tenant.context;
  store.connectedAccounts.put("cac_fuzz", {
    ...{ id: "cac_fuzz", user_id: "auth0|fuzz", connection: "fuzz", strategy: "oauth2" },
    ...{ connection_id: String(connection["id"]), idp_user_id: "7", access_type: "offline" },
    ...{ scopes: ["a"], token_scope: "a", created_at: new Date().toISOString() },
    access_token: secrets.accessToken,
    refresh_token: secrets.refreshToken,
    access_token_expires_at: 0,
  });
  const entered = await tenant.fetch(newDashboardLink(tenant.context), { redirect: "manual" });
  cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await tenant.fetch(`${host}/dashboard/connections`, { headers: { cookie } });
  formToken = /name="form_token" value="(\w+)"/.exec(await page.text())?.[1] ?? "";
  hidden = [
    secrets.accessToken,
    secrets.refreshToken,
    secrets.connectionSecret,
    ...store.clients.all().map((each) => each.client_secret ?? ""),
    ...store.users.all().map((each) => each.password_hash ?? ""),
    (store.settings.get("signing-key") as unknown as KeptKey).key.d ?? "",
    cookie.split("=")[1] ?? "",
  ].filter((secret) => secret !== "");
  tokens = [
    ...["", "Bearer", "Bearer x", "Basic Og==", `Bearer ${await tenant.token([], { azp: "x" })}`],
    `Bearer ${await tenant.token()}x`,
  ];
  const id = String(connection["id"]);
  forms = [
    ...[
      "",
      "/connections",
      "/connections/new",
      "/connections/new/oauth2",
      "/connections/new/github",
    ],
    ...[
      "/connections/new/{any}",
      "/connections/{any}",
      "/users",
      "/users/{any}",
      "/users/auth0%7Cfuzz",
    ],
    ...[`/connections/${id}`, `/connections/${id}/connected-accounts`],
    ...[`/connections/${id}/authentication`, `/connections/${id}/clients/${client["client_id"]}`],
    ...[`/connections/${id}/clients/{any}`, "/logs", "/logs/live", "/reset", "/enter", "/{any}"],
    ...["/style.css", "/live.js"],
  ].map((path) => `/dashboard${path}`);
  calls = [
    ...["POST /owner/dashboard-links", "GET /owner/seed", "PUT /owner/seed", "GET /owner/controls"],
    ...["POST /owner/controls/faults", "DELETE /owner/controls/faults/{any}"],
    ...[
      "DELETE /owner/controls/faults",
      "PUT /owner/controls/clock",
      "DELETE /owner/controls/clock",
    ],
    ...["PUT /owner/controls/rate-limit", "DELETE /owner/controls/rate-limit", "GET /owner/{any}"],
  ];
});
afterAll(() => tenant.close());

/** Everything that lasts but sessions, links and the log; the controls too. */
function kept({ context }: TestTenant): string {
  const { clients, connections, clientGrants, resourceServers, users, connectedAccounts } =
    context.store;
  const all = [clients, connections, clientGrants, resourceServers, users, connectedAccounts];
  const settings = context.store.settings.entries().filter(([id]) => !id.startsWith("dashboard-"));
  const { faults, clock, limits } = context.controls ?? newControls(context.now);
  const turned = [faults.list(), clock.offset(), limits.current()];
  return JSON.stringify([all.map((collection) => collection.entries()), settings, turned]);
}

const names = fc.constantFrom(
  ...["name", "display_name", "connected_accounts", "active", "status", "confirm", "link", "q"],
  ...["options.client_id", "options.client_secret", "options.authorizationURL", "options.scope"],
  ...["options.tokenURL", "options.scripts.fetchUserProfile", "options.customHeaders", "show"],
  ...["options.pkce_enabled", "options.useOauthSpecScope", "form_token", "after", "done"],
  ...["secrets", "__proto__", "constructor", "toString", ""],
);

const texts = fc.oneof(
  fc.constantFrom(
    ...["on", "off", "fuzz", "true", "https://a.example/x", "http://127.0.0.1/", "{}", '{"a":'],
    ...['{"__proto__":{"a":1}}', '{"a":1}', "[]", "null", "\u0000", "\ud800", "💥", "%", "%ff"],
    ...["<script>alert(1)</script>", '"><b>', "../../etc", "' OR 1=1 --", "a\r\nb: c", ""],
  ),
  fc.string(),
  fc.string({ unit: "binary", maxLength: 400 }),
);

const pairs = fc.array(fc.tuple(names, texts), { maxLength: 8 });
const encoded = (entries: [string, string][]): string =>
  new URLSearchParams(entries.map(([k, v]): [string, string] => [k, v.toWellFormed()])).toString();

const broken = fc.constantFrom<string | Uint8Array>(
  ...["a=%", "a=%E0%A4%A", "%ff=%ff&=&&=", "a=1&a=2", "[", "[".repeat(5_000), '{"clients":'],
  new Uint8Array([0xc3, 0x28, 0xff, 0xfe]),
  `name=${"y".repeat(300_001)}`,
  `{"clients":[${" ".repeat(50_000_001)}]}`,
);

const segments = fc.oneof(
  fc.constantFrom("%", "%ff", "%00", "a%2Fb", "oauth2", "__proto__", "constructor"),
  texts.map((text) => encodeURIComponent(text.toWellFormed()) || "x"),
);

/** Who sends a form: the owner's page, the owner's browser on another's behalf, or anybody. */
const senders = fc.constantFrom(
  "page",
  "no token",
  "old token",
  "foreign",
  "sandboxed",
  "stranger",
);
type Sender = typeof senders extends fc.Arbitrary<infer S> ? S : never;

const headersOf = (sender: Sender): Record<string, string> => ({
  ...(sender === "stranger" ? {} : { cookie }),
  ...(sender === "foreign"
    ? { origin: "https://evil.example", "sec-fetch-site": "cross-site" }
    : {}),
  ...(sender === "sandboxed" ? { origin: "null" } : {}),
});

async function checked(
  path: string,
  init: RequestInit & { method: string },
): Promise<{ status: number; text: string }> {
  const response = await tenant.fetch(host + path, {
    ...init,
    redirect: "manual",
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  // A look ahead at a link is put off.
  const putOff = path.startsWith("/dashboard/enter") && response.status === 503;
  if (!putOff) expect(response.status, `${init.method} ${path}\n${text}`).toBeLessThan(500);
  const answered = text + JSON.stringify([...response.headers]);
  for (const secret of hidden) expect(answered, `${init.method} ${path}`).not.toContain(secret);
  return { status: response.status, text };
}

const body = fc.oneof(
  { weight: 8, arbitrary: pairs.map(encoded) as fc.Arbitrary<string | Uint8Array> },
  { weight: 2, arbitrary: broken },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
);

suite("the dashboard", () => {
  const requests = fc.record({
    at: fc.nat(),
    segment: segments,
    sender: senders,
    query: fc.oneof(pairs.map(encoded), fc.constantFrom("", "%", "a=%ff&a=%", "after=%E0")),
    method: fc.constantFrom("POST", "POST", "POST", "GET", "GET", "HEAD", "PUT", "DELETE"),
    type: fc.constantFrom(
      ...["application/x-www-form-urlencoded", "application/json", "multipart/form-data", "x/y"],
      "application/x-www-form-urlencoded; charset=utf-16",
    ),
    body,
  });

  test("answers any request with one of its own pages, and changes nothing that it refuses or was not asked by its own form", async () => {
    let changed = 0;
    /** What the owner's page sends when the switch is pressed: one request at least that does something. */
    const pressed = {
      at: forms.findIndex((path) => path.endsWith("/connected-accounts")),
      ...{ segment: "x", sender: "page" as const, query: "", method: "POST" as const },
      ...{ type: "application/x-www-form-urlencoded", body: "active=on" },
    };
    await fc.assert(
      fc.asyncProperty(requests, async ({ at, segment, sender, query, method, type, body }) => {
        const path = (forms[at % forms.length] ?? "").replace("{any}", segment);
        const before = kept(tenant);
        const reads = method === "GET" || method === "HEAD";
        const token = { page: formToken, "old token": `${formToken}x` }[sender as string];
        const form =
          typeof body === "string" && token !== undefined
            ? `form_token=${token}&${body.replaceAll("form_token=", "other=")}`
            : body;
        const { status } = await checked(`${path}?${query}`, {
          method,
          headers: { ...headersOf(sender), "content-type": type },
          ...(reads ? {} : { body: form as string }),
        });
        if (kept(tenant) === before) return;
        changed += 1;
        expect([method, sender, status]).toEqual(["POST", "page", 303]);
      }),
      { numRuns: 500, examples: [[pressed]] },
    );
    // It got past the first refusal.
    expect(changed).toBeGreaterThan(0);
  }, 120_000);
});

suite("the owner's door", () => {
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(texts, fc.boolean(), fc.constant(null), fc.integer(), fc.double()),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          ...["clients", "connections", "users", "settings", "resource_servers", "client_grants"],
          ...["client_id", "client_secret", "name", "strategy", "options", "identifier", "email"],
          ...["endpoint", "status", "body", "headers", "delayMs", "drop", "times", "profile"],
          ...["management", "perSecond", "burst", "offset_seconds", "advance_seconds", "at"],
          ...["__proto__", "constructor"],
        ),
        tie("value"),
        { maxKeys: 6 },
      ),
    ),
  })).value;
  const bodies = fc.oneof(
    json.map((value) => JSON.stringify(value) ?? ""),
    body,
  );

  test("is closed to every token but the owner's, whatever the request", async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[fc.nat(), fc.nat(), segments, pairs.map(encoded), bodies],
        async (at, token, segment, query, body) => {
          const [method = "GET", path = "/"] = (calls[at % calls.length] ?? "").split(" ");
          const before = kept(tenant);
          const { status } = await checked(`${path.replace("{any}", segment)}?${query}`, {
            method,
            headers: { authorization: tokens[token % tokens.length] ?? "" },
            ...(method === "GET" ? {} : { body: body as string }),
          });
          // Below /owner nothing says, without the owner's token, what is there and what is not.
          expect([401, 403]).toContain(status);
          expect(kept(tenant)).toBe(before);
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);

  test("answers the owner's own requests, however wrong, and changes nothing that it refuses", async () => {
    const authorization = `Bearer ${await tenant.token()}`;
    await fc.assert(
      fc.asyncProperty(
        ...[fc.nat(), segments, pairs.map(encoded), bodies],
        async (at, segment, query, body) => {
          const [method = "GET", path = "/"] = (calls[at % calls.length] ?? "").split(" ");
          // The one answer that has secrets, for the one who asks for them so.
          const asked = query.replaceAll("secrets=true", "secrets=x");
          const before = kept(tenant);
          const { status } = await checked(`${path.replace("{any}", segment)}?${asked}`, {
            method,
            headers: { authorization },
            ...(method === "GET" ? {} : { body: body as string }),
          });
          if (status >= 400) expect(kept(tenant)).toBe(before);
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);
});
