/** What a sweep takes of the environments that this machine keeps, on a local tenant in a process of its own. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, suite, test, vi } from "vitest";
import { destroyInBackend, type EnvironmentRun } from "../../cli/environment/environment-run.ts";
import { sweepEnvironments } from "../../cli/environment/environment-sweep.ts";
import { loadProfile, saveProfile } from "../../cli/profiles/profiles.ts";
import { stackTenant } from "../../cli/stack/stack-tenant.ts";
import type { Management } from "../../engine/plugins/auth0/management.ts";
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import {
  environmentHere,
  environmentsHere,
  forgetEnvironment,
  writeEnvironment,
} from "../../environments/environment-files.ts";
import { tenantEnvironments } from "../../environments/tenant-environments.ts";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";

const past = "2020-01-01T00:00:00Z";
const future = new Date(Date.now() + 3_600_000).toISOString();
let project: ProjectFolder;
let run: EnvironmentRun;
let api: Management;

beforeAll(async () => {
  project = await projectFolder();
  vi.stubEnv("TVK_TENANT_PORT", String(project.tenantPort));
  vi.stubEnv("TVK_CONFIG_DIR", `${project.dir}/config`);
  const stage = () => ({ update() {}, done() {}, failed() {} });
  run = {
    projectDir: project.dir,
    from: "dev",
    env: process.env,
    progress: { stage, note: () => {} },
  };
  api = managementOf(await stackTenant(run));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await project?.remove();
});
beforeEach(async () => {
  for (const { name } of environmentsHere(project.dir)) forgetEnvironment(project.dir, name);
  for (const { objects } of await onTenant()) {
    for (const { kind, id } of objects) await api.request("DELETE", `/${kind}s/${id}`);
  }
});
afterEach(() => vi.unstubAllGlobals());

function onTenant() {
  return tenantEnvironments(api, Date.now());
}

function marks(name: string, owner: string, expires: string) {
  return {
    tvk_stack: `token-vault-kit/${name}`,
    tvk_urn: `urn:pulumi:${name}`,
    tvk_owner: owner,
    tvk_expires: expires,
  };
}

async function client(name: string, owner: string, expires: string): Promise<string> {
  const body = { name, client_metadata: marks(name, owner, expires) };
  return ((await api.request("POST", "/clients", body)) as { client_id: string }).client_id;
}

function here(name: string, owner: string, expires: string, ownTenant = false) {
  const wish = { name, owner, expires, ownTenant, from: "dev", port: project.helpdeskPort };
  return writeEnvironment(project.dir, wish);
}

/** Something that another process does while the sweep is about to delete this client. */
function whileDeleting(id: string, act: () => Promise<unknown>): void {
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => {
    if (init?.method === "DELETE" && input.endsWith(`/clients/${id}`)) await act();
    return real(input, init);
  });
}

function sweep() {
  return sweepEnvironments(run, { owner: undefined, dryRun: false });
}

suite("a sweep on the machine that keeps an environment", () => {
  test("takes another owner's of the same name by its marks, and leaves the one that is here", async () => {
    await client("pr-1", "ann", past);
    await client("pr-1", "bob", future);
    here("pr-1", "bob", future);
    expect(await sweep()).toMatchObject({
      removed: [{ name: "pr-1", objects: ['client "pr-1"'] }],
      left: [{ name: "pr-1", owner: "bob" }],
      failed: [],
    });
    expect((await onTenant()).map(({ owner }) => owner)).toEqual(["bob"]);
    expect(environmentHere(project.dir, "pr-1")?.owner).toBe("bob");
  });

  test("leaves what was renewed on the tenant while it was busy with another", async () => {
    const first = await client("aa", "bob", past);
    const id = await client("pr-9", "bob", past);
    here("pr-9", "bob", past);
    whileDeleting(first, () =>
      api.request("PATCH", `/clients/${id}`, { client_metadata: marks("pr-9", "bob", future) }),
    );
    expect(await sweep()).toMatchObject({
      removed: [{ name: "aa" }],
      left: [{ name: "pr-9", owner: "bob", why: "renewed meanwhile" }],
      failed: [],
    });
    expect((await onTenant()).map(({ name, state }) => [name, state])).toEqual([["pr-9", "live"]]);
    expect(environmentHere(project.dir, "pr-9")).toBeDefined();
  });

  test("leaves one whose renewal has begun here and has not reached the tenant", async () => {
    const first = await client("aa", "bob", past);
    await client("pr-9", "bob", past);
    here("pr-9", "bob", past);
    whileDeleting(first, async () => here("pr-9", "bob", future));
    expect(await sweep()).toMatchObject({
      removed: [{ name: "aa" }],
      left: [{ name: "pr-9", why: "renewed meanwhile" }],
      failed: [],
    });
    expect((await onTenant()).map(({ name }) => name)).toEqual(["pr-9"]);
    expect(environmentHere(project.dir, "pr-9")?.expires).toBe(future);
  });

  test("leaves one whose renewal had begun here before the sweep did", async () => {
    await client("pr-9", "bob", past);
    here("pr-9", "bob", future);
    expect(await sweep()).toMatchObject({
      removed: [],
      left: [{ name: "pr-9", why: "renewed meanwhile" }],
      failed: [],
    });
    expect((await onTenant()).map(({ name }) => name)).toEqual(["pr-9"]);
    expect(environmentHere(project.dir, "pr-9")?.expires).toBe(future);
  });

  test("leaves one with a tenant of its own that was renewed meanwhile", async () => {
    const first = await client("aa", "bob", past);
    here("alone", "bob", past, true);
    whileDeleting(first, async () => here("alone", "bob", future, true));
    expect(await sweep()).toMatchObject({
      removed: [{ name: "aa" }],
      left: [{ name: "alone", owner: "bob", why: "renewed meanwhile" }],
      failed: [],
    });
    expect(environmentHere(project.dir, "alone")?.expires).toBe(future);
  });

  test("says that it removed nothing of one whose objects were renewed meanwhile", async () => {
    const first = await client("aa", "bob", past);
    const id = await client("pr-9", "bob", past);
    whileDeleting(first, () =>
      api.request("PATCH", `/clients/${id}`, { client_metadata: marks("pr-9", "bob", future) }),
    );
    const { removed, left } = await sweep();
    expect(removed.map(({ name }) => name)).toEqual(["aa"]);
    expect(left).toMatchObject([{ name: "pr-9", object: 'client "pr-9"' }]);
  });

  test("leaves another owner's of the same name where the one that is here is over", async () => {
    await client("pr-1", "ann", future);
    await client("pr-1", "bob", past);
    here("pr-1", "bob", past);
    expect(await sweep()).toMatchObject({ removed: [{ name: "pr-1" }], failed: [] });
    expect((await onTenant()).map(({ owner }) => owner)).toEqual(["ann"]);
  });
});

suite("an environment in the user's own backend, with the name of a committed stack", () => {
  test("is left there, and what the committed stack keeps on this machine stays", async () => {
    project.configure("prod", { tenant: "cloud" });
    project.configure("pr-1");
    const kept = join(project.dir, ".tvk/stacks/pr-1/passphrase");
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, "kept");
    await saveProfile("pr-1", { domain: "acme.test", clientId: "c", local: false });
    await client("pr-1", "ann", past);
    const [environment] = await onTenant();
    if (environment === undefined) throw new Error("nothing is on the tenant");
    expect(await destroyInBackend({ ...run, from: "prod" }, environment)).toMatchObject({
      byState: false,
      left: [
        {
          name: "pr-1",
          object: "its stack in your backend",
          why: expect.stringContaining("is a stack of the project"),
        },
      ],
    });
    expect(readFileSync(kept, "utf8")).toBe("kept");
    expect(loadProfile("pr-1")?.profile.clientId).toBe("c");
  });
});
