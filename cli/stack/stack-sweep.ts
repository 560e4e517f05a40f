/** @module Removes what a local stack made and its state does not know: processes, objects of the tenant, objects of the Docker daemon. */
import { type DaemonAddress, daemonAddress } from "../../engine/plugins/docker/daemon-address.ts";
import {
  type MarkedOnDaemon,
  markedOnDaemon,
  removeFromDaemon,
} from "../../engine/plugins/docker/marked-objects.ts";
import type { GuardedStack, Known } from "../../engine/recovery/guarded-stack.ts";
import { stackMark, sweepMarked } from "../../engine/recovery/marked-objects.ts";
import { configured } from "../../engine/stack-config.ts";
import { helpdeskObjectName } from "../../services/helpdesk-container.ts";
import { type LocalTenant, projectSupervisor } from "../tenant/local-tenant.ts";
import { trustAuthority } from "../tenant/trusted-authority.ts";

/** What is swept. */
export interface StackSweep {
  readonly projectDir: string;
  readonly guarded: Pick<GuardedStack, "project" | "stack">;
  readonly tenant: LocalTenant | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** What the state has: it stays. */
  readonly known: Known;
  readonly moment: "before" | "after";
}

/** Removes it. @returns What was removed, in words. */
export async function sweepStack(sweep: StackSweep): Promise<string[]> {
  const { projectDir, guarded, tenant, known, moment } = sweep;
  // A container holds its volume and its image, which `destroy` then can't remove, and its port.
  if (moment === "before") return sweepDaemon(sweep);
  const removed: string[] = [];
  for (const name of servicesOf(guarded.stack)) {
    if (known.types.has("command:local:Command")) break;
    if (await projectSupervisor(projectDir).stop(name)) removed.push(name);
  }
  if (tenant !== undefined) {
    trustAuthority(tenant.caFile);
    removed.push(...(await sweepMarked(guarded, tenant, known.ids)));
  }
  return [...removed, ...(await sweepDaemon(sweep))];
}

function servicesOf(stack: string): string[] {
  return [`${stack}-tunnel`, `${stack}-helpdesk`];
}

/** Services of which the state has another process than the one that runs: the next `up` looks at them again. */
export async function renewServices(
  projectDir: string,
  stack: string,
  said: readonly string[],
): Promise<void> {
  const services = projectSupervisor(projectDir);
  const known = (pid: number) => said.some((line) => line.includes(`"pid":${pid},`));
  for (const name of servicesOf(stack)) await services.renew(name, known);
}

/**
 * A daemon is asked only where the stack may have had a container, and one that does not answer is passed
 * by: of the stacks with a helpdesk most have none.
 */
async function sweepDaemon(sweep: StackSweep): Promise<string[]> {
  const { projectDir, guarded, env, known, moment } = sweep;
  const name = helpdeskObjectName(projectDir, guarded.stack);
  if (name === undefined) return [];
  const { project, stack } = guarded;
  const own = (each: MarkedOnDaemon) =>
    (moment === "after" || each.kind === "container") &&
    isCalled(each, name) &&
    !isKnown(each, known.ids);
  return removeMarkedOnDaemon(projectDir, stack, env, stackMark(project, stack), own);
}

/**
 * Removes from the daemon that a stack uses what bears its mark and is meant.
 *
 * @returns What was removed, in words. Nothing where no daemon answers.
 */
export async function removeMarkedOnDaemon(
  projectDir: string,
  stack: string,
  env: NodeJS.ProcessEnv,
  mark: string,
  isMeant: (each: MarkedOnDaemon, all: readonly MarkedOnDaemon[]) => boolean,
): Promise<string[]> {
  const daemon = daemonOf(projectDir, stack, env);
  const all = (daemon && (await markedOnDaemon(daemon, mark))) ?? [];
  const removed: string[] = [];
  if (daemon === undefined) return removed;
  for (const each of all) {
    if (isMeant(each, all) && (await removeFromDaemon(daemon, each))) {
      removed.push(`${each.kind} "${each.name}"`);
    }
  }
  return removed;
}

/** Containers, volumes and networks have the name; images have it with a tag, or none any more. */
function isCalled({ kind, id, name }: MarkedOnDaemon, wanted: string): boolean {
  return name === wanted || (kind === "image" && (name === id || name.startsWith(`${wanted}:`)));
}

/** A state has an image by the name that it was given. */
function isKnown({ kind, id, name }: MarkedOnDaemon, ids: ReadonlySet<string>): boolean {
  if (kind !== "image") return ids.has(id);
  return ids.has(name) || ids.has(name.replace(/:latest$/, ""));
}

/** The stack's daemon. Undefined where its address is none that we can reach: then the stack had no container of ours. */
function daemonOf(
  projectDir: string,
  stack: string,
  env: NodeJS.ProcessEnv,
): DaemonAddress | undefined {
  try {
    return daemonAddress(dockerConfig(projectDir, stack), env);
  } catch {
    return undefined;
  }
}

/** The provider's configuration: `docker:host` names another daemon than this machine's. */
function dockerConfig(projectDir: string, stack: string): { host?: string } {
  const host = configured(projectDir, stack)["docker:host"];
  return typeof host === "string" ? { host } : {};
}
