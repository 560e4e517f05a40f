/** What a sweep takes and what it leaves, on a real tenant; and the words of an environment. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import type { Management } from "../../engine/plugins/auth0/management.ts";
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { environmentName, expiryAfter } from "../../environments/environment-terms.ts";
import { isOver, planSweep, removeEnvironment } from "../../environments/sweep.ts";
import { tenantEnvironments } from "../../environments/tenant-environments.ts";
import { startTenant } from "../../tenant/start-tenant.ts";

const now = Date.parse("2027-01-01T00:00:00Z");
const scope = { project: "desk", owner: undefined, now };
const dir = mkdtempSync(join(tmpdir(), "tvk-sweep-"));
let tenant: Awaited<ReturnType<typeof startTenant>>;
let api: Management;

beforeAll(async () => {
  tenant = await startTenant({ dir, port: 0 });
  trustAuthority(join(dir, "ca.pem"));
  api = managementOf({ domain: tenant.domain, ...tenant.managementClient });
});
afterAll(async () => {
  await tenant?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Marked {
  readonly id?: string;
  readonly client_id?: string;
}

function marks(name: string, expires: string | undefined, owner?: string, project = "desk") {
  return {
    tvk_stack: `${project}/${name}`,
    tvk_urn: `urn:pulumi:${name}`,
    ...(owner === undefined ? {} : { tvk_owner: owner }),
    ...(expires === undefined ? {} : { tvk_expires: expires }),
  };
}

async function client(name: string, expires: string | undefined, owner?: string, project?: string) {
  const body = { name, client_metadata: marks(name, expires, owner, project) };
  return ((await api.request("POST", "/clients", body)) as Marked).client_id ?? "";
}

async function connection(name: string, expires: string | undefined, owner?: string) {
  const made = await api.request("POST", "/connections", {
    name,
    strategy: "oauth2",
    options: {
      client_id: "x",
      client_secret: "y",
      authorizationURL: "https://a.example/authorize",
      tokenURL: "https://a.example/token",
      scope: "openid",
      scripts: {
        fetchUserProfile: "function fetchUserProfile(t, c, cb) { cb(null, { user_id: '1' }); }",
      },
    },
    metadata: marks(name, expires, owner),
  });
  return (made as Marked).id ?? "";
}

async function environments() {
  return tenantEnvironments(api, now);
}

beforeEach(async () => {
  for (const { objects } of await environments()) {
    for (const { kind, id } of objects) await api.request("DELETE", `/${kind}s/${id}`);
  }
});

suite("a sweep", () => {
  test("takes what is over and says of everything else why it stays", async () => {
    await client("over", "2026-12-31T23:00:00Z", "ci");
    await connection("over", "2026-12-31T23:00:00Z", "ci");
    await client("live", "2027-01-02T00:00:00Z", "ci");
    await client("stays", undefined, "ci");
    await client("garbled", "tomorrow", "ci");
    await client("foreign", "2026-12-31T23:00:00Z", "ci", "other-project");
    const { remove, left } = planSweep(await environments(), scope);
    expect(remove.map(({ name, objects }) => [name, objects.map(({ kind }) => kind)])).toEqual([
      ["over", ["client", "connection"]],
    ]);
    expect(left.map(({ name, why }) => [name, why])).toEqual([
      ["foreign", "of another project, other-project"],
      ["garbled", 'its expiry is no time: "tomorrow"'],
      ["live", "its time is not over until 2027-01-02T00:00:00Z"],
      ["stays", "no expiry: a stack that stays"],
    ]);
  });

  test("of one owner leaves those of others, and those of nobody", async () => {
    await client("mine", "2026-12-31T23:00:00Z", "ci");
    await client("theirs", "2026-12-31T23:00:00Z", "bob");
    await client("nobodys", "2026-12-31T23:00:00Z");
    const { remove, left } = planSweep(await environments(), { ...scope, owner: "ci" });
    expect(remove.map(({ name }) => name)).toEqual(["mine"]);
    expect(left.map(({ why }) => why).sort()).toEqual(["it has no owner", "it is bob's"]);
  });

  test("two owners' environments of one name are two", async () => {
    await client("pr-1", "2026-12-31T23:00:00Z", "ann");
    await client("pr-1", "2027-01-02T00:00:00Z", "bob");
    const { remove, left } = planSweep(await environments(), scope);
    expect(remove.map(({ owner }) => owner)).toEqual(["ann"]);
    expect(left.map(({ owner }) => owner)).toEqual(["bob"]);
  });

  test("an environment of which one object lasts longer is not over", async () => {
    await client("half", "2026-12-31T23:00:00Z");
    await connection("half", "2027-01-02T00:00:00Z");
    expect(planSweep(await environments(), scope).remove).toEqual([]);
  });

  test("what was renewed after the plan was made stays", async () => {
    const id = await client("renewed", "2026-12-31T23:00:00Z");
    const [planned] = planSweep(await environments(), scope).remove;
    if (planned === undefined) throw new Error("nothing was planned");
    const metadata = marks("renewed", "2027-01-02T00:00:00Z");
    await api.request("PATCH", `/clients/${id}`, { client_metadata: metadata });
    const { removed, left } = await removeEnvironment(api, planned, isOver(now));
    expect(removed).toEqual([]);
    expect(left).toMatchObject([{ object: 'client "renewed"', why: "renewed meanwhile" }]);
    expect(await environments()).toHaveLength(1);
  });

  test("a connection that another's client may use stays, and says whose", async () => {
    const id = await connection("joined", "2026-12-31T23:00:00Z");
    const guest = await client("guest", undefined);
    await api.request("PATCH", `/connections/${id}/clients`, [{ client_id: guest, status: true }]);
    const [planned] = planSweep(await environments(), scope).remove;
    if (planned === undefined) throw new Error("nothing was planned");
    const { removed, left } = await removeEnvironment(api, planned, isOver(now));
    expect(removed).toEqual([]);
    expect(left[0]?.why).toContain(guest);
  });

  test("two sweeps at once end well, and nothing is left", async () => {
    await client("both", "2026-12-31T23:00:00Z");
    await connection("both", "2026-12-31T23:00:00Z");
    const [planned] = planSweep(await environments(), scope).remove;
    if (planned === undefined) throw new Error("nothing was planned");
    const sweeps = [1, 2].map(() => removeEnvironment(api, planned, isOver(now)));
    for (const { left } of await Promise.all(sweeps)) expect(left).toEqual([]);
    expect(await environments()).toEqual([]);
  });
});

suite("the words of an environment", () => {
  test.each(["90m", "8h", "3d"])("%s is a time to live", (text) => {
    const ms = { "90m": 5_400_000, "8h": 28_800_000, "3d": 259_200_000 }[text] ?? 0;
    expect(Date.parse(expiryAfter(text, now)) - now).toBe(ms);
  });

  test.each(["", "0h", "1w", "-1h", "1.5h", "h"])("%j is none", (text) => {
    expect(() => expiryAfter(text, now)).toThrow("is no time to live");
  });

  test.each(["Pr-1", "pr--1", "-a", "a/b", "../x", "a b", "", "a".repeat(41), "$(id)"])(
    "%j is no name",
    (text) => {
      expect(() => environmentName(text)).toThrow("is no name");
    },
  );
});
