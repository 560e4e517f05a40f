/** @module Timers of the guest realm. */
import type { Bridge } from "./bridge.ts";

/** The longest wait in milliseconds; a script lives 20 seconds. */
const maxMs = 60_000;

type Work = (...values: unknown[]) => void;

/** The timer functions; a handle is a number, as in a browser. */
export interface GuestTimers {
  setTimeout(work: Work, ms?: number, ...values: unknown[]): number;
  clearTimeout(id: unknown): void;
  setInterval(work: Work, ms?: number, ...values: unknown[]): number;
  clearInterval(id: unknown): void;
  setImmediate(work: Work, ...values: unknown[]): number;
  clearImmediate(id: unknown): void;
  queueMicrotask(work: () => void): void;
}

export function timersOf(outer: Bridge): GuestTimers {
  const intervals = new Map<number, number>();
  const setTimeout = (work: Work, ms: unknown = 0, ...values: unknown[]): number => {
    const wait = Math.min(Math.max(Number(ms) || 0, 0), maxMs);
    return outer.later("timer", { ms: wait }, () => work(...values));
  };
  const clearTimeout = (id: unknown): void => {
    if (typeof id !== "number") return;
    outer.forget(id);
    outer.call("clear", { id });
  };
  const setInterval = (work: Work, ms: unknown = 0, ...values: unknown[]): number => {
    const again = (): number =>
      setTimeout(() => {
        intervals.set(first, again());
        work(...values);
      }, ms);
    const first = again();
    intervals.set(first, first);
    return first;
  };
  const clearInterval = (id: unknown): void => {
    clearTimeout(intervals.get(id as number));
    intervals.delete(id as number);
  };
  return {
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    setImmediate: (work, ...values) => setTimeout(work, 0, ...values),
    clearImmediate: clearTimeout,
    queueMicrotask(work) {
      void Promise.resolve().then(work);
    },
  };
}
