/** @module The tenant of a stack and the application that manages it, without the engine. */
import type { ManagedTenant } from "../../engine/recovery/marked-objects.ts";
import { configured, isLocal, projectName } from "../../engine/stack-config.ts";
import { EnvironmentError } from "../../environments/environment-terms.ts";
import { startLocalTenant } from "../tenant/local-tenant.ts";
import { trustAuthority } from "../tenant/trusted-authority.ts";

/** A stack's tenant, and the project's name, which its objects' marks begin with. */
export interface StackTenant extends ManagedTenant {
  readonly project: string;
}

/**
 * Finds the tenant that a stack is on: the project's local one, which is started, or the one that its
 * configuration names, with the AUTH0_ variables that the engine would use.
 *
 * @throws {EnvironmentError} `no_management_credentials`
 */
export async function stackTenant(where: {
  readonly projectDir: string;
  readonly from: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<StackTenant> {
  const { projectDir, from, env } = where;
  const project = projectName(projectDir);
  if (isLocal(projectDir, from)) {
    const tenant = await startLocalTenant(projectDir);
    trustAuthority(tenant.caFile);
    return { ...tenant, project };
  }
  const domain = cloudDomain(projectDir, from) ?? env["AUTH0_DOMAIN"];
  const { AUTH0_CLIENT_ID: clientId, AUTH0_CLIENT_SECRET: clientSecret } = env;
  if (!domain || !clientId || !clientSecret) {
    const missing = Object.entries({
      "auth0:domain": domain,
      AUTH0_CLIENT_ID: clientId,
      AUTH0_CLIENT_SECRET: clientSecret,
    }).filter(([, value]) => !value);
    throw new EnvironmentError(
      "no_management_credentials",
      `the tenant of "${from}" can't be asked: ${missing.map(([name]) => name).join(", ")} is not set`,
      "Set them to the Management application's (docs/real-tenant.md).",
    );
  }
  return { domain: domain.replace(/^https?:\/\/|\/+$/g, ""), clientId, clientSecret, project };
}

function cloudDomain(projectDir: string, stack: string): string | undefined {
  const domain = configured(projectDir, stack)["auth0:domain"];
  return typeof domain === "string" ? domain : undefined;
}
