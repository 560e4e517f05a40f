/** @module `tvk tenant trust|untrust`: whether this user's browsers take the local tenant's certificate. */
import { join } from "node:path";
import type { CommandDef } from "citty";
import { command } from "../command.ts";
import { printResult } from "../output.ts";
import { startLocalTenant, tenantDir } from "../tenant/local-tenant.ts";
import { trustCa, untrustCa } from "../tenant/trust-store.ts";

export const trust = command({
  description:
    "Let your browsers take the local tenant's certificate (it is good for localhost only)",
  args: {},
  async run() {
    const { caFile } = await startLocalTenant(process.cwd());
    const { store, name } = trustCa(caFile, process.env);
    printResult(
      { status: "trusted", store, name, caFile },
      () => `trusted in ${store}, as “${name}”. Restart the browser.`,
    );
    return undefined;
  },
}) as CommandDef;

export const untrust = command({
  description: "Take that trust away",
  args: {},
  async run() {
    const caFile = join(tenantDir(process.cwd()), "ca.pem");
    const { store, name } = untrustCa(caFile, process.env);
    printResult({ status: "untrusted", store, name }, () => `no longer trusted in ${store}`);
    return undefined;
  },
}) as CommandDef;
