/** @module Removes what leaked environments left: in the tenant by the marks, on this machine by the state. */
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { type EnvironmentHere, environmentsHere } from "../../environments/environment-files.ts";
import { isOver, type LeftBehind, planSweep, removeEnvironment } from "../../environments/sweep.ts";
import {
  stateAt,
  type TenantEnvironment,
  tenantEnvironments,
} from "../../environments/tenant-environments.ts";
import { stackTenant } from "../stack/stack-tenant.ts";
import {
  changing,
  destroyEnvironment,
  destroyInBackend,
  type EnvironmentRun,
  inWords,
  removeContainers,
} from "./environment-run.ts";

/** What a sweep did, or would do. */
export interface Swept {
  readonly removed: readonly { readonly name: string; readonly objects: readonly string[] }[];
  readonly left: readonly LeftBehind[];
  /** Environments of which something could not be removed; the next sweep tries again. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Removes every environment whose time is over. One that fails does not keep the others.
 *
 * Where this machine has an environment's state, or the user's backend has it, the engine destroys it, so that
 * containers, tunnels, processes and the state go too; everywhere else the objects' marks are all that is needed.
 */
export async function sweepEnvironments(
  run: EnvironmentRun,
  { owner, dryRun }: { owner: string | undefined; dryRun: boolean },
): Promise<Swept> {
  const now = Date.now();
  const tenant = await stackTenant(run);
  const api = managementOf(tenant);
  const scope = { project: tenant.project, owner, now };
  const plan = planSweep(await tenantEnvironments(api, now), scope);
  const here = environmentsHere(run.projectDir);
  const removed: { name: string; objects: string[] }[] = [];
  const left = [...plan.left];
  const failed: { name: string; why: string }[] = [];

  const attempt = async (name: string, objects: string[], work: () => Promise<void>) => {
    const busy = changing(run.projectDir, name);
    if (busy !== undefined) {
      left.push({ name, project: tenant.project, owner: undefined, why: busy });
      return;
    }
    try {
      if (!dryRun) await work();
      removed.push({ name, objects });
    } catch (error) {
      failed.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  };
  const byState = async (name: string) => {
    left.push(...(await destroyEnvironment(run, name)).left);
  };
  const byMarks = async (environment: TenantEnvironment) => {
    const named = (await tenantEnvironments(api, now)).filter(
      ({ name, project }) => name === environment.name && project === environment.project,
    );
    // Two owners' environments of one name have two backends, and this one may be neither's.
    if (named.length === 1 && named[0]?.state === "expired")
      left.push(...(await destroyInBackend(run, environment)).left);
    const done = await removeEnvironment(api, environment, isOver(now));
    left.push(...done.left);
    // What was renewed meanwhile keeps its containers too.
    if (done.left.length === 0) await removeContainers(run, tenant, environment.name);
  };

  for (const each of plan.remove) {
    const known = here.some(({ name, ownTenant }) => name === each.name && !ownTenant);
    await attempt(each.name, each.objects.map(inWords), () =>
      known ? byState(each.name) : byMarks(each),
    );
  }
  const done = new Set([...plan.remove, ...plan.left].map(({ name }) => name));
  for (const each of here) {
    // A tenant of its own was not asked; and of a run that was killed early nothing is in the tenant yet.
    if (!each.ownTenant && done.has(each.name)) continue;
    if (isOurs(each, owner) && stateAt(each.expires, now) === "expired") {
      await attempt(each.name, [], () => byState(each.name));
    }
  }
  return { removed, left, failed };
}

function isOurs(environment: EnvironmentHere, owner: string | undefined): boolean {
  return owner === undefined || environment.owner === owner;
}
