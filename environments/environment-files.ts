/** @module What this machine keeps of an environment: its stack's configuration, made from that of the stack it is like. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import {
  committedConfig,
  environmentConfig,
  environmentsDir,
  stackConfig,
} from "../engine/stack-config.ts";
import { replaceFile } from "../locks/whole-file.ts";
import { EnvironmentError } from "./environment-terms.ts";

/** What `tvk env create` was asked for. */
export interface EnvironmentWish {
  readonly name: string;
  /** The stack that it is like. */
  readonly from: string;
  readonly owner: string;
  /** ISO 8601. */
  readonly expires: string;
  /** A local tenant of its own, instead of a share in that of `from`. */
  readonly ownTenant: boolean;
  /** Where its helpdesk listens, if it has to start one and has no port yet. */
  readonly port: number;
}

/** An environment that this machine knows. */
export interface EnvironmentHere {
  readonly name: string;
  readonly owner: string | undefined;
  readonly expires: string | undefined;
  readonly ownTenant: boolean;
}

interface ConfigFile {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

const namespace = "token-vault-kit";

/**
 * Writes or renews the configuration of an environment. A renewed one keeps its port and its tenant.
 *
 * @throws {EnvironmentError} `invalid_environment`: a committed stack has the name, or the tenant
 * can't be what was asked for.
 */
export function writeEnvironment(projectDir: string, wish: EnvironmentWish): EnvironmentHere {
  const { name, from, owner, expires } = wish;
  const file = environmentConfig(projectDir, name);
  if (existsSync(committedConfig(projectDir, name))) throw taken(name);
  const base = read(stackConfig(projectDir, from));
  const before = existsSync(file) ? read(file) : undefined;
  const local = base.config?.[`${namespace}:tenant`] === "local";
  const ownTenant = tenantWished(projectDir, wish, local, before !== undefined);
  const own = {
    owner,
    expires,
    // In a tenant of its own, names are those of production.
    namePrefix: ownTenant ? undefined : `${name}-`,
    helpdesk: helpdeskOf(base, before, wish.port),
  };
  const config = Object.fromEntries(
    [
      ...Object.entries(base.config ?? {}),
      ...Object.entries(own).map(([key, value]) => [`${namespace}:${key}`, value] as const),
    ].filter(([, value]) => value !== undefined),
  );
  const { config: _, ...secrets } = { ...before, ...base };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  copyFileSync(join(projectDir, "Pulumi.yaml"), join(dirname(file), "Pulumi.yaml"));
  if (ownTenant) mkdirSync(tenantDirOf(projectDir, name), { recursive: true, mode: 0o700 });
  // A local stack has a passphrase of its own; elsewhere salt or key go with the secrets they open.
  replaceFile(file, stringify({ ...(local ? {} : secrets), config }, { schema: "yaml-1.1" }));
  return { name, owner, expires, ownTenant };
}

/** The environment of this name on this machine. */
export function environmentHere(projectDir: string, name: string): EnvironmentHere | undefined {
  const file = environmentConfig(projectDir, name);
  if (!existsSync(file)) return undefined;
  const { config = {} } = read(file);
  const text = (key: string) => {
    const value = config[`${namespace}:${key}`];
    return typeof value === "string" ? value : undefined;
  };
  const ownTenant = existsSync(tenantDirOf(projectDir, name));
  return { name, owner: text("owner"), expires: text("expires"), ownTenant };
}

/** Every environment on this machine. */
export function environmentsHere(projectDir: string): EnvironmentHere[] {
  const dir = environmentsDir(projectDir);
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .sort()
    .flatMap((name) => environmentHere(projectDir, name) ?? []);
}

/** Forgets an environment: configuration, state, the data of its helpdesk and of a tenant of its own. */
export function forgetEnvironment(projectDir: string, name: string): void {
  rmSync(join(projectDir, ".tvk", "stacks", name), { recursive: true, force: true });
  rmSync(join(environmentsDir(projectDir), name), { recursive: true, force: true });
}

/** Folder of the tenant that belongs to one environment alone; it is there only if there is such a tenant. */
export function tenantDirOf(projectDir: string, name: string): string {
  return join(environmentsDir(projectDir), name, "tenant");
}

function tenantWished(
  projectDir: string,
  { name, from, ownTenant }: EnvironmentWish,
  local: boolean,
  known: boolean,
): boolean {
  if (ownTenant && !local) {
    throw new EnvironmentError(
      "invalid_environment",
      `"${from}" is no local stack: Auth0 makes no tenants by API`,
      `Without --own-tenant the environment shares the tenant of "${from}"; or give --from LOCAL_STACK.`,
    );
  }
  const has = existsSync(tenantDirOf(projectDir, name));
  if (known && ownTenant && !has) {
    throw new EnvironmentError(
      "invalid_environment",
      `"${name}" shares a tenant already`,
      `Run \`tvk env destroy ${name}\` first, or take another name.`,
    );
  }
  return ownTenant || has;
}

function helpdeskOf(base: ConfigFile, before: ConfigFile | undefined, port: number): unknown {
  const key = `${namespace}:helpdesk`;
  const helpdesk = (base.config?.[key] ?? {}) as { mode?: string };
  if (helpdesk.mode === "external") return helpdesk;
  const kept = (before?.config?.[key] ?? {}) as { port?: number };
  return { ...helpdesk, port: kept.port ?? port };
}

function taken(name: string): EnvironmentError {
  return new EnvironmentError(
    "invalid_environment",
    `"${name}" is a stack of the project: Pulumi.${name}.yaml is there`,
    "Take another name for the environment.",
  );
}

function read(file: string): ConfigFile {
  return parse(readFileSync(file, "utf8")) ?? {};
}
