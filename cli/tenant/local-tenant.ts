/** @module The tenants on this machine: started, found, stopped and reset through the supervisor. */
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { tenantDirOf } from "../../environments/environment-files.ts";
import { holderInWords, type LockHolder, withLock } from "../../locks/file-lock.ts";
import { textIfThere } from "../../locks/if-there.ts";
import type { ServiceSpec } from "../../services/service-spec.ts";
import { type ServiceStatus, supervisor } from "../../services/supervisor.ts";
import { say } from "../output.ts";
import { tenantFlags } from "./tenant-options.ts";

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
  /** Its name among the project's services. */
  readonly service: string;
  /** The environment that it belongs to alone; none for the project's. */
  readonly environment: string | undefined;
  /** `started` when this call started it. */
  readonly outcome: "started" | "adopted" | "replaced";
}

/** Port of a project's tenant, where it is free when the tenant is made; TVK_TENANT_PORT says another. */
const defaultPort = 4443;
const serviceName = "tenant";
/** A first start takes a few seconds; several may wait for one another. */
const firstStartMs = 120_000;

/** Thrown when something needs the local tenant's data and there is none. */
class NoTenantError extends Error {
  readonly code = "NO_TENANT";
  readonly hint = "Run `tvk tenant start`.";
  constructor(dir: string) {
    super(`there is no local tenant in ${dir}`);
    this.name = "NoTenantError";
  }
}

/** Folder of a project's tenant, or of the one that belongs to an environment alone. */
export function tenantDir(projectDir: string, environment?: string): string {
  if (environment !== undefined) return tenantDirOf(projectDir, environment);
  return resolve(projectDir, ".tvk", "tenant");
}

/** The supervisor of everything that a project keeps running. */
export function projectSupervisor(projectDir: string): ReturnType<typeof supervisor> {
  return supervisor(resolve(projectDir, ".tvk", "services"), say);
}

/**
 * Makes sure that the project's tenant runs, and says how to reach it.
 *
 * @param port Default: the port its data belongs to, else 4443.
 * @param environment The environment whose own tenant is meant, instead of the project's.
 */
export function startLocalTenant(
  projectDir: string,
  port?: number,
  environment?: string,
): Promise<LocalTenant> {
  const dir = tenantDir(projectDir, environment);
  const start = async () => {
    const service = serviceOf(environment);
    return { ...(await startedIn(projectDir, dir, service, port)), service, environment };
  };
  if (readManagementClient(dir) !== undefined) return start();
  // Two first starts at once would each choose a port, and the second replace what the first one made.
  const waiting = (holder: LockHolder | undefined) =>
    say(`Waiting for ${holderInWords(holder)}, which starts the tenant for the first time.`);
  const wait = { timeoutMs: firstStartMs, waiting };
  return withLock(`${dir}.lock`, wait, start);
}

async function startedIn(
  projectDir: string,
  dir: string,
  name: string,
  port: number | undefined,
): Promise<Omit<LocalTenant, "service" | "environment">> {
  const kept = readManagementClient(dir) ?? (await lostClient(projectDir, dir, name));
  const chosen = port ?? portOf(kept) ?? (await firstPort());
  const { outcome } = await projectSupervisor(projectDir).ensure(
    tenantSpec(projectDir, dir, name, chosen),
  );
  const url = `https://localhost:${chosen}`;
  return { ...requireManagementClient(dir), url, caFile: join(dir, "ca.pem"), outcome };
}

/** The project's tenant, or an environment's own, as the supervisor takes it. Undefined where none was ever started. */
export function keptTenantSpec(
  projectDir: string,
  environment: string | undefined,
): ServiceSpec | undefined {
  const dir = tenantDir(projectDir, environment);
  const port = portOf(readManagementClient(dir));
  return port === undefined ? undefined : tenantSpec(projectDir, dir, serviceOf(environment), port);
}

function tenantSpec(projectDir: string, dir: string, name: string, port: number): ServiceSpec {
  const main = fileURLToPath(new URL("../../tenant/main.mjs", import.meta.url));
  return {
    name,
    command: [
      "node",
      main,
      "--dir",
      dir,
      "--port",
      String(port),
      ...tenantFlags(dir),
      ...limitFlags(),
    ],
    cwd: projectDir,
    env: testEnvironment(),
    ready: {
      url: `https://localhost:${port}/.well-known/openid-configuration`,
      caFile: join(dir, "ca.pem"),
    },
  };
}

/** What a test of ours asks of a tenant in a process of its own (tenant/main.ts); nothing in a user's run. */
function testEnvironment(): Record<string, string> {
  const folder = process.env["TVK_TENANT_EXCHANGES"];
  return folder === undefined || folder === "" ? {} : { TVK_TENANT_EXCHANGES: folder };
}

/** TVK_TENANT_LIMIT=free: the tenant refuses what a free tenant of Auth0 would, two requests a second. */
function limitFlags(): string[] {
  const limit = process.env["TVK_TENANT_LIMIT"];
  return limit === undefined || limit === "" ? [] : ["--management-limit", limit];
}

/** Stops the project's tenant, or an environment's own; its data stays. False when none ran. */
export function stopLocalTenant(projectDir: string, environment?: string): Promise<boolean> {
  return projectSupervisor(projectDir).stop(serviceOf(environment));
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

function serviceOf(environment: string | undefined): string {
  return environment === undefined ? serviceName : `${environment}-${serviceName}`;
}

/** @throws {NoTenantError} `NO_TENANT`: it was never started here. */
function requireManagementClient(dir: string): ManagementClient {
  const found = readManagementClient(dir);
  if (found === undefined) throw new NoTenantError(dir);
  return found;
}

/** Undefined where the file is missing, and where it is damaged. */
function readManagementClient(dir: string): ManagementClient | undefined {
  const text = textIfThere(clientFile(dir));
  if (text === undefined) return undefined;
  try {
    const client: Partial<ManagementClient> | null = JSON.parse(text);
    const { domain, clientId, clientSecret } = client ?? {};
    if (domain === undefined || clientId === undefined || clientSecret === undefined) return;
    return { domain, clientId, clientSecret };
  } catch {
    return undefined;
  }
}

/**
 * A tenant whose file is missing or damaged writes it anew at its next start: it is stopped, so that
 * there is one. Its port is known from its last run.
 */
async function lostClient(
  projectDir: string,
  dir: string,
  name: string,
): Promise<Pick<ManagementClient, "domain"> | undefined> {
  const last = (await projectSupervisor(projectDir).status()).find((each) => each.name === name);
  const isDamaged = existsSync(clientFile(dir));
  if (isDamaged || last?.alive === true) {
    say(`${clientFile(dir)} was ${isDamaged ? "damaged" : "gone"}: the tenant writes it anew.`);
    await projectSupervisor(projectDir).stop(name);
  }
  return last && { domain: new URL(last.url).host };
}

function clientFile(dir: string): string {
  return join(dir, "management-client.json");
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

function portOf(client: Pick<ManagementClient, "domain"> | undefined): number | undefined {
  return client === undefined ? undefined : Number(new URL(`https://${client.domain}`).port || 443);
}
