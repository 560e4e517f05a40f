/** @module The Management application and the tenant's own settings, where somebody may ask the Management API. */
import type { Chain } from "./chain.ts";
import { type Check, failed, ok, skipped } from "./check.ts";
import { endpointCheck } from "./endpoint-check.ts";
import { managementScopes } from "./management-scopes.ts";
import { planChecks } from "./plan-checks.ts";

export const managementChecks: readonly Check[] = [
  {
    id: "management_scopes",
    needs: ["discovery"],
    run: async ({ management }) => {
      const granted = await management?.grantedScopes();
      if (granted === undefined) return ok("the tenant does not say which scopes it granted");
      const missing = managementScopes.filter((scope) => !granted.includes(scope));
      return missing.length === 0
        ? ok(
            `the Management application has the ${managementScopes.length} scopes that a stack needs`,
          )
        : failed(
            `the Management application lacks ${missing.join(" ")}`,
            "Grant them: Applications > the application > APIs > Auth0 Management API (docs/real-tenant.md).",
          );
    },
  },
  { id: "mfa_policy", needs: ["discovery"], run: mfaPolicy },
  ...planChecks,
  endpointCheck,
];

/** `all-applications` is what the dashboard calls "Always" (Management API, Guardian policies). */
async function mfaPolicy({ management }: Chain) {
  const policies = await management?.mfaPolicies();
  if (policies === "hidden") {
    return skipped("the MFA policy is not shown", "Grant read:mfa_policies to have it looked at.");
  }
  return policies?.includes("all-applications")
    ? failed(
        'multi-factor authentication is "Always": the vault exchanges without a person and can ask nobody',
        "Choose another policy: Security > Multi-factor Auth > Policies.",
      )
    : ok('multi-factor authentication is not "Always"');
}
