/** @module Tokens that are held until shortly before they expire, obtained once however many ask. */
import { VaultError } from "./errors.ts";
import { unlessAborted } from "./send.ts";
import { type MaybePromise, when } from "./when.ts";

/**
 * Where tokens are kept. A plain Keyv fits (get, set with milliseconds, delete). All that use the same
 * object make one exchange together; with `lock`, several processes that share the store do so too.
 */
export interface TokenStore {
  get(key: string): MaybePromise<string | null | undefined>;
  set(key: string, value: string, ttlMs: number): MaybePromise<unknown>;
  delete(key: string): MaybePromise<unknown>;
  /** Waits until the key is ours and returns what releases it; it frees itself after `ttlMs`. */
  lock?(key: string, ttlMs: number): MaybePromise<() => MaybePromise<unknown>>;
}

/** One access token, as it lies in the store (as JSON). Times are epoch milliseconds. */
export interface HeldToken {
  accessToken: string;
  /** The connection that the token is of; the My Account API's own token has none. */
  connection?: string | undefined;
  /** What was granted; absent when the tenant did not say, which means what was asked for. */
  scopes?: readonly string[] | undefined;
  expiresAt: number;
  /** From here on it is renewed: before `expiresAt`, with jitter. */
  renewAt: number;
}

/** What the caller can use. */
export interface Wanted {
  scopes?: readonly string[] | undefined;
  /** A token that was refused with 401: anything else is welcome. */
  stale?: string | undefined;
  /** Obtain a new one whatever is held. */
  force?: boolean | undefined;
  /** Ends this caller's wait; the exchange goes on for the others. */
  signal?: AbortSignal | null | undefined;
}

/** Longest time before its expiry at which a token is renewed. */
const RENEW_AHEAD_MS = 60_000;
/** How long one exchange may hold the store's lock, and another caller waits for it. */
const LOCK_MS = 60_000;

/** Makes the entry for a token that lives `ttlMs` from now. */
export function heldToken(
  now: number,
  ttlMs: number,
  token: Pick<HeldToken, "accessToken" | "connection" | "scopes">,
): HeldToken {
  // A fifth of what is left: Auth0 hands out the stored token, however little of its life is left.
  const aheadMs = Math.min(RENEW_AHEAD_MS, ttlMs / 5) * (0.5 + Math.random() / 2);
  return { ...token, expiresAt: now + ttlMs, renewAt: now + ttlMs - aheadMs };
}

/** Does the token have these scopes? One of which nothing is known has what it was asked for. */
export function covers(held: HeldToken, scopes: readonly string[] = []): boolean {
  return !held.scopes || scopes.every((scope) => held.scopes?.includes(scope));
}

/** Reads and renews tokens in a store. */
export interface TokenCache {
  /**
   * Gives the held token if it will do, else what `obtain` brings, which is then held. Callers who
   * ask at once share one `obtain`, also those of other caches upon the same store. While it fails for
   * a passing reason, a token that still lives is given on. A token that is there is given at once
   * where the store answers at once.
   *
   * @param account Which account's token in the entry; "" for the user's only one.
   * @param onHit Told whether the store had it.
   */
  token(
    key: string,
    account: string,
    wanted: Wanted,
    obtain: () => Promise<HeldToken>,
    onHit?: (hit: boolean) => void,
  ): MaybePromise<HeldToken>;
  /** Drops the tokens of all accounts. */
  drop(key: string): MaybePromise<unknown>;
}

/** What an entry of the store holds: the tokens of all accounts of one user on one connection. */
type Entry = Record<string, HeldToken | undefined>;

/** What is under way, by key and account. */
type Flights = Map<string, Promise<{ held: HeldToken; obtained?: boolean }>>;

/** By the store that they bring a token for: an app with many users makes a vault for each request. */
const flightsOf = new WeakMap<TokenStore, Flights>();

/** Makes a cache upon a store. */
export function tokenCache(store: TokenStore, now: () => number): TokenCache {
  const flights: Flights = flightsOf.get(store) ?? new Map();
  flightsOf.set(store, flights);

  /** The token if it will do: until it is to be renewed, or where that fails until its end. */
  const fitting = (
    held: HeldToken | undefined,
    { scopes, stale, force }: Wanted,
    until: "renewAt" | "expiresAt" = "renewAt",
  ) =>
    held &&
    !force &&
    held.accessToken !== stale &&
    now() < held[until] &&
    covers(held, scopes) &&
    held;

  // The last text and what it says: most reads find what the one before found.
  let text: string | null | undefined;
  let entry: Entry = {};
  const entryOf = (found: string | null | undefined) => {
    if (found !== text) {
      text = found;
      try {
        entry = JSON.parse(found || "{}") ?? {};
      } catch {
        // Not of our making: as good as nothing, and overwritten by the next exchange.
        entry = {};
      }
    }
    return entry;
  };
  const read = (key: string) => when(store.get(key), entryOf);

  const write = async (key: string, account: string, fresh?: HeldToken) => {
    const next: Entry = { ...(await read(key)), [account]: fresh };
    let ttlMs = 0;
    for (const name in next) {
      const leftMs = (next[name]?.expiresAt ?? 0) - now();
      if (leftMs > 0) ttlMs = Math.max(ttlMs, leftMs);
      else delete next[name];
    }
    await (ttlMs ? store.set(key, JSON.stringify(next), ttlMs) : store.delete(key));
  };

  const fly = async (
    key: string,
    account: string,
    wanted: Wanted,
    obtain: () => Promise<HeldToken>,
  ) => {
    const release = await store.lock?.(key, LOCK_MS);
    try {
      // Another caller or process may have been here between the first look and the lock.
      const held = fitting((await read(key))[account], wanted);
      if (held) return { held };
      const fresh = await obtain();
      await write(key, account, fresh);
      return { held: fresh, obtained: true };
    } catch (error) {
      if (!passing(error)) await write(key, account);
      throw error;
    } finally {
      await release?.();
    }
  };

  return {
    drop: (key) => store.delete(key),
    token: (key, account, wanted, obtain, onHit) =>
      when(read(key), ({ [account]: held }) => {
        const found = fitting(held, wanted);
        onHit?.(!!found);
        if (found) return found;
        const renewed = async () => {
          const name = `${key} ${account}`;
          for (let again = 0; ; ) {
            const joined = flights.get(name);
            const flight = joined ?? fly(key, account, wanted, obtain);
            const over = () => flights.get(name) === flight && flights.delete(name);
            if (!joined) {
              // Every caller may have gone by the time it fails.
              flight.then(over, over);
              flights.set(name, flight);
            }
            try {
              const result = await unlessAborted(
                unlessAborted(flight, wanted.signal),
                joined && AbortSignal.timeout(LOCK_MS),
              );
              if (!joined || result.obtained || fitting(result.held, wanted)) return result.held;
            } catch (error) {
              // What ended another's was its own: its time limit, its fetch, or on workerd its request.
              if (joined && !statusOf(error) && !wanted.signal?.aborted && !again++) {
                over();
                continue;
              }
              const spare = passing(error) && fitting(held, wanted, "expiresAt");
              if (spare) return spare;
              throw error;
            }
          }
        };
        return renewed();
      }),
  };
}

/** Keeps tokens in this process, at most `maxEntries` (default 10 000), the oldest going first. */
export function memoryStore(maxEntries = 10_000): TokenStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value as string);
    },
    delete: (key) => entries.delete(key),
  };
}

/** What the tenant answered. Undefined where it did not: no network, no time, or an error that is not ours. */
function statusOf(error: unknown): number | undefined {
  return error instanceof VaultError ? error.status : undefined;
}

function passing(error: unknown) {
  const status = statusOf(error) ?? 500;
  return status === 429 || status >= 500;
}
