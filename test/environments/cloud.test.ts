/**
 * Environments like a cloud stack: a backend of the user's own, one shared tenant, and each job a folder that
 * nobody else has. The tenant is a local one and the plugins are the kit's, in a PULUMI_HOME of the job's own,
 * since official ones are not to be had here; `tvk` and the engine take all of it for a cloud's.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { stringify } from "yaml";
import { alice, demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { installPlugins } from "../../engine/plugins/install.ts";
import { allProcesses } from "../../engine/recovery/process-table.ts";
import { startHelpdesk } from "../../helpdesk/helpdesk.ts";
import { type ProjectFolder, projectFolder, type RunOptions } from "../e2e/project-folder.ts";

/** The program is told that the tenant is local: it refuses a loopback host to a cloud stack. */
const program = `import * as pulumi from "@pulumi/pulumi";
pulumi.runtime.setConfig("token-vault-kit:tenant", "local");
export default async () => ({ ...(await import("./index.ts")) });
`;
const secret = "a pl4nted secret of the API";
const backend = mkdtempSync(join(tmpdir(), "tvk-cloud-backend-"));
const jobs: Job[] = [];
/** Where the tenant is, which all share. */
let shared: ProjectFolder;
let helpdesk: Awaited<ReturnType<typeof startHelpdesk>>;
let prod: string;

/** A runner: a clone of its own, and what the repository's variables and secrets give it. */
interface Job {
  readonly dir: string;
  tvk(args: readonly string[], options?: RunOptions): ReturnType<ProjectFolder["tvk"]>;
  json(args: readonly string[], exitCode?: number, options?: RunOptions): Promise<unknown>;
  readonly env: Record<string, string>;
  /** The runner is gone, with all that it had. */
  end(): Promise<void>;
}

async function job(): Promise<Job> {
  const folder = await projectFolder();
  rmSync(join(folder.dir, "program.mjs"));
  writeFileSync(join(folder.dir, "program.mjs"), program);
  if (prod !== undefined) writeFileSync(join(folder.dir, "Pulumi.prod.yaml"), prod);
  const home = join(folder.dir, "pulumi-home");
  await installPlugins(home);
  const tenant = join(shared.dir, ".tvk/tenant");
  const { clientId, clientSecret } = JSON.parse(
    readFileSync(join(tenant, "management-client.json"), "utf8"),
  );
  const env = {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "the repository's",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NODE_EXTRA_CA_CERTS: join(tenant, "ca.pem"),
    AUTH0_CLIENT_ID: clientId,
    AUTH0_CLIENT_SECRET: clientSecret,
  };
  const made: Job = {
    dir: folder.dir,
    env,
    tvk: (args, options = {}) => folder.tvk(args, { ...options, env: { ...env, ...options.env } }),
    json: (args, exitCode, options = {}) =>
      folder.json(args, exitCode, { ...options, env: { ...env, ...options.env } }),
    end: () => folder.remove(),
  };
  jobs.push(made);
  return made;
}

beforeAll(async () => {
  shared = await projectFolder();
  const started = await shared.tvk(["tenant", "start"]);
  expect(started.exitCode, started.text).toBe(0);
  trustAuthority(join(shared.dir, ".tvk/tenant/ca.pem"));
  const domain = `localhost:${shared.tenantPort}`;
  helpdesk = await startHelpdesk({
    port: shared.helpdeskPort,
    clientSecret: secret,
    redirectUris: [`https://${domain}/login/callback`],
  });
  const first = await job();
  const config = {
    "auth0:domain": domain,
    "token-vault-kit:tenant": "cloud",
    "token-vault-kit:helpdesk": { mode: "external", url: helpdesk.url },
  };
  writeFileSync(join(first.dir, "Pulumi.prod.yaml"), stringify({ config }));
  const pulumi = (...args: string[]) => first.tvk(["pulumi", "--stack", "prod", "--", ...args]);
  expect((await pulumi("stack", "init")).exitCode).toBe(0);
  expect((await pulumi("config", "set", "--secret", "helpdeskClientSecret", secret)).exitCode).toBe(
    0,
  );
  // What is committed: the secret is encrypted with the repository's passphrase.
  prod = readFileSync(join(first.dir, "Pulumi.prod.yaml"), "utf8");
  expect(prod).not.toContain(secret);
}, 300_000);
afterAll(async () => {
  for (const each of jobs) await each.end();
  await helpdesk?.close();
  await shared?.remove();
  rmSync(backend, { recursive: true, force: true });
});

interface Made {
  readonly status: string;
  readonly outputs: { connectionName: string; helpdeskUrl: string; clientId: string };
}

const from = ["--from", "prod", "--owner", "acme/desk"];
const create = async (on: Job, name: string) =>
  (await on.json(["env", "create", name, ...from])) as Made;

/** Signs alice in, connects her account and reads her tickets, as the environment. */
async function use(on: Job, name: string, { outputs }: Made): Promise<void> {
  // The AUTH0_ variables are the Management application's here, and a user's client to login.
  const env = { AUTH0_CLIENT_ID: undefined, AUTH0_CLIENT_SECRET: undefined };
  const as = (...words: string[]) =>
    on.json(["--profile", name, ...words], 0, { visit: demoVisitor(alice), env });
  await as("login");
  await as("connect", outputs.connectionName);
  const url = `${outputs.helpdeskUrl}/tickets?assignee=me`;
  expect(await as("fetch", outputs.connectionName, url)).toMatchObject({ status: 200 });
}

interface Marked {
  readonly id: string;
  readonly client_id: string;
  readonly client_metadata?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** All on the tenant that bears the environment's mark. */
async function objectsOf(name: string) {
  const of = ({ metadata, client_metadata: marks = metadata }: Marked) =>
    marks?.["tvk_stack"] === `token-vault-kit/${name}`;
  const all = (path: string) => shared.management("GET", path) as Promise<Marked[]>;
  return {
    clients: (await all("/clients?per_page=100")).filter(of),
    connections: (await all("/connections?per_page=100")).filter(of),
  };
}

const none = { clients: [], connections: [] };

/** Stacks whose state is in the backend. */
function stacks(): string[] {
  const dir = join(backend, ".pulumi/stacks/token-vault-kit");
  return readdirSync(dir)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

async function letExpire(name: string): Promise<void> {
  const past = { tvk_expires: "2020-01-01T00:00:00Z" };
  const { clients, connections } = await objectsOf(name);
  for (const { client_id: id, client_metadata: marks } of clients)
    await shared.management("PATCH", `/clients/${id}`, { client_metadata: { ...marks, ...past } });
  for (const { id, metadata } of connections)
    await shared.management("PATCH", `/connections/${id}`, { metadata: { ...metadata, ...past } });
}

suite("tvk env like a cloud stack", () => {
  let keep: Job;
  let before: Awaited<ReturnType<typeof objectsOf>>;

  beforeAll(async () => {
    keep = await job();
    await use(keep, "keep", await create(keep, "keep"));
    before = await objectsOf("keep");
    expect(before.clients).toHaveLength(1);
  }, 300_000);

  test("two are created, used and destroyed by four jobs at once; a third stays as it was", async () => {
    const names = ["pr-1", "pr-2"];
    await Promise.all(
      names.map(async (name) => {
        const opens = await job();
        const made = await create(opens, name);
        expect(made.outputs.connectionName).toBe(`${name}-acme-helpdesk`);
        await use(opens, name, made);
        await opens.end();
      }),
    );
    expect(stacks()).toEqual(["keep.json", "pr-1.json", "pr-2.json", "prod.json"]);
    const listed = (await keep.json(["env", "list", "--from", "prod"])) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(["keep", ...names]);
    // The pull requests are closed: other runners, which know nothing but the name.
    const closed = await Promise.all(
      names.map(async (name) => (await job()).json(["env", "destroy", name, "--from", "prod"])),
    );
    for (const done of closed) expect(done).toMatchObject({ status: "destroyed", by: "state" });
    for (const name of names) expect(await objectsOf(name)).toEqual(none);
    expect(stacks()).toEqual(["keep.json", "prod.json"]);
    expect(await objectsOf("keep")).toEqual(before);
  }, 400_000);

  test("an update by another job finds the state in the backend: the same client, nothing twice", async () => {
    const first = await create(await job(), "pr-3");
    const other = await job();
    const second = await create(other, "pr-3");
    expect(second.outputs.clientId).toBe(first.outputs.clientId);
    expect((await objectsOf("pr-3")).connections).toHaveLength(1);
    // What a sweep without the backend would do: the state is about objects that are gone.
    for (const { client_id: id } of (await objectsOf("pr-3")).clients)
      await shared.management("DELETE", `/clients/${id}`);
    const third = await create(await job(), "pr-3");
    expect(third.outputs.clientId).not.toBe(first.outputs.clientId);
    await other.json(["env", "destroy", "pr-3", "--from", "prod"]);
    expect(await objectsOf("pr-3")).toEqual(none);
  }, 400_000);

  test.runIf(process.platform === "linux")(
    "what a killed job left is swept by another, and the kill's lock is told of",
    async () => {
      const killed = await job();
      await killCreate(killed, "killed");
      await killed.end();
      expect((await objectsOf("killed")).clients).toHaveLength(1);
      const sweep = async (...flags: string[]) =>
        (await job()).json(["env", "sweep", "--from", "prod", ...flags]);
      expect(await sweep()).toMatchObject({ removed: [], failed: [] });
      await letExpire("killed");
      expect(await sweep("--dry-run")).toMatchObject({ removed: [{ name: "killed" }] });
      expect((await objectsOf("killed")).clients).toHaveLength(1);

      const swept = (await sweep()) as { left: { name: string; object?: string }[] };
      expect(swept).toMatchObject({ removed: [{ name: "killed" }], failed: [] });
      expect(swept.left).toContainEqual(
        expect.objectContaining({ name: "killed", object: "its stack in your backend" }),
      );
      expect(await objectsOf("killed")).toEqual(none);
      expect(await objectsOf("keep")).toEqual(before);
      expect(await sweep()).toMatchObject({ removed: [], failed: [] });
    },
    400_000,
  );

  test("one whose time is over and whose state is sound goes with its state", async () => {
    await create(await job(), "stale");
    await letExpire("stale");
    const swept = await (await job()).json(["env", "sweep", "--from", "prod"]);
    expect(swept).toMatchObject({ removed: [{ name: "stale" }], failed: [] });
    expect(stacks()).not.toContain("stale.json");
    expect(await objectsOf("stale")).toEqual(none);
    expect(await objectsOf("keep")).toEqual(before);
  }, 300_000);

  test("without the backend's passphrase it goes by its marks alone", async () => {
    await create(await job(), "blind");
    const env = { PULUMI_CONFIG_PASSPHRASE: undefined };
    const done = await (await job()).json(
      ["env", "destroy", "blind", "--from", "prod"],
      undefined,
      { env },
    );
    expect(done).toMatchObject({ by: "marks" });
    expect(await objectsOf("blind")).toEqual(none);
  }, 300_000);
});

suite("tvk up of a cloud stack", () => {
  test("names the profile in what comes next, which beats the Management application's variables", async () => {
    const up = await (await job()).tvk(["up", "--stack", "prod"]);
    expect(up.exitCode, up.text).toBe(0);
    expect(up.stderr).toContain(
      "Next: tvk --profile prod login, then tvk --profile prod connect acme-helpdesk.",
    );
  }, 180_000);
});

/** `tvk env create`, killed with its engine as soon as the tenant has its client. */
async function killCreate(on: Job, name: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(on.dir, "cli/tvk.mjs"), "env", "create", name, ...from],
    {
      cwd: on.dir,
      env: { ...process.env, ...on.env, TVK_CONFIG_DIR: join(on.dir, "config"), CI: "true" },
      stdio: "ignore",
    },
  );
  const ended = new Promise<void>((done) => child.on("exit", () => done()));
  for (let tries = 0; (await objectsOf(name)).clients.length === 0; tries++) {
    expect(tries).toBeLessThan(2_000);
    await sleep(20);
  }
  const plugin = allProcesses().find(({ words }) =>
    words.some((word) => word.includes(`${on.dir}/pulumi-home/plugins/resource-auth0`)),
  );
  for (const pid of [child.pid, plugin?.parent])
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  await ended;
  // A plugin that has lost its engine ends within a second.
  await sleep(2_000);
  expect(existsSync(join(backend, ".pulumi/locks"))).toBe(true);
}
