/** @module A tenant with a user who has connected an account, for clients in a process of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorld, type TenantWorld } from "../tenant/authentication/tenant-world.ts";
import { trusting } from "./toolchains.ts";

export interface VaultWorld {
  readonly world: TenantWorld;
  /** Where the tenant is, how it is trusted, and whom to be there. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** @param name The user's, here and at the provider. */
export async function vaultWorld(name: string): Promise<VaultWorld> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-client-"));
  const world = await openWorld();
  const user = await world.signUp(`${name}@acme.test`);
  await world.connect(user, name);
  const { domain, caPem, managementClient } = world.tenant;
  return {
    world,
    env: {
      ...process.env,
      ...trusting(caPem, dir),
      TENANT_DOMAIN: domain,
      CLIENT_ID: managementClient.clientId,
      CLIENT_SECRET: managementClient.clientSecret,
      APP_ID: world.app.id,
      APP_SECRET: world.app.secret,
      REFRESH_TOKEN: user.refreshToken,
      USER_ID: String(user.claims["sub"]),
    },
    async close() {
      await world.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
