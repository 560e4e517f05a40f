/** @module Tokens that are held until shortly before they expire, obtained once however many ask. */
import { VaultError } from "./errors.ts";

type MaybePromise<T> = T | Promise<T>;

/**
 * Where tokens are kept. A plain Keyv fits (get, set with milliseconds, delete); with `lock`, several
 * processes that share the store make one exchange together.
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
  connection?: string;
  /** What was granted; absent when the tenant did not say, which means what was asked for. */
  scopes?: readonly string[];
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
/** How long one exchange may hold the store's lock. */
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

/**
 * Reads and renews tokens in a store. An entry holds the tokens of all accounts of one user on one
 * connection, so that they can be dropped together.
 */
export class TokenCache {
  readonly #store: TokenStore;
  readonly #now: () => number;
  readonly #flights = new Map<string, Promise<{ held: HeldToken; obtained: boolean }>>();

  constructor(store: TokenStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Gives the held token if it will do, else what `obtain` brings, which is then held. Callers who
   * ask at once share one `obtain`. While it fails for a passing reason, a token that still lives
   * is given on.
   *
   * @param account Which account's token in the entry; "" for the user's only one.
   * @param onHit Told whether the store had it.
   */
  async token(
    key: string,
    account: string,
    wanted: Wanted,
    obtain: () => Promise<HeldToken>,
    onHit?: (hit: boolean) => void,
  ): Promise<HeldToken> {
    const held = (await this.#read(key))[account];
    const hit = this.#fits(held, wanted);
    onHit?.(hit);
    if (held && hit) return held;
    const name = `${key} ${account}`;
    try {
      for (;;) {
        const joined = this.#flights.get(name);
        const flight = joined ?? this.#obtain(key, account, wanted, obtain);
        if (!joined) {
          // Every caller may have gone by the time it fails.
          flight.catch(() => {}).finally(() => this.#flights.delete(name));
          this.#flights.set(name, flight);
        }
        const result = await unlessAborted(flight, wanted.signal);
        if (!joined || result.obtained || this.#fits(result.held, wanted)) return result.held;
      }
    } catch (error) {
      const spare = held && !wanted.force && held.accessToken !== wanted.stale;
      if (spare && passing(error) && this.#now() < held.expiresAt && covers(held, wanted.scopes)) {
        return held;
      }
      throw error;
    }
  }

  /** Drops the tokens of all accounts. */
  async drop(key: string): Promise<void> {
    await this.#store.delete(key);
  }

  async #obtain(key: string, account: string, wanted: Wanted, obtain: () => Promise<HeldToken>) {
    const release = await this.#store.lock?.(key, LOCK_MS);
    try {
      // Another caller or process may have been here between the first look and the lock.
      const held = (await this.#read(key))[account];
      if (held && this.#fits(held, wanted)) return { held, obtained: false };
      const fresh = await obtain();
      await this.#write(key, account, fresh);
      return { held: fresh, obtained: true };
    } catch (error) {
      if (!passing(error)) await this.#write(key, account, undefined);
      throw error;
    } finally {
      await release?.();
    }
  }

  #fits(held: HeldToken | undefined, { scopes, stale, force }: Wanted) {
    return (
      !!held &&
      !force &&
      held.accessToken !== stale &&
      this.#now() < held.renewAt &&
      covers(held, scopes)
    );
  }

  async #read(key: string): Promise<Record<string, HeldToken>> {
    const text = await this.#store.get(key);
    try {
      return text ? JSON.parse(text) : {};
    } catch {
      // Not of our making: as good as nothing, and overwritten by the next exchange.
      return {};
    }
  }

  async #write(key: string, account: string, fresh: HeldToken | undefined) {
    const { [account]: _, ...others } = await this.#read(key);
    const now = this.#now();
    const living = Object.entries({ ...others, ...(fresh ? { [account]: fresh } : {}) }).filter(
      ([, { expiresAt }]) => expiresAt > now,
    );
    if (living.length === 0) return this.#store.delete(key);
    const ttlMs = Math.max(...living.map(([, { expiresAt }]) => expiresAt)) - now;
    return this.#store.set(key, JSON.stringify(Object.fromEntries(living)), ttlMs);
  }
}

/** Keeps tokens in this process, at most `maxEntries` (default 10 000), the oldest going first. */
export function memoryStore(maxEntries = 10_000): TokenStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value ?? "");
    },
    delete: (key) => entries.delete(key),
  };
}

function passing(error: unknown) {
  if (!(error instanceof VaultError)) return true;
  const { code, status = 0 } = error;
  return /^(RATE_LIMITED|TIMEOUT|NETWORK)$/.test(code) || status >= 500;
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
