/** @module The recorded requests of the official provider, sent to the tenant in their order. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { sharedFolder } from "../spec/shared-folder.ts";

interface Exchange {
  phase: string;
  method: string;
  path: string;
  body?: unknown;
  status: number;
  answer?: unknown;
}

const file = join(sharedFolder("reference"), "official-auth0-traffic.jsonl");
const present = existsSync(file);
const title = present
  ? "the official provider's traffic"
  : "the official provider's traffic NOT RUN: ../shared/reference is absent";

const exchanges = (phases: readonly string[]): Exchange[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line): Exchange => JSON.parse(line))
    .filter(({ phase, path }) => phases.includes(phase) && path.startsWith("/api/v2"));

/** Phases of one stack's life up to a change that somebody makes by hand, and after it. */
const beforeDrift = [
  ...["create", "noop", "refresh", "update-client", "update-connection-url"],
  "replace-connection-name",
];
const afterDrift = ["refresh-drift", "repair", "destroy"];

/** The login connection, which a new tenant has already and the recording server had not. */
const login = "Username-Password-Authentication";

/**
 * Not compared: what is random, `cross_origin_auth` which is in no description, and the scopes of
 * the My Account API, of which a real tenant shows eight where the recording server had three.
 */
const uncompared = new Set([
  ...["client_id", "client_secret", "id", "tenant", "signing_keys", "deleted_at"],
  ...["cross_origin_auth", "scopes"],
]);

interface EnabledClients {
  clients: { client_id: string }[];
}

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

/** Ids of the recording, and what they are here. */
const ids = new Map<string, string>();

const translated = (text: string) =>
  [...ids].reduce((done, [theirs, ours]) => done.replaceAll(theirs, ours), text);

/** Learns the ids that an answer to a create has. */
function learn(theirs: unknown, ours: unknown): void {
  for (const key of ["id", "client_id"]) {
    const [from, to] = [theirs, ours].map(
      (body) => (body as Record<string, unknown> | null)?.[key],
    );
    if (typeof from === "string" && typeof to === "string") ids.set(from, to);
  }
}

/** Every key of the recorded answer must be here, with the same value but for ids and secrets. */
function missingFrom(ours: unknown, theirs: unknown, at = ""): string[] {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours) || ours.length !== theirs.length) return [`${at}: another length`];
    return theirs.flatMap((item, index) => missingFrom(ours[index], item, `${at}[${index}]`));
  }
  if (typeof theirs !== "object" || theirs === null) {
    return ours === theirs ? [] : [`${at}: ${JSON.stringify(ours)} for ${JSON.stringify(theirs)}`];
  }
  return Object.entries(theirs).flatMap(([key, value]) => {
    if (uncompared.has(key)) return [];
    return missingFrom((ours as Record<string, unknown> | null)?.[key], value, `${at}.${key}`);
  });
}

async function replay(phases: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const exchange of exchanges(phases)) {
    const { phase, method, path, body, status, answer } = exchange;
    const sent = body && JSON.parse(translated(JSON.stringify(body)));
    const got = await tenant.api(method, translated(path.slice("/api/v2".length)), sent);
    const where = `${phase} ${method} ${path}`;
    if (got.status !== status) {
      problems.push(`${where}: ${got.status} ${JSON.stringify(got.body)} for ${status}`);
    }
    if (method === "POST") learn(answer, got.body);
    const wanted = answer && JSON.parse(translated(JSON.stringify(answer)));
    if (status < 300 && !isLogin(wanted)) {
      problems.push(...missingFrom(got.body, wanted).map((what) => `${where}${what}`));
    }
  }
  return problems;
}

/** A database connection has more options here than the recording server gave it. */
function isLogin(answer: unknown): boolean {
  return JSON.stringify(answer ?? "").includes(login);
}

/** The callbacks that somebody gave the client by hand, as the next refresh saw them. */
async function drift(): Promise<void> {
  const [seen] = exchanges(["refresh-drift"]).flatMap(({ answer }) => {
    const client = answer as { client_id?: string; callbacks?: string[] } | undefined;
    return client?.client_id === undefined ? [] : [client];
  });
  const id = ids.get(seen?.client_id ?? "");
  await tenant.api("PATCH", `/clients/${id}`, { callbacks: seen?.callbacks });
}

suite.runIf(present)(title, () => {
  test("of one stack, from create to destroy, gets the recorded answers and leaves nothing", async () => {
    const { store } = tenant.context;
    const [own] = store.connections.find("name", login);
    if (own) store.connections.delete(own.id);
    const before = store.clients.all().length;
    expect(await replay(beforeDrift)).toEqual([]);
    await drift();
    expect(await replay(afterDrift)).toEqual([]);
    expect(store.connections.all()).toEqual([]);
    expect(store.clients.all()).toHaveLength(before);
    expect(store.resourceServers.all().map(({ is_system: system }) => system)).toEqual([true]);
    expect(tenant.context.droppedFields.list()).toEqual([]);
  });

  test("of two stacks that share a tenant leaves what is shared", async () => {
    const { store } = tenant.context;
    await tenant.api("POST", "/connections", { name: login, strategy: "auth0" });
    const [own] = store.connections.find("name", login);
    if (!own) throw new Error("no login connection");
    const others = await tenant.api("POST", "/clients", { name: "of somebody else" });
    const enabled = [String(others.body["client_id"])];
    store.connections.put(own.id, { ...own, enabled_clients: enabled });
    // What the recording had from the start is learnt by hand.
    ids.set("con_W9jroe5LMjLQ68tJ", own.id);
    const [theirs] = exchanges(["adopt-a"]).flatMap(({ path, answer }) =>
      path.endsWith("con_W9jroe5LMjLQ68tJ/clients") ? [answer as EnabledClients] : [],
    );
    ids.set(theirs?.clients[0]?.client_id ?? "", enabled[0] ?? "");
    expect(await replay(["adopt-a", "adopt-b", "adopt-destroy-b", "adopt-a-after"])).toEqual([]);
    const apis = store.resourceServers.all().map(({ name }) => name);
    expect(apis).toContain("Auth0 My Account API");
    const left = store.connections.get(own.id)?.enabled_clients ?? [];
    expect(left).toContain(enabled[0]);
    expect(left).toHaveLength(2);
  });
});
