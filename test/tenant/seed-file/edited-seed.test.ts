/** @module An exported seed that was edited by hand: each of its values taken out, or replaced by a wrong one. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { tenantApp } from "../../../tenant/app.ts";
import { newDashboardLink } from "../../../tenant/dashboard/owner-session.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

type Path = readonly string[];

const host = "https://localhost:4443";
const database = "Username-Password-Authentication";
const wrong: readonly unknown[] = [undefined, null, 7, -1, "", "x", true, [], {}, [null], { a: 1 }];

/** What the seed holds and no page may show. */
const secrets = [
  "the-connection-s-client-secret",
  "the-account-s-access-token",
  "the-refresh-token-0",
];

let tenant: TestTenant;
let cookie: string;

/** The id, client_id or user_id of what was made. */
async function made(path: string, body: object): Promise<string> {
  const { status, body: row } = await tenant.api("POST", path, body);
  expect(status, `${path}: ${JSON.stringify(row)}`).toBe(201);
  return String(row["client_id"] ?? row["user_id"] ?? row["id"]);
}

/** At least one of each thing that a seed can have, with what it may have. */
beforeAll(async () => {
  tenant = await openTestTenant({ app: (context) => tenantApp(context).app });
  const client = await made("/clients", {
    ...{ name: "edited", description: "a", callbacks: ["https://a.example/cb"] },
    ...{ app_type: "regular_web", grant_types: ["authorization_code", "refresh_token"] },
    client_metadata: { team: "a" },
  });
  for (const [name, strategy] of [
    ["edited", "oauth2"],
    ["edited-github", "github"],
  ]) {
    const endpoints = {
      authorizationURL: "https://a.example/authorize",
      tokenURL: "https://a.example/token",
    };
    const options = {
      ...{ client_id: "a", client_secret: secrets[0] },
      ...(strategy === "oauth2" ? { ...endpoints, scope: ["a"], customHeaders: { a: "b" } } : {}),
    };
    await made("/connections", { name, strategy, options, enabled_clients: [client] });
  }
  const audience = "https://api.example/";
  const scopes = [{ value: "read:tickets", description: "Read" }];
  await made("/resource-servers", { name: "edited", identifier: audience, scopes });
  await made("/client-grants", { client_id: client, audience, scope: ["read:tickets"] });
  for (const name of ["first", "second"]) {
    const more = { user_metadata: { a: 1 }, app_metadata: { b: 2 }, blocked: false };
    const user = { connection: database, email: `${name}@example.test`, user_id: name, ...more };
    await made("/users", { ...user, password: "Correct-Horse-9" });
  }
  const link = { provider: "auth0", user_id: "second" };
  await tenant.api("POST", "/users/auth0%7Cfirst/identities", link);
  await tenant.api("PATCH", "/tenants/settings", { friendly_name: "Edited", session_lifetime: 24 });
  await tenant.api("PATCH", "/prompts", { identifier_first: true });
  const [connection] = tenant.context.store.connections.find("name", "edited");
  tenant.context.store.connectedAccounts.put("cac_edited", {
    ...{ id: "cac_edited", user_id: "auth0|first", connection: "edited", strategy: "oauth2" },
    ...{ connection_id: connection?.id ?? "", idp_user_id: "7", access_type: "offline" },
    ...{ scopes: ["a"], token_scope: "a", created_at: new Date().toISOString() },
    ...{ access_token: secrets[1] ?? "", refresh_token: secrets[2] ?? "" },
    access_token_expires_at: 0,
  });
  const entered = await tenant.fetch(newDashboardLink(tenant.context), { redirect: "manual" });
  cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
});
afterAll(() => tenant.close());

suite("an exported seed that was edited", () => {
  test("is taken only if every row is whole: what is refused changes nothing, what is taken answers", async () => {
    const exported = await seed("GET");
    const outcomes = { taken: 0, refused: 0 };
    const problems: string[] = [];
    for (const path of paths(JSON.parse(exported))) {
      for (const value of wrong) {
        const edit = `${path.join(".")} = ${JSON.stringify(value)}`;
        const status = await put(edited(exported, path, value));
        if (status === 204) {
          outcomes.taken += 1;
          await answers().catch((error: unknown) => problems.push(`${edit}: ${String(error)}`));
          expect(await put(exported), `the seed as it was, after ${edit}`).toBe(204);
        } else {
          outcomes.refused += 1;
          if (status !== 400) problems.push(`${edit}: answered ${status}`);
          if ((await seed("GET")) !== exported) problems.push(`${edit}: refused, and changed`);
        }
      }
    }
    expect(problems).toEqual([]);
    // Both ways were gone often.
    expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(300);
  }, 240_000);
});

async function seed(method: "GET" | "PUT", body?: string): Promise<string> {
  const headers = { authorization: `Bearer ${await tenant.token()}` };
  const init = body === undefined ? {} : { body };
  const answer = await tenant.fetch(`${host}/owner/seed?secrets=true`, {
    ...{ method, headers },
    ...init,
  });
  return method === "GET" ? answer.text() : String(answer.status);
}

const put = async (body: string): Promise<number> => Number(await seed("PUT", body));

/** Lists and pages that show what a seed brings; each answer of the API is held to the published descriptions. */
async function answers(): Promise<void> {
  const lists = ["/clients", "/connections", "/resource-servers", "/client-grants", "/users"];
  for (const path of [...lists, "/tenants/settings", "/prompts"]) {
    const { status } = await tenant.api("GET", path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}`);
  }
  for (const page of ["/connections", "/users", "/users/auth0%7Cfirst"]) {
    const answer = await tenant.fetch(`${host}/dashboard${page}`, { headers: { cookie } });
    const text = await answer.text();
    if (![200, 404].includes(answer.status)) throw new Error(`${page} answered ${answer.status}`);
    if (secrets.some((secret) => text.includes(secret))) throw new Error(`${page} shows a secret`);
  }
}

/**
 * Where the values of a JSON document are, branches too. Of what a list has twice (words, scopes) the first is
 * enough. Not the addresses of users: a connection's script may give any, and then an export has it.
 */
function paths(value: unknown, at: Path = []): Path[] {
  if (at[0] === "users" && at[2] === "email") return [];
  if (typeof value !== "object" || value === null) return [at];
  const entries = Object.entries(value);
  const alike = Array.isArray(value) && at.length > 1;
  const below = (alike ? entries.slice(0, 1) : entries).flatMap(([key, each]) =>
    paths(each, [...at, key]),
  );
  return at.length === 0 ? below : [at, ...below];
}

/** The document with another value there; undefined takes out what is there. */
function edited(text: string, path: Path, value: unknown): string {
  const root = JSON.parse(text);
  const holder = path.slice(0, -1).reduce((at, key) => at[key], root);
  const key = path.at(-1) ?? "";
  if (value === undefined) delete holder[key];
  else holder[key] = value;
  return JSON.stringify(root);
}
