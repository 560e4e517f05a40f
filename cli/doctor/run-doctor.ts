/** @module Walks the chain link by link: each is looked at when what it stands on is whole. */
import { type Chain, type ChainOptions, chainOf, refusalOf } from "./chain.ts";
import { type Check, type Finding, skipped } from "./check.ts";
import { clientChecks } from "./client-checks.ts";
import { managementChecks } from "./management-checks.ts";
import { networkChecks } from "./network-checks.ts";
import { accountChecks, loginChecks } from "./user-checks.ts";
import { connectionChecks, myAccountChecks } from "./vault-checks.ts";

/** A link as `--json` prints it. */
export interface CheckResult {
  readonly id: string;
  readonly status: Finding["status"];
  readonly message: string;
  readonly hint?: string;
}

/** Every link, in the order in which a request meets them. */
const checks: readonly Check[] = [
  ...networkChecks,
  ...clientChecks,
  ...myAccountChecks,
  ...connectionChecks,
  ...loginChecks,
  ...accountChecks,
];

/**
 * Looks at every link of a chain. Sends only requests that change nothing, except that a rotated
 * refresh token is kept. Wrong grants are asked for on purpose, which the tenant's log shows.
 */
export async function runDoctor(options: ChainOptions): Promise<CheckResult[]> {
  const chain = chainOf(options);
  const results: CheckResult[] = [];
  const asked = options.management === undefined ? checks : [...checks, ...managementChecks];
  for (const check of asked) {
    results.push({ id: check.id, ...(await findingOf(check, chain, results)) });
  }
  return results;
}

async function findingOf(
  { needs, run }: Check,
  chain: Chain,
  before: readonly CheckResult[],
): Promise<Finding> {
  const lacking = before.find(({ id, status }) => needs.includes(id) && status !== "ok");
  if (lacking !== undefined) {
    return skipped(lacking.status === "failed" ? `needs ${lacking.id}` : lacking.message);
  }
  try {
    return await run(chain);
  } catch (error) {
    const { hint = "Try again; --timeout SECONDS gives more time." } = error as { hint?: string };
    return { status: "failed", message: refusalOf(error).message, hint };
  }
}
