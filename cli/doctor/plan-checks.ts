/** @module What the tenant's plan leaves room for: as far as Auth0 tells it. */
import type { Chain } from "./chain.ts";
import { type Check, failed, ok, skipped } from "./check.ts";

/**
 * What the free plan allows (Auth0's entity limit policy). No API tells a tenant's plan: it is taken for the
 * free one where the limit of the Management API is the free one's (inferred).
 */
const freePlan = {
  perSecond: 2,
  social: 2,
  connections: 100,
  apis: 10,
  clientGrants: 100,
} as const;

/**
 * Strategies that are no social connection: databases, passwordless, and those that Auth0 lists as
 * enterprise. That a custom `oauth2` connection counts as a social one is (inferred).
 */
const otherStrategies = new Set([
  ...["auth0", "email", "sms"],
  ...["ad", "adfs", "auth0-adldap", "custom", "google-apps", "ip", "office365", "oidc", "okta"],
  ...["pingfederate", "samlp", "sharepoint", "waad"],
]);

export const planChecks: readonly Check[] = [
  { id: "plan_limits", needs: ["discovery"], run: planLimits },
];

async function planLimits({ management, connection }: Chain) {
  const use = await management?.planUse();
  if (use === undefined) return skipped("seen with the Management API");
  const { rateLimit, connections, apis, clientGrants } = use;
  if (rateLimit === undefined) return ok("the tenant names no limit of its Management API");
  if (rateLimit > freePlan.perSecond) {
    return ok(
      `the Management API takes ${rateLimit} requests at once; Auth0 tells no other limit of a plan`,
    );
  }
  const social = connections.filter(({ strategy }) => !otherStrategies.has(strategy));
  const counted = [
    `${social.length} of ${freePlan.social} social connections`,
    `${connections.length} of ${freePlan.connections} connections`,
    `${apis} of ${freePlan.apis} APIs`,
    `${clientGrants} of ${freePlan.clientGrants} client grants`,
  ].join(", ");
  const there = connection === undefined || connections.some(({ name }) => name === connection);
  if (!there && social.length >= freePlan.social) {
    return failed(
      `the free plan's social connections are taken, by ${social.map(({ name }) => name).join(" and ")}: there is no room for ${connection}`,
      "Remove one (Authentication > Social), or take another plan.",
    );
  }
  return ok(`by its rate limit on the free plan: ${counted}`);
}
