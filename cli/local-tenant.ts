/** @module The tenant on this machine: started, found, stopped and reset through the supervisor. */
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceSpec } from "../services/service-spec.ts";
import { type ServiceStatus, supervisor } from "../services/supervisor.ts";

/** The machine-to-machine application of a local tenant, as `tenant/` writes it. */
export interface ManagementClient {
  /** Host and port. */
  readonly domain: string;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: string;
}

/** A local tenant that runs. */
export interface LocalTenant extends ManagementClient {
  readonly url: string;
  readonly caFile: string;
  /** `started` when this call started it. */
  readonly outcome: "started" | "adopted" | "replaced";
}

/** Port of a project's tenant, where it is free when the tenant is made; TVK_TENANT_PORT says another. */
const defaultPort = 4443;
const serviceName = "tenant";

/** Thrown when something needs the local tenant's data and there is none. */
class NoTenantError extends Error {
  readonly code = "NO_TENANT";
  readonly hint = "Run `tvk tenant start`.";
  constructor(dir: string) {
    super(`there is no local tenant in ${dir}`);
    this.name = "NoTenantError";
  }
}

/** Folder of a project's tenant. */
export function tenantDir(projectDir: string): string {
  return resolve(projectDir, ".tvk", "tenant");
}

/** The supervisor of everything that a project keeps running. */
export function projectSupervisor(projectDir: string): ReturnType<typeof supervisor> {
  return supervisor(resolve(projectDir, ".tvk", "services"));
}

/**
 * Makes sure that the project's tenant runs, and says how to reach it.
 *
 * @param port Default: the port its data belongs to, else 4443.
 */
export async function startLocalTenant(projectDir: string, port?: number): Promise<LocalTenant> {
  const dir = tenantDir(projectDir);
  const kept = readManagementClient(dir);
  const chosen = port ?? portOf(kept) ?? (await firstPort());
  const { outcome } = await projectSupervisor(projectDir).ensure(tenantSpec(projectDir, chosen));
  const url = `https://localhost:${chosen}`;
  return { ...requireManagementClient(dir), url, caFile: join(dir, "ca.pem"), outcome };
}

/** The project's tenant as the supervisor takes it. Undefined where none was ever started. */
export function keptTenantSpec(projectDir: string): ServiceSpec | undefined {
  const port = portOf(readManagementClient(tenantDir(projectDir)));
  return port === undefined ? undefined : tenantSpec(projectDir, port);
}

function tenantSpec(projectDir: string, port: number): ServiceSpec {
  const dir = tenantDir(projectDir);
  const main = fileURLToPath(new URL("../tenant/main.ts", import.meta.url));
  return {
    name: serviceName,
    command: ["node", main, "--dir", dir, "--port", String(port)],
    cwd: projectDir,
    env: {},
    ready: {
      url: `https://localhost:${port}/.well-known/openid-configuration`,
      caFile: join(dir, "ca.pem"),
    },
  };
}

/** Stops the project's tenant; its data stays. False when none ran. */
export function stopLocalTenant(projectDir: string): Promise<boolean> {
  return projectSupervisor(projectDir).stop(serviceName);
}

/** What the supervisor knows of the project's tenant. */
export async function localTenantStatus(projectDir: string): Promise<ServiceStatus | undefined> {
  const all = await projectSupervisor(projectDir).status();
  return all.find(({ name }) => name === serviceName);
}

/** Stops the tenant and removes its data: users, connected accounts, keys, everything. */
export async function resetLocalTenant(projectDir: string): Promise<void> {
  await stopLocalTenant(projectDir);
  rmSync(tenantDir(projectDir), { recursive: true, force: true });
}

/** @throws {NoTenantError} `NO_TENANT`: it was never started here. */
function requireManagementClient(dir: string): ManagementClient {
  const found = readManagementClient(dir);
  if (found === undefined) throw new NoTenantError(dir);
  return found;
}

function readManagementClient(dir: string): ManagementClient | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, "management-client.json"), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Another project's tenant may have the usual port: then any free one, which the data keeps from then on. */
async function firstPort(): Promise<number> {
  const asked = Number(process.env["TVK_TENANT_PORT"] || defaultPort);
  return (await listenOn(asked)) ?? (await listenOn(0)) ?? asked;
}

function listenOn(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const taken = typeof address === "object" ? address?.port : undefined;
      server.close(() => resolve(taken));
    });
  });
}

function portOf(client: ManagementClient | undefined): number | undefined {
  return client === undefined ? undefined : Number(new URL(`https://${client.domain}`).port || 443);
}
