/**
 * @module How often and how fast the plugin asks: the tenant's rate limit is kept, what can be repeated is.
 *
 * A free tenant allows two Management requests a second and says what is left in `x-ratelimit-*`.
 */

import { NoAnswer, TenantRefusal } from "./management-error.ts";

export interface Pace {
  /** Runs a request when the tenant's limit allows it, and again after a failure that may pass. */
  run<Result>(send: () => Promise<Result>, repeatable: boolean): Promise<Result>;
  /** Takes note of what an answer says about the limit. */
  heard(headers: Headers): void;
  /** Waits; false where it was cancelled before or meanwhile. */
  pause(ms: number): Promise<boolean>;
  cancel(): void;
}

export interface PaceOptions {
  /** Requests under way at once. Default 4. */
  readonly concurrency?: number;
  /** How long one request may be repeated for. Default 60 000. */
  readonly budgetMs?: number;
  /** Both clocks: the one on the wall and the one that waits are measured by. Default: Date.now, performance.now. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

/** Tries of a request after trouble on the way or in the tenant; a rate limit is waited out for the whole budget. */
const maxTries = 4;
const backoffMs = { first: 500, most: 10_000 };
/** Requests under way at once before the tenant has said what its limit is: a free tenant's. */
const unheard = 2;
/**
 * `x-ratelimit-reset` is cut to whole seconds, and what has come back by then may be less than one second's
 * worth: who asks at once gets one request and waits again, who waits for a whole second gets all of it.
 */
const wholeSecondMs = 1_000;
/** Two clocks that differ by less are taken for the same. */
const clocksAgreeMs = 10_000;
const passing = new Set([500, 502, 503, 504, 524]);

export function pacer(options: PaceOptions = {}): Pace {
  const wallClock = options.now ?? Date.now;
  // Somebody may set the clock on the wall while a request waits.
  const now = options.now ?? (() => performance.now());
  const random = options.random ?? Math.random;
  const sleep = options.sleep ?? setTimeoutSleep;
  const budgetMs = options.budgetMs ?? 60_000;
  const most = options.concurrency ?? 4;
  const waiting: (() => void)[] = [];
  let endWaits = () => {};
  const cancellation = new Promise<void>((resolve) => {
    endWaits = resolve;
  });
  let underWay = 0;
  let allowed = Math.min(most, unheard);
  let closedUntil = 0;
  let cancelled = false;

  async function enter(): Promise<void> {
    while (underWay >= allowed || closedUntil > now()) {
      if (underWay >= allowed) await new Promise<void>((resolve) => waiting.push(resolve));
      else await sleep(closedUntil - now() + random() * 50);
    }
    underWay++;
  }

  function leave(): void {
    underWay--;
    for (const next of waiting.splice(0)) next();
  }

  async function attempt<Result>(send: () => Promise<Result>) {
    await enter();
    try {
      return { result: await send() };
    } catch (error) {
      return { error };
    } finally {
      leave();
    }
  }

  async function pause(ms: number): Promise<boolean> {
    if (!cancelled) await Promise.race([sleep(ms), cancellation]);
    return !cancelled;
  }

  /** How long to wait before another try, undefined where there is none. */
  function waitAfter(error: unknown, tries: number, repeatable: boolean): number | undefined {
    const backoff = Math.min(backoffMs.first * 2 ** (tries - 1), backoffMs.most);
    const jittered = backoff * (0.5 + random() / 2);
    if (error instanceof TenantRefusal) {
      if (error.status === 429) return Math.max(resetWait(error.headers, wallClock()), jittered);
      return repeatable && passing.has(error.status) && tries < maxTries ? jittered : undefined;
    }
    if (error instanceof NoAnswer && !error.final && tries < maxTries) {
      return repeatable || error.unsent ? jittered : undefined;
    }
    return undefined;
  }

  return {
    async run(send, repeatable) {
      const startedAt = now();
      for (let tries = 1; ; tries++) {
        const outcome = await attempt(send);
        if ("result" in outcome) return outcome.result;
        const wait = waitAfter(outcome.error, tries, repeatable);
        if (wait === undefined || now() + wait - startedAt > budgetMs) throw outcome.error;
        if (!(await pause(wait))) throw outcome.error;
      }
    },
    heard(headers) {
      const remaining = headers.get("x-ratelimit-remaining");
      if (remaining === null) return;
      allowed = Math.max(1, Math.min(most, Number(remaining) || 0));
      if (remaining !== "0" || headers.get("x-ratelimit-reset") === null) return;
      const wait = Math.max(untilReset(headers, wallClock()), wholeSecondMs);
      closedUntil = Math.max(closedUntil, now() + Math.min(wait, budgetMs));
    },
    pause,
    cancel() {
      cancelled = true;
      endWaits();
    },
  };
}

function resetWait(headers: Headers, now: number): number {
  const seconds = Number(headers.get("retry-after"));
  return seconds > 0 ? seconds * 1000 : untilReset(headers, now);
}

/**
 * Milliseconds until `x-ratelimit-reset`, which is a time by the tenant's clock. Where that is far from
 * ours, `date` tells how far; where it is near, whole seconds of `date` would only add to the wait.
 */
function untilReset(headers: Headers, now: number): number {
  const reset = Number(headers.get("x-ratelimit-reset")) * 1000;
  if (!(reset > 0)) return 0;
  const theirs = Date.parse(headers.get("date") ?? "");
  const isFar = Math.abs(theirs - now) > clocksAgreeMs;
  return Math.max(0, reset - (isFar ? theirs : now));
}

function setTimeoutSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
