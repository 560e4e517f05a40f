/** Environments that come and go on one shared tenant, on the real engine. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { loadProfile } from "../../cli/profiles/profiles.ts";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { keptTenantSpec } from "../../cli/tenant/local-tenant.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { endOrphans } from "../../engine/recovery/orphans.ts";
import { allProcesses, isEngine, startedWith } from "../../engine/recovery/process-table.ts";
import { supervisor } from "../../services/supervisor.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
  await create("keep");
}, 300_000);
afterAll(() => project?.remove());

interface Made {
  readonly status: string;
  readonly outputs: { connectionName: string; helpdeskUrl: string; clientId: string };
}

interface Row {
  readonly name: string;
  readonly state: string;
  readonly objects?: string[];
  readonly tenant: string;
  readonly owner: string;
}

async function create(name: string, ...flags: string[]): Promise<Made> {
  return (await project.json(["env", "create", name, ...flags])) as Made;
}

async function rows(): Promise<Row[]> {
  return (await project.json(["env", "list"])) as Row[];
}

/** Signs alice in, connects her account and reads her tickets, all as the environment. */
async function use(name: string, { outputs }: Made): Promise<void> {
  const as = (...words: string[]) =>
    project.json(["--profile", name, ...words], 0, { user: alice });
  await as("login");
  await as("connect", outputs.connectionName);
  expect(await tickets(name, outputs)).toMatchObject({ status: 200 });
}

function tickets(name: string, { connectionName, helpdeskUrl }: Made["outputs"]) {
  const url = `${helpdeskUrl}/tickets?assignee=me`;
  return project.json(["--profile", name, "fetch", connectionName, url]);
}

interface Listed {
  readonly id: string;
  readonly client_id: string;
  readonly name: string;
  readonly identifier?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly client_metadata?: Readonly<Record<string, string>>;
}

/** Everything on the tenant that belongs to an environment, as it stands there. */
async function objectsOf(name: string) {
  const all = (path: string) => project.management("GET", path) as Promise<Listed[]>;
  const of = ({ metadata, client_metadata: marks = metadata }: Listed) =>
    marks?.["tvk_stack"] === `token-vault-kit/${name}`;
  return {
    clients: (await all("/clients?per_page=100")).filter(of),
    connections: (await all("/connections?per_page=100")).filter(of),
  };
}

async function myAccountApis(): Promise<string[]> {
  const all = (await project.management("GET", "/resource-servers")) as Listed[];
  return all.filter(({ identifier }) => identifier?.endsWith("/me/")).map(({ id }) => id);
}

/** Puts the expiry of an environment into the past, on its objects and here, as time itself would. */
async function letExpire(name: string): Promise<void> {
  const past = { tvk_expires: "2020-01-01T00:00:00Z" };
  const { clients, connections } = await objectsOf(name);
  for (const { client_id: id, client_metadata: marks } of clients) {
    await project.management("PATCH", `/clients/${id}`, { client_metadata: { ...marks, ...past } });
  }
  for (const { id, metadata } of connections) {
    await project.management("PATCH", `/connections/${id}`, { metadata: { ...metadata, ...past } });
  }
  const file = join(project.dir, ".tvk/environments", name, `Pulumi.${name}.yaml`);
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const over = text.replace(/^( *token-vault-kit:expires:).*$/m, `$1 ${past.tvk_expires}`);
  expect(over).not.toBe(text);
  writeFileSync(file, over);
}

function services() {
  return supervisor(join(project.dir, ".tvk/services"));
}

suite("tvk env on one shared tenant", () => {
  test("two environments are created, used and destroyed at once; a third stays as it was", async () => {
    const keep = (await project.json(["env", "create", "keep"])) as Made;
    expect(keep.status).toBe("updated");
    await use("keep", keep);
    const [before, apis] = [await objectsOf("keep"), await myAccountApis()];

    const names = ["pr-1", "pr-2"];
    const made = await Promise.all(names.map((name) => create(name)));
    expect(made.map(({ outputs }) => outputs.connectionName)).toEqual([
      "pr-1-acme-helpdesk",
      "pr-2-acme-helpdesk",
    ]);
    expect((await rows()).map(({ name, state }) => [name, state])).toEqual([
      ["keep", "live"],
      ["pr-1", "live"],
      ["pr-2", "live"],
    ]);
    await Promise.all(made.map((each, index) => use(names[index] ?? "", each)));
    await Promise.all(names.map((name) => project.json(["env", "destroy", name])));

    for (const name of names) {
      expect(await objectsOf(name)).toEqual({ clients: [], connections: [] });
      expect(services().live(`${name}-helpdesk`)).toBeUndefined();
      expect(existsSync(join(project.dir, ".tvk/stacks", name))).toBe(false);
      const env = { TVK_CONFIG_DIR: join(project.dir, "config") };
      expect(loadProfile(name, env)).toBeUndefined();
    }
    expect(readdirSync(join(project.dir, ".tvk/environments"))).toEqual(["keep"]);
    expect(await objectsOf("keep")).toEqual(before);
    expect(await myAccountApis()).toEqual(apis);
    expect(await tickets("keep", keep.outputs)).toMatchObject({ status: 200 });
  }, 300_000);

  test("a second create is an update that renews the expiry and keeps the address", async () => {
    const first = await create("again", "--ttl", "1h");
    const second = await create("again", "--ttl", "2d");
    expect(second).toMatchObject({ status: "updated", outputs: first.outputs });
    const { clients } = await objectsOf("again");
    const expires = Date.parse(clients[0]?.client_metadata?.["tvk_expires"] ?? "");
    expect(expires - Date.now()).toBeGreaterThan(40 * 3_600_000);
    await project.json(["env", "destroy", "again"]);
  }, 180_000);

  test("one whose state is on another machine is destroyed by its marks", async () => {
    await create("elsewhere");
    forgetHere("elsewhere");
    const done = await project.json(["env", "destroy", "elsewhere"]);
    expect(done).toMatchObject({ status: "destroyed", by: "marks" });
    expect(await objectsOf("elsewhere")).toEqual({ clients: [], connections: [] });
    await services().stop("elsewhere-helpdesk");
  }, 180_000);

  test("a stack that stays is never destroyed as an environment", async () => {
    const up = await project.tvk(["up"]);
    expect(up.exitCode, up.text).toBe(0);
    expect(await project.json(["env", "destroy", "dev"], 1)).toMatchObject({
      error: { details: { code: "not_an_environment" } },
    });
    expect((await objectsOf("dev")).clients).toHaveLength(1);
  }, 180_000);
});

/** What a runner that is gone takes with it: state and configuration. */
function forgetHere(name: string): void {
  for (const folder of ["stacks", "environments"]) {
    rmSync(join(project.dir, ".tvk", folder, name), { recursive: true, force: true });
  }
}

/** A `tvk env create` in a process group of its own, killed with -9 as soon as the tenant has its client. */
async function killedCreate(name: string): Promise<void> {
  const child = spawn(process.execPath, [join(project.dir, "cli/tvk.mjs"), "env", "create", name], {
    cwd: project.dir,
    env: { ...process.env, TVK_CONFIG_DIR: join(project.dir, "config"), CI: "true" },
    stdio: "ignore",
  });
  const ended = new Promise<void>((done) => child.on("exit", () => done()));
  for (let tries = 0; tries < 600 && (await objectsOf(name)).clients.length === 0; tries++) {
    await sleep(50);
  }
  child.kill("SIGKILL");
  await ended;
  // Its engine ends at its next word: until then it can make something more. The rest goes with its runner.
  const home = join(project.dir, ".tvk/stacks", name, "home");
  const engines = () =>
    allProcesses().filter(
      (each) => isEngine(each) && startedWith(each.pid, "PULUMI_HOME") === home,
    );
  await expect.poll(engines, { timeout: 60_000 }).toEqual([]);
  await endOrphans(home);
}

suite("tvk env sweep", () => {
  test("removes what a killed job left, whose runner is gone, by the marks alone", async () => {
    await killedCreate("killed");
    await services().stop("killed-helpdesk");
    forgetHere("killed");
    const before = await objectsOf("keep");
    expect(await project.json(["env", "sweep"])).toMatchObject({ removed: [], failed: [] });
    await letExpire("killed");

    const planned = await project.json(["env", "sweep", "--dry-run"]);
    expect(planned).toMatchObject({ dryRun: true, removed: [{ name: "killed" }] });
    expect((await objectsOf("killed")).clients).toHaveLength(1);

    const swept = (await project.json(["env", "sweep"])) as { left: { name: string }[] };
    expect(swept).toMatchObject({ removed: [{ name: "killed" }], failed: [] });
    expect(swept.left.map(({ name }) => name).sort()).toEqual(["dev", "keep"]);
    expect(await objectsOf("killed")).toEqual({ clients: [], connections: [] });
    expect(await objectsOf("keep")).toEqual(before);
    expect(await project.json(["env", "sweep"])).toMatchObject({ removed: [], failed: [] });
  }, 240_000);

  test("where the state is here, the helpdesk's process and the files go too", async () => {
    await create("stale");
    await letExpire("stale");
    expect(services().live("stale-helpdesk")).toBeDefined();
    const swept = await project.json(["env", "sweep"]);
    expect(swept).toMatchObject({ removed: [{ name: "stale" }], failed: [] });
    expect(services().live("stale-helpdesk")).toBeUndefined();
    expect(existsSync(join(project.dir, ".tvk/stacks/stale"))).toBe(false);
    expect((await rows()).map(({ name }) => name)).not.toContain("stale");
  }, 180_000);
});

suite("an environment with a tenant of its own", () => {
  test("has the real names, leaves the shared tenant alone, and goes with its tenant", async () => {
    const made = await create("alone", "--own-tenant");
    expect(made.outputs.connectionName).toBe("acme-helpdesk");
    expect((await objectsOf("alone")).clients).toEqual([]);
    expect((await rows()).find(({ name }) => name === "alone")?.tenant).toBe("own");
    trustAuthority(join(project.dir, ".tvk/environments/alone/tenant/ca.pem"));
    await use("alone", made);
    const whole = await project.json(["doctor", "--stack", "alone"]);
    expect(whole).toMatchObject({ ok: true });

    // `tvk dev` watches and stops this tenant, not the project's.
    expect(keptTenantSpec(project.dir, "alone")?.name).toBe("alone-tenant");
    for (const name of ["alone-helpdesk", "alone-tenant"]) await services().stop(name);
    const dev = await project.tvk(["dev", "--stack", "alone"]);
    expect(dev.exitCode, dev.text).toBe(0);
    expect(dev.text).toMatch(/Stopped: alone-helpdesk, alone-tenant\./);
    expect(services().live("tenant")).toBeDefined();
    await project.json(["env", "destroy", "alone"]);
    expect(services().live("alone-tenant")).toBeUndefined();
    expect(existsSync(join(project.dir, ".tvk/environments/alone"))).toBe(false);
  }, 240_000);
});
