/** @module The runtime's token store on a profile, so that one command's exchange serves the next. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { HeldToken, TokenStore } from "../../runtime/token-cache.ts";
import { withProfileLock } from "./profile-lock.ts";
import { loadProfile, profilesDir, updateProfile } from "./profiles.ts";

/** Longer than an exchange with its retries takes. */
const LOCK_TIMEOUT_MS = 60_000;

/** Keeps tokens in the profile. A profile that is not saved yet holds none. */
export function profileTokenStore(name: string, env: NodeJS.ProcessEnv): TokenStore {
  return {
    get: (key) => {
      const entry = loadProfile(name, env)?.profile.connections[key];
      return entry && entry.expiresAt > Date.now() ? entry.value : undefined;
    },
    set: (key, value, ttlMs) =>
      updateProfile(
        name,
        ({ connections }) => {
          const now = Date.now();
          for (const [old, { expiresAt }] of Object.entries(connections)) {
            if (expiresAt <= now) delete connections[old];
          }
          connections[key] = { value, expiresAt: now + ttlMs };
        },
        env,
      ),
    delete: (key) =>
      loadProfile(name, env)?.profile.connections[key] === undefined
        ? undefined
        : updateProfile(name, ({ connections }) => delete connections[key], env),
    // The lock dies with its process, so that its time to live is not needed.
    lock: (key) => held(join(profilesDir(env), "locks", digest(`${name}\n${key}`))),
  };
}

/** Takes a lock until the returned function is called. */
async function held(file: string): Promise<() => void> {
  const taken = Promise.withResolvers<void>();
  const freed = Promise.withResolvers<void>();
  withProfileLock(file, LOCK_TIMEOUT_MS, "exchanges a token", () => {
    taken.resolve();
    return freed.promise;
  }).catch(taken.reject);
  await taken.promise;
  return freed.resolve;
}

function digest(text: string) {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** What is known of a connection's token without showing it. */
export interface KeptToken {
  connection: string;
  scopes: string[];
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** The provider tokens that a profile keeps, without the tokens. */
export function keptTokens(connections: Record<string, { value: string }>): KeptToken[] {
  return Object.values(connections).flatMap(({ value }) => {
    return heldIn(value).flatMap(({ connection, scopes = [], expiresAt }) =>
      connection ? [{ connection, scopes: [...scopes], expiresAt }] : [],
    );
  });
}

/** What can't be read is a cache of nothing; its error would show the beginning of a token. */
function heldIn(value: string): HeldToken[] {
  try {
    return Object.values(JSON.parse(value));
  } catch {
    return [];
  }
}
