/** @module The real tenant and helpdesk, with Alice signed in and her account connected. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConnect } from "../../../cli/connections/run-connect.ts";
import { loadProfile, saveProfile } from "../../../cli/profiles/profiles.ts";
import { openSession } from "../../../cli/profiles/session.ts";
import { alice, demoVisitor } from "../../../cli/sign-in/demo-user.ts";
import { runLogin } from "../../../cli/sign-in/run-login.ts";
import { CONNECTION, HELPDESK_SCOPES, type RealWorld, realWorld } from "../../cli/real-world.ts";
import type { PortableWorld } from "./portable.ts";

export interface SignedInWorld {
  world: RealWorld;
  portable: PortableWorld;
  ca: string;
  /** `TVK_CONFIG_DIR` of Alice's profile. */
  configDir: string;
}

/** Starts everything; `world.close()` ends it. */
export async function signedInWorld(): Promise<SignedInWorld> {
  const world = await realWorld();
  const { domain, clientId, clientSecret, caFile, helpdeskHost, callbackPort: port } = world;
  const configDir = mkdtempSync(join(tmpdir(), "tvk-portable-"));
  const env = { TVK_CONFIG_DIR: configDir };
  const visit = demoVisitor(alice);
  const profile = { domain, clientId, clientSecret, local: true, caFile, connection: CONNECTION };
  await saveProfile("dev", { ...profile, allowedDomains: [helpdeskHost] }, env);
  await runLogin({ session: openSession({ env }), visit, port });
  await runConnect({
    session: openSession({ env }),
    service: CONNECTION,
    scopes: HELPDESK_SCOPES,
    visit,
    port,
  });
  const refreshToken = loadProfile("dev", env)?.profile.auth0?.refreshToken ?? "";
  return {
    world,
    ca: readFileSync(caFile, "utf8"),
    configDir,
    portable: {
      domain,
      clientId,
      clientSecret,
      refreshToken,
      connection: CONNECTION,
      scopes: HELPDESK_SCOPES,
      apiUrl: world.helpdeskUrl,
    },
  };
}
