/** @module The tenant's controls: faults, a clock that moves, and the limits of Auth0's plans. */
import { type Clock, movableClock } from "./clock.ts";
import type { Faults } from "./fault.ts";
import { newFaults } from "./faults.ts";
import { newRateLimits, type RateLimits } from "./rate-limits.ts";

/** What a test turns. All of it is forgotten when the tenant closes. */
export interface Controls {
  readonly faults: Faults;
  readonly clock: Clock;
  readonly limits: RateLimits;
}

/** @param now The clock that is moved, in epoch seconds. */
export function newControls(now: () => number): Controls {
  return { faults: newFaults(), clock: movableClock(now), limits: newRateLimits() };
}
