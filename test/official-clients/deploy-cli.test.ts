/** @module auth0-deploy-cli: one tenant's configuration out to a file, and from it into another tenant. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { ManagementClient } from "auth0";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type StartedTenant, startTenant } from "../../tenant/start-tenant.ts";
import { openWorld, type TenantWorld } from "../tenant/authentication/tenant-world.ts";
import { here, trusting } from "./toolchains.ts";

const run = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), "tvk-deploy-cli-"));
const cli = join(here, "node_modules", "auth0-deploy-cli", "lib", "index.js");
/** What a stack of the kit consists of. */
const types = ["clients", "databases", "connections", "resourceServers", "clientGrants", "tenant"];
const settings = {
  AUTH0_INCLUDED_ONLY: types,
  // Of databases it compares this with the list of connections, where the published description has none.
  AUTH0_IGNORE_DRY_RUN_FIELDS: { databases: ["enabled_clients"] },
};
const file = join(dir, "source", "tenant.yaml");

let source: TenantWorld;
let target: StartedTenant;
let management: ManagementClient;

beforeAll(async () => {
  source = await openWorld();
  await source.api("POST", "/resource-servers", {
    identifier: "https://tickets.example/api",
    name: "Tickets",
    scopes: [{ value: "read:tickets", description: "Read tickets" }],
  });
  target = await startTenant({ dir: join(dir, "target-tenant"), port: 0 });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), target.caPem]);
  const { domain, managementClient } = target;
  management = new ManagementClient({ domain, ...managementClient });
});
afterAll(async () => {
  await source.close();
  await target.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs the command as a person does, in a folder of its own; its output. */
async function deployCli(tenant: StartedTenant, args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(dir, "run-"));
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(settings));
  const command = [cli, ...args, "--config_file", config];
  const { stdout, stderr } = await run(process.execPath, command, {
    cwd: folder,
    env: {
      ...process.env,
      ...trusting(tenant.caPem, folder),
      AUTH0_DOMAIN: tenant.domain,
      AUTH0_CLIENT_ID: tenant.managementClient.clientId,
      AUTH0_CLIENT_SECRET: tenant.managementClient.clientSecret,
      // An export has this name in the secret's place.
      CONNECTIONS_OAUTH2_SECRET: "provider-secret-of-at-least-32-characters",
    },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${args.join(" ")}:\n${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}

/** Requests that changed the target so far, by its log. */
async function writes(): Promise<number> {
  const page = await management.logs.list({ search: "type:sapi", include_totals: true });
  return page.response.total ?? Number.NaN;
}

// It compiles its schemas at each start, seconds of work.
const patient = { timeout: 300_000 };

suite("auth0-deploy-cli", patient, () => {
  test("exports clients, connections, APIs and grants, and no secret", async () => {
    await deployCli(source.tenant, [
      ...["export", "--format", "yaml", "--output_folder", join(dir, "source")],
    ]);
    const exported = readFileSync(file, "utf8");
    for (const each of ["Agent", "acme-helpdesk", "Tickets", source.me, "subject_type: user"]) {
      expect(exported).toContain(each);
    }
    expect(exported).not.toContain(source.app.secret);
    expect(exported).not.toContain("provider-secret");
  });

  test("imports them into an empty tenant", async () => {
    // The My Account API is named after its tenant.
    const here = readFileSync(file, "utf8").replaceAll(source.tenant.domain, target.domain);
    mkdirSync(join(dir, "target"));
    writeFileSync(join(dir, "target", "tenant.yaml"), here);
    const text = await deployCli(target, [
      "import",
      "--input_file",
      join(dir, "target/tenant.yaml"),
    ]);
    expect(text).toContain("Import Successful");
    const clients = await management.clients.list();
    const agent = clients.data.find(({ name }) => name === "Agent");
    expect(agent?.refresh_token?.policies).toMatchObject([{ audience: `${target.url}/me/` }]);
    const connections = await management.connections.list({ name: "acme-helpdesk" });
    expect(connections.data).toMatchObject([
      {
        connected_accounts: { active: true },
        options: { client_secret: "provider-secret-of-at-least-32-characters" },
      },
    ]);
    const enabled = await management.connections.clients.get(connections.data[0]?.id ?? "");
    expect(enabled.data).toEqual([{ client_id: agent?.client_id }]);
    const grants = await management.clientGrants.list({ client_id: agent?.client_id ?? "" });
    expect(grants.data).toMatchObject([{ audience: `${target.url}/me/`, subject_type: "user" }]);
    const api = await management.resourceServers.get("https://tickets.example/api");
    expect(api.scopes).toEqual([{ value: "read:tickets", description: "Read tickets" }]);
  });

  test("finds nothing to change the second time, and sends no write", async () => {
    const before = await writes();
    const text = await deployCli(target, [
      ...["import", "--input_file", join(dir, "target/tenant.yaml"), "--dry-run", "--apply"],
    ]);
    expect(text).not.toMatch(/UPDATE|CREATE|DELETE|Updated|Created/);
    expect(before).toBeGreaterThan(0);
    expect(await writes()).toBe(before);
  });

  test("asks for no operation that the tenant has not", () => {
    const dropped = [...target.droppedFields(), ...source.tenant.droppedFields()];
    expect(dropped.filter(({ field }) => field === "(operation)")).toEqual([]);
  });
});
