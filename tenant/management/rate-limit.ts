/** @module The Management API's rate limit: a token bucket, and its headers. */

/** `perSecond` is what comes back, `burst` what may go at once. */
export interface RateLimit {
  perSecond: number;
  burst: number;
}

/** What one request took from the bucket. */
export interface Taken {
  refused: boolean;
  headers: Readonly<Record<string, string>>;
}

/** Of a free tenant: the profile that users complain about most. */
export const freeTenantLimit: RateLimit = { perSecond: 2, burst: 2 };

/** Shown in headers, never enforced, when no limit is set. */
const shown: RateLimit = { perSecond: 50, burst: 100 };

/**
 * @param current The limit as it is now; another one begins with a full bucket.
 * @param clockMs Milliseconds, monotonic.
 */
export function rateLimiter(
  current: () => RateLimit | undefined,
  clockMs: () => number,
): { take(): Taken } {
  let limit = current();
  let level = (limit ?? shown).burst;
  let last = clockMs();
  return {
    take() {
      const now = clockMs();
      const next = current();
      if (next !== limit) level = (next ?? shown).burst;
      limit = next;
      const { perSecond, burst } = limit ?? shown;
      level = Math.min(burst, level + ((now - last) / 1000) * perSecond);
      last = now;
      const refused = limit !== undefined && level < 1;
      if (!refused) level = Math.max(0, level - 1);
      const waitSeconds = Math.max(1, Math.ceil((1 - level) / perSecond));
      const reset = Math.floor(Date.now() / 1000) + waitSeconds;
      return {
        refused,
        headers: {
          "x-ratelimit-limit": String(burst),
          "x-ratelimit-remaining": String(Math.floor(level)),
          "x-ratelimit-reset": String(reset),
          ...(refused ? { "retry-after": String(waitSeconds) } : {}),
        },
      };
    },
  };
}
