/** @module A clock that can be moved: tokens expire and sessions end without waiting. */

/** Ten years, in seconds: further than anything here lives. */
const farthest = 10 * 365 * 86_400;

export interface Clock {
  /** Epoch seconds, as the tenant has them. */
  now(): number;
  /** Seconds by which it is ahead of the real time; negative: behind. */
  offset(): number;
  /** Goes on from another moment: an offset in seconds. @throws {RangeError} More than ten years. */
  set(offsetSeconds: number): void;
  /** Moves on from where it is. @throws {RangeError} */
  advance(seconds: number): void;
  /** The real time again. */
  reset(): void;
}

/** Certificates go by the real time always: TLS clients have no other. */
export function movableClock(real: () => number): Clock {
  let offset = 0;
  const clock: Clock = {
    now: () => real() + offset,
    offset: () => offset,
    set(seconds) {
      if (!Number.isInteger(seconds) || Math.abs(seconds) > farthest) {
        throw new RangeError(
          `the clock can be moved by whole seconds, ten years at most: ${seconds}`,
        );
      }
      offset = seconds;
    },
    advance: (seconds) => clock.set(offset + seconds),
    reset: () => clock.set(0),
  };
  return clock;
}
