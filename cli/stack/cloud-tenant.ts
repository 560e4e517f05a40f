/** @module The tenant of a stack in the user's own backend, as recovery asks it: with the run's own credentials. */
import { z } from "zod";
import { readCredentials } from "../../engine/plugins/auth0/credentials.ts";
import { management } from "../../engine/plugins/auth0/management.ts";
import type { CloudTenant } from "../../engine/recovery/cloud-run.ts";
import type { EngineResult } from "../../engine/recovery/guarded-stack.ts";
import { markedObjects, stackMark, unmark } from "../../engine/recovery/marked-objects.ts";
import { tenantLookUp } from "../../engine/recovery/tenant-look-up.ts";
import { projectName } from "../../engine/stack-config.ts";

/** Whose tenant. */
export interface CloudTenantOptions {
  readonly projectDir: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the engine on the stack. */
  pulumi(args: readonly string[]): Promise<EngineResult>;
}

/** `pulumi config --json`: a value that is an object has its text in `value`, too. */
const configSchema = z.record(z.string(), z.object({ value: z.string().optional() }));

/** Undefined where neither the environment nor the stack's configuration has credentials. */
export async function cloudTenant(options: CloudTenantOptions): Promise<CloudTenant | undefined> {
  const { projectDir, stack, env, pulumi } = options;
  const { exitCode, stdout } = await pulumi(["config", "--json", "--show-secrets"]);
  const config = exitCode === 0 ? configSchema.parse(JSON.parse(stdout)) : {};
  const named = Object.entries(config).map(([key, { value }]) => [key, value ?? null] as const);
  const auth0 = named.filter(([key]) => key.startsWith("auth0:"));
  const given = Object.fromEntries(
    auth0.map(([key, value]) => [key.slice("auth0:".length), value]),
  );
  const credentials = orNothing(() => readCredentials(given, env));
  if (credentials === undefined) return undefined;
  const api = management({ credentials, parentAlive: () => true });
  // The key's default is an empty text: no owner.
  const owner = config["token-vault-kit:owner"]?.value || undefined;
  // ORGANIZATION/PROJECT/STACK names a stack, too; the mark has the stack's own name.
  const mark = stackMark(projectName(projectDir), stack.split("/").at(-1) ?? stack);
  const own = async () => {
    const all = await markedObjects(api);
    return all.filter(({ marks }) => marks["tvk_stack"] === mark && marks["tvk_owner"] === owner);
  };
  return {
    lookUp: tenantLookUp(api),
    async marked() {
      return (await own()).map(({ id, marks }) => ({ id, urn: marks["tvk_urn"] ?? "" }));
    },
    async unmark(ids) {
      for (const each of await own()) if (ids.has(each.id)) await unmark(api, each);
    },
  };
}

function orNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
