/** @module A gentle limit on wrong passwords, by account. */

export interface LoginAttempts {
  /** Counts a try. Returns the seconds to wait where there were too many, else 0. */
  take(account: string): number;
  /** Forgets the tries of an account: its owner is in. */
  clear(account: string): void;
}

/** More accounts than this are tried by machines only; the oldest count is dropped. */
const maxAccounts = 10_000;

/**
 * Allows `limit` tries in a window that starts with the first. Kept in memory: a restart forgets.
 *
 * @param now Milliseconds.
 */
export function loginAttempts(limit: number, windowMs: number, now: () => number): LoginAttempts {
  const windows = new Map<string, { start: number; tries: number }>();
  return {
    take(account) {
      const time = now();
      const window = windows.get(account);
      if (window === undefined || time - window.start >= windowMs) {
        windows.delete(account);
        windows.set(account, { start: time, tries: 1 });
        if (windows.size > maxAccounts) windows.delete(windows.keys().next().value ?? "");
        return 0;
      }
      window.tries++;
      if (window.tries <= limit) return 0;
      return Math.max(1, Math.ceil((window.start + windowMs - time) / 1000));
    },
    clear: (account) => void windows.delete(account),
  };
}
