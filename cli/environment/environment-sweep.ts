/** @module Removes what leaked environments left: in the tenant by the marks, on this machine by the state. */
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { isLocal } from "../../engine/stack-config.ts";
import {
  type EnvironmentHere,
  environmentHere,
  environmentsHere,
} from "../../environments/environment-files.ts";
import { isOver, type LeftBehind, planSweep, removeEnvironment } from "../../environments/sweep.ts";
import {
  stateAt,
  type TenantEnvironment,
  tenantEnvironments,
} from "../../environments/tenant-environments.ts";
import { stackTenant } from "../stack/stack-tenant.ts";
import { removeContainers } from "./environment-containers.ts";
import {
  changing,
  destroyEnvironment,
  destroyInBackend,
  type EnvironmentRun,
  inWords,
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

  /** @param work What it removed, in words; undefined where all of it stayed. */
  const attempt = async (
    { name, owner }: Pick<TenantEnvironment, "name" | "owner">,
    objects: string[],
    work: () => Promise<string[] | undefined>,
  ) => {
    const busy = changing(run.projectDir, name);
    if (busy !== undefined) {
      left.push({ name, project: tenant.project, owner, why: busy });
      return;
    }
    try {
      const gone = dryRun ? objects : await work();
      if (gone !== undefined) removed.push({ name, objects: gone });
    } catch (error) {
      failed.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  };
  const renewed = ({ name, owner }: Pick<TenantEnvironment, "name" | "owner">) => {
    left.push({ name, project: tenant.project, owner, why: "renewed meanwhile" });
    return undefined;
  };
  const byState = async (name: string, objects: string[]) => {
    left.push(...(await destroyEnvironment(run, name)).left);
    return objects;
  };
  /** As they are now: each owner's of this name. */
  const namedAs = async ({ name, project }: TenantEnvironment) =>
    (await tenantEnvironments(api, now)).filter(
      (each) => each.name === name && each.project === project,
    );
  const byMarks = async (environment: TenantEnvironment) => {
    const { name, objects } = environment;
    const named = await namedAs(environment);
    let byEngine = false;
    // Two owners' environments of one name have two backends, and this one may be neither's.
    if (named.length === 1 && named[0]?.state === "expired") {
      const inBackend = await destroyInBackend(run, environment);
      byEngine = inBackend.byState;
      left.push(...inBackend.left);
    }
    const done = await removeEnvironment(api, environment, isOver(now));
    left.push(...done.left);
    // What was renewed meanwhile keeps its containers too.
    if (done.left.length === 0) await removeContainers(run, tenant, name);
    if (byEngine) return objects.map(inWords);
    const allStayed = done.removed.length === 0 && done.left.length > 0;
    return allStayed ? undefined : done.removed.map(inWords);
  };
  /** A renewal on another machine has reached the tenant; one here writes its file first, and looks for its engine then. */
  const byStateIfOver = async (environment: TenantEnvironment, known: EnvironmentHere) => {
    const named = await namedAs(environment);
    const still = environmentHere(run.projectDir, known.name);
    // Another sweep was quicker.
    if (still === undefined) return byMarks(environment);
    const found = named.find(({ owner }) => owner === environment.owner);
    const isRenewed = found !== undefined && found.state !== "expired";
    if (isRenewed || stateAt(still.expires, now) !== "expired") return renewed(environment);
    // A destroy on a local tenant takes all that bears the stack's name, whoever's it is.
    const others = named.some((each) => each !== found && each.state !== "expired");
    if (others && isLocal(run.projectDir, run.from)) return byMarks(environment);
    return byState(environment.name, environment.objects.map(inWords));
  };

  for (const each of plan.remove) {
    // Two owners' environments of one name are two.
    const known = here.find(
      ({ name, owner, ownTenant }) => name === each.name && owner === each.owner && !ownTenant,
    );
    await attempt(each, each.objects.map(inWords), () =>
      known ? byStateIfOver(each, known) : byMarks(each),
    );
  }
  const done = new Set([...plan.remove, ...plan.left].map(({ name }) => name));
  for (const each of here) {
    // A tenant of its own was not asked; and of a run that was killed early nothing is in the tenant yet.
    if (!each.ownTenant && done.has(each.name)) continue;
    if (!isOurs(each, owner) || stateAt(each.expires, now) !== "expired") continue;
    await attempt(each, [], async () => {
      const still = environmentHere(run.projectDir, each.name);
      if (still === undefined) return undefined;
      return stateAt(still.expires, now) === "expired" ? byState(each.name, []) : renewed(each);
    });
  }
  return { removed, left, failed };
}

function isOurs(environment: EnvironmentHere, owner: string | undefined): boolean {
  return owner === undefined || environment.owner === owner;
}
