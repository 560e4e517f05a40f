/** @module Ends a plugin whose engine is gone, so that no request of it lands after the next run has begun. */

/** How often the parent is looked at. A killed engine's plugin is gone within two of these. */
const intervalMs = 1000;

/** Whether the process that started this one still is its parent. */
export type ParentCheck = () => boolean;

/**
 * Watches the parent's process id and ends this process when it changes.
 *
 * @returns A check to make right before a request, for the second in which the timer has not fired yet.
 */
export function watchParent(exit: () => void): ParentCheck {
  const parent = process.ppid;
  const alive = () => process.ppid === parent;
  setInterval(() => {
    if (!alive()) exit();
  }, intervalMs).unref();
  return alive;
}
