/** @module A token store in Redis or Valkey, for processes on several machines. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { TokenStore } from "../token-cache.ts";
import { sealWith } from "./sealed.ts";

/** A connected client: ioredis has `call`, redis (node-redis) has `sendCommand`. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

export interface RedisStoreOptions {
  /** At least 32 random bytes or characters, the same in every process. */
  encryptionKey: string | Uint8Array;
  /** Before each key; default "tvk:". */
  prefix?: string;
  /** How long a dead holder's lock stays, in milliseconds; a living one renews it. Default 15 000. */
  leaseMs?: number;
}

/** How often a waiting process looks, in milliseconds; spread so that many do not look at once. */
const LOOK_EVERY_MS = 25;
/** Both do it only if the lock is still the caller's. */
const RELEASE = 'return redis.call("get",KEYS[1])==ARGV[1] and redis.call("del",KEYS[1])';
const RENEW = 'return redis.call("get",KEYS[1])==ARGV[1] and redis.call("pexpire",KEYS[1],ARGV[2])';

/**
 * Keeps tokens in Redis or Valkey, encrypted: the server and whoever reads its memory see none.
 * Errors of the client are passed on.
 *
 * @throws {TypeError} The encryption key is too short.
 * @see [SET with NX and PX](https://redis.io/docs/latest/commands/set/), the lock
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions): Required<TokenStore> {
  const { encryptionKey, prefix = "tvk:", leaseMs = 15_000 } = options;
  const seal = sealWith(encryptionKey);
  const run = (...args: [string, ...string[]]) =>
    "call" in client ? client.call(...args) : client.sendCommand(args);

  return {
    get: async (key) => {
      const sealed = await run("GET", prefix + key);
      return sealed ? seal.open(key, `${sealed}`) : undefined;
    },
    set: (key, value, ttlMs) => run("SET", prefix + key, seal.seal(key, value), "PX", whole(ttlMs)),
    delete: (key) => run("DEL", prefix + key),
    lock: async (key, ttlMs) => {
      const name = `${prefix}lock:${key}`;
      const owner = randomUUID();
      const lease = Math.min(leaseMs, ttlMs);
      const giveUpAt = Date.now() + 2 * ttlMs;
      while ((await run("SET", name, owner, "NX", "PX", whole(lease))) === null) {
        if (Date.now() > giveUpAt)
          throw new Error(`the lock ${name} was not free in ${2 * ttlMs} ms`);
        await pause(LOOK_EVERY_MS * (0.5 + Math.random()));
      }
      const endsAt = Date.now() + ttlMs;
      const renewal = setInterval(() => {
        const leftMs = Math.min(lease, endsAt - Date.now());
        // A renewal that fails lets the lease run out, as if we were dead.
        if (leftMs > 0) run("EVAL", RENEW, "1", name, owner, whole(leftMs)).catch(() => {});
      }, lease / 3);
      renewal.unref();
      return () => {
        clearInterval(renewal);
        return run("EVAL", RELEASE, "1", name, owner);
      };
    },
  };
}

/** Redis takes whole milliseconds, and no zero. */
function whole(ms: number) {
  return `${Math.max(1, Math.ceil(ms))}`;
}
