/** @module The environments that a tenant's objects tell of, and those that this machine knows beside. */
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { environmentsHere } from "../../environments/environment-files.ts";
import {
  type EnvironmentState,
  stateAt,
  tenantEnvironments,
} from "../../environments/tenant-environments.ts";
import { stackTenant } from "../stack/stack-tenant.ts";
import { type EnvironmentRun, inWords } from "./environment-run.ts";

/** One line of `tvk env list`. */
export interface EnvironmentRow {
  readonly name: string;
  readonly project: string;
  readonly state: EnvironmentState;
  readonly expires: string | null;
  readonly owner: string | null;
  /** Host of its tenant, or `own` where it has one for itself. */
  readonly tenant: string;
  /** In words. Undefined where its own tenant was not asked: it need not run. */
  readonly objects?: readonly string[];
  /** This machine has its configuration, and for a local stack its state. */
  readonly here: boolean;
}

/** Lists them: those of the tenant of `from`, then those of this machine that have objects nowhere else. */
export async function listEnvironments(run: EnvironmentRun): Promise<EnvironmentRow[]> {
  const now = Date.now();
  const tenant = await stackTenant(run);
  const here = environmentsHere(run.projectDir);
  const onTenant = (await tenantEnvironments(managementOf(tenant), now)).map(
    ({ name, project, state, expires, owner, objects }) => ({
      name,
      project,
      state,
      expires: expires ?? null,
      owner: owner ?? null,
      tenant: tenant.domain,
      objects: objects.map(inWords),
      here: project === tenant.project && here.some((each) => each.name === name),
    }),
  );
  const others = here
    .filter(({ name, ownTenant }) => ownTenant || !onTenant.some((each) => each.name === name))
    .map(({ name, owner, expires, ownTenant }) => ({
      name,
      project: tenant.project,
      state: stateAt(expires, now),
      expires: expires ?? null,
      owner: owner ?? null,
      tenant: ownTenant ? "own" : tenant.domain,
      ...(ownTenant ? {} : { objects: [] }),
      here: true,
    }));
  return [...onTenant, ...others];
}
