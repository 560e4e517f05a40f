/** @module Makes and removes one environment: its stack on the engine, and what belongs to it on this machine. */
import { createServer } from "node:net";
import { join } from "node:path";
import { managementOf, stackMark } from "../../engine/recovery/marked-objects.ts";
import { isLocal } from "../../engine/stack-config.ts";
import {
  type EnvironmentHere,
  environmentHere,
  forgetEnvironment,
  writeEnvironment,
} from "../../environments/environment-files.ts";
import { EnvironmentError } from "../../environments/environment-terms.ts";
import { type LeftBehind, removeEnvironment } from "../../environments/sweep.ts";
import {
  type TenantEnvironment,
  tenantEnvironments,
} from "../../environments/tenant-environments.ts";
import { lockHolder } from "../../locks/file-lock.ts";
import {
  clientOf,
  removeStackProfile,
  type ShownOutputs,
  saveStackProfile,
} from "../profiles/stack-profile.ts";
import type { Progress } from "../progress.ts";
import { type OpenStack, openStack } from "../stack/stack.ts";
import { engineFailure } from "../stack/stack-args.ts";
import { stackTenant } from "../stack/stack-tenant.ts";
import { projectSupervisor, stopLocalTenant } from "../tenant/local-tenant.ts";
import { removeContainers } from "./environment-containers.ts";

/** Where an environment is made or removed, and what is shown of it. */
export interface EnvironmentRun {
  readonly projectDir: string;
  /** The stack that it is like, whose tenant it shares. */
  readonly from: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** An environment that is up. */
export interface MadeEnvironment extends EnvironmentHere {
  readonly status: "created" | "updated";
  /** Name of its profile: its own, unless another project has one of that name. */
  readonly profile: string;
  readonly outputs: ShownOutputs;
}

/** What a destroy came to. */
export interface DestroyedEnvironment {
  /** `state`: by its stack's state, here or in the user's backend. `marks`: there was none, so by the marks on the objects. */
  readonly by: "state" | "marks";
  /** In words; empty where the engine has listed them. */
  readonly removed: readonly string[];
  readonly left: readonly LeftBehind[];
}

/** The engine must not ask: an environment is made by a script. */
const unasked = ["--yes", "--skip-preview", "--non-interactive"];

/**
 * Brings an environment up, or to what the program says now, and renews its expiry.
 *
 * @param flags Of the engine's `up`: a policy pack.
 */
export async function createEnvironment(
  run: EnvironmentRun,
  wish: { name: string; owner: string; expires: string; ownTenant: boolean },
  flags: readonly string[] = [],
): Promise<MadeEnvironment> {
  const { projectDir, from } = run;
  const known = environmentHere(projectDir, wish.name) !== undefined;
  const port = await freePort();
  const environment = writeEnvironment(projectDir, { ...wish, from, port });
  const stack = await opened(run, wish.name);
  // A state in the user's own backend may be older than what a sweep without it has removed.
  const looks = stack.tenant === undefined && !known ? ["--refresh"] : [];
  const { exitCode } = await stack.pulumi(["up", ...looks, ...flags, ...unasked], "stderr");
  if (exitCode !== 0) throw engineFailure("up", exitCode);
  const { profile, outputs } = await saveStackProfile(stack);
  return { ...environment, status: known ? "updated" : "created", profile, outputs };
}

/**
 * Removes an environment: by its state where this machine has it, else by the marks on its objects.
 *
 * @throws {EnvironmentError} `unknown_environment`: neither is there. `not_an_environment`: a stack
 * that stays.
 */
export async function destroyEnvironment(
  run: EnvironmentRun,
  name: string,
): Promise<DestroyedEnvironment> {
  if (environmentHere(run.projectDir, name) === undefined) return destroyElsewhere(run, name);
  const stack = await opened(run, name);
  const client = await clientOf(stack);
  await destroyStack(stack);
  await forgetHere(run, name);
  await removeStackProfile({ place: stack, client });
  return { by: "state", removed: [], left: [] };
}

async function destroyStack(stack: OpenStack): Promise<void> {
  for (const args of [
    ["destroy", ...unasked],
    ["stack", "rm", "--yes", "--non-interactive"],
  ]) {
    const { exitCode } = await stack.pulumi(args, "stderr");
    if (exitCode !== 0) throw engineFailure(args[0] ?? "", exitCode);
  }
}

/** What came of an environment's stack in the user's own backend. */
interface DestroyedInBackend {
  /** True where the engine has destroyed it. */
  readonly byState: boolean;
  readonly left: readonly LeftBehind[];
}

/**
 * Destroys, in the user's own backend, the stack of an environment that another machine made, so that no
 * state stays there that is about objects which are gone. Does nothing where that backend is not at hand.
 */
export async function destroyInBackend(
  run: EnvironmentRun,
  { name, project, owner = "", expires = "" }: TenantEnvironment,
): Promise<DestroyedInBackend> {
  const { projectDir, from } = run;
  const nothing = { byState: false, left: [] };
  if (isLocal(projectDir, from) || environmentHere(projectDir, name) !== undefined) return nothing;
  const notDestroyed = (error: unknown, advice = "") => {
    const why = `${error instanceof Error ? error.message : error}${advice}`;
    const object = "its stack in your backend";
    return { byState: false, left: [{ name, project, owner, object, why }] };
  };
  try {
    const port = await freePort();
    writeEnvironment(projectDir, { name, from, owner, expires, ownTenant: false, port });
  } catch (error) {
    // A committed stack has the name: what this machine keeps under it is that stack's.
    return notDestroyed(error);
  }
  try {
    const stack = await opened(run, name).catch(() => undefined);
    if (stack === undefined) return nothing;
    const client = await clientOf(stack);
    await destroyStack(stack);
    // A profile of its name may be another's; the client's is this one's.
    await removeStackProfile({ client });
    return { byState: true, left: [] };
  } catch (error) {
    const advice = "If nobody works on it: pulumi cancel, then pulumi stack rm --force";
    return notDestroyed(error, `. ${advice}`);
  } finally {
    await forgetHere(run, name);
  }
}

/** Who changes the environment's stack on this machine now. */
export function changing(projectDir: string, name: string): string | undefined {
  const holder = lockHolder(join(projectDir, ".tvk", "stacks", name, "run.lock"));
  return holder && `process ${holder.pid} is changing it`;
}

/** Stops what runs for an environment, and removes what this machine keeps of it. */
async function forgetHere({ projectDir }: EnvironmentRun, name: string): Promise<void> {
  await projectSupervisor(projectDir).stop(`${name}-helpdesk`);
  if (environmentHere(projectDir, name)?.ownTenant === true) {
    await stopLocalTenant(projectDir, name);
  }
  forgetEnvironment(projectDir, name);
}

/** One that this machine has no configuration of: by its stack where that is in the user's backend, and by its marks. */
async function destroyElsewhere(run: EnvironmentRun, name: string): Promise<DestroyedEnvironment> {
  const tenant = await stackTenant(run);
  const api = managementOf(tenant);
  const all = await tenantEnvironments(api, Date.now());
  const found = all.filter((each) => each.name === name && each.project === tenant.project);
  const [environment] = found;
  if (environment === undefined) {
    throw new EnvironmentError(
      "unknown_environment",
      `there is no environment "${name}", neither on this machine nor in the tenant ${tenant.domain}`,
      "`tvk env list` shows all.",
    );
  }
  if (found.length > 1) {
    const owners = found.map(({ owner }) => owner ?? "nobody");
    throw new EnvironmentError(
      "invalid_environment",
      `"${name}" is there ${found.length} times, of ${owners.join(", ")}`,
      "Destroy it where it was made, or wait for its expiry: `tvk env sweep --owner NAME` removes one owner's.",
    );
  }
  if (environment.expires === undefined) {
    throw new EnvironmentError(
      "not_an_environment",
      `"${name}" is no environment: its objects bear no expiry`,
      `A stack that stays is removed with: tvk destroy --stack ${name}`,
    );
  }
  const mark = stackMark(tenant.project, name);
  const inBackend = await destroyInBackend(run, environment);
  const { removed, left } = await removeEnvironment(
    api,
    environment,
    (marks) => marks["tvk_stack"] === mark && marks["tvk_expires"] !== undefined,
  );
  const onDaemon = await removeContainers(run, tenant, name);
  return {
    by: inBackend.byState ? "state" : "marks",
    removed: [...removed.map(inWords), ...onDaemon],
    left: [...inBackend.left, ...left],
  };
}

/** What was removed, for a person. */
export function inWords({ kind, name }: { kind: string; name: string }): string {
  return `${kind} "${name}"`;
}

function opened({ projectDir, env, progress }: EnvironmentRun, stack: string): Promise<OpenStack> {
  return openStack({ projectDir, stack, env, progress });
}

/** A port that was free a moment ago: two environments that are made at once get different ones. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
