/** @module The rate limits of Auth0's plans. */
import { type RateLimit, rateLimiter, type Taken } from "../management/rate-limit.ts";

/** A plan, or limits of one's own. */
export interface RateProfile {
  /** Of /api/v2. */
  readonly management?: RateLimit;
  /** Of the Authentication API as a whole: /authorize, /oauth, /userinfo, /dbconnections and both logouts. */
  readonly authentication?: RateLimit;
  /** Of POST /oauth/token, beside the one above. */
  readonly token?: RateLimit;
  /** Of /.well-known/jwks.json. */
  readonly jwks?: RateLimit;
}

/**
 * Self-service plans have 16 a second on the Management API and 50 at once.
 *
 * @see [Rate limit configurations](https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations)
 * and [Understand rate limit burst capability](https://auth0.com/docs/understand-rate-limit-burst-capability), read in November 2026
 */
export const rateProfiles = {
  free: {
    management: { perSecond: 2, burst: 2 },
    authentication: { perSecond: 5, burst: 300 },
    token: { perSecond: 30, burst: 30 },
    jwks: { perSecond: 20, burst: 20 },
  },
  essentials: {
    management: { perSecond: 16, burst: 50 },
    authentication: { perSecond: 25, burst: 25 },
  },
  professional: {
    management: { perSecond: 16, burst: 50 },
    authentication: { perSecond: 25, burst: 25 },
  },
  enterprise: {
    management: { perSecond: 16, burst: 50 },
    authentication: { perSecond: 100, burst: 100 },
  },
} as const satisfies Record<string, RateProfile>;

export type RateProfileName = keyof typeof rateProfiles;

export interface RateLimits {
  /** Undefined: no limit. */
  current(): RateProfile | undefined;
  set(profile: RateProfileName | RateProfile | undefined): void;
  /** Takes one request from the buckets of its path; the first that is empty refuses. The Management API's own is not among them. */
  take(method: string, path: string): Taken | undefined;
}

export function newRateLimits(): RateLimits {
  let profile: RateProfile | undefined;
  let buckets: { matches: RegExp; method?: string; limiter: { take(): Taken } }[] = [];
  return {
    current: () => profile,
    set(wanted) {
      profile = typeof wanted === "string" ? rateProfiles[wanted] : wanted;
      const bucket = (limit: RateLimit | undefined, matches: RegExp, method?: string) =>
        limit === undefined
          ? []
          : [
              {
                matches,
                ...(method === undefined ? {} : { method }),
                limiter: rateLimiter(
                  () => limit,
                  () => performance.now(),
                ),
              },
            ];
      buckets = [
        ...bucket(profile?.token, /^\/oauth\/token$/, "POST"),
        ...bucket(profile?.jwks, /^\/\.well-known\/jwks\.json$/),
        ...bucket(
          profile?.authentication,
          /^\/(?:authorize|oauth\/|userinfo|dbconnections\/|v2\/logout|oidc\/logout|u\/|login)/,
        ),
      ];
    },
    take(method, path) {
      let taken: Taken | undefined;
      for (const bucket of buckets) {
        if (!bucket.matches.test(path)) continue;
        if (bucket.method !== undefined && bucket.method !== method) continue;
        taken = bucket.limiter.take();
        if (taken.refused) return taken;
      }
      return taken;
    },
  };
}
