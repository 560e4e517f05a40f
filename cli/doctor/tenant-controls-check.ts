/** @module What the local tenant was told to play: a link may be broken because a test wants it so. */
import { join } from "node:path";
import { z } from "zod";
import { ownerRequest } from "../tenant/owner-request.ts";
import { tenantOptions } from "../tenant/tenant-options.ts";
import { localTenantOf } from "./management-view.ts";
import type { CheckResult } from "./run-doctor.ts";

const turned = z.object({
  faults: z.array(z.object({ endpoint: z.string() })),
  clock: z.object({ offset_seconds: z.number() }),
  rate_limit: z.unknown(),
});

/** One result for each thing that is on; none for a tenant that is no local one, or plays nothing. */
export async function tenantControlsCheck(options: {
  readonly domain: string;
  readonly projectDir: string;
}): Promise<CheckResult[]> {
  const { domain, projectDir } = options;
  const found = localTenantOf(domain, projectDir);
  if (found === undefined) return [];
  const { controls, githubStandIn } = tenantOptions(found.dir);
  const results: CheckResult[] = [];
  if (controls === true) {
    const caFile = join(found.dir, "ca.pem");
    const tenant = { ...found.credentials, url: `https://${domain}`, caFile };
    const answer = await ownerRequest(tenant, "GET", "/owner/controls").catch(() => undefined);
    results.push({ id: "tenant_controls", status: "ok", ...said(turned.safeParse(answer).data) });
  }
  if (githubStandIn === true) {
    results.push({
      id: "github_stand_in",
      status: "ok",
      message: "github connections lead to a stand-in on this machine, not to github.com",
    });
  }
  return results;
}

/** A tenant that does not answer is another check's finding. */
function said(state: z.infer<typeof turned> | undefined): Pick<CheckResult, "message" | "hint"> {
  if (state === undefined) return { message: "on; the tenant does not say what is set" };
  const { faults, clock, rate_limit: limit } = state;
  const offset = clock.offset_seconds;
  const set = [
    ...faults.map(({ endpoint }) => [`a fault on ${endpoint}`, "tvk tenant fault --clear"]),
    ...(offset === 0
      ? []
      : [[`the clock ${offset} s from the real time`, "tvk tenant clock --reset"]]),
    ...(limit === undefined || limit === null ? [] : [["a rate limit", "tvk tenant limit none"]]),
  ];
  if (set.length === 0) return { message: "on, and nothing is set" };
  const commands = [...new Set(set.map(([, command]) => command))];
  return {
    message: `set: ${set.map(([what]) => what).join(", ")}`,
    hint: `To take it away: ${commands.join("; ")}`,
  };
}
