/** @module Passwords whose hash or check takes as long as a test says: what comes meanwhile surely does. */
import crypto, { type ScryptOptions } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { onTestFinished } from "vitest";

type Done = (error: Error | null, key: Buffer) => void;

export interface HeldHashes {
  /** When as many as were to be held have begun. */
  readonly begun: Promise<void>;
  /** Gives them all. */
  release(): void;
}

/** Keeps the next hashes of this process from being given; those after them are not held. */
export function holdHashes(count: number): HeldHashes {
  const { scrypt } = crypto;
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let left = count;
  const replace = (by: typeof crypto.scrypt) => {
    crypto.scrypt = by;
    // Else those who import it by name keep the old one.
    syncBuiltinESMExports();
  };
  const held = (...[password, salt, bytes, cost, done]: ScryptArguments) => {
    left -= 1;
    if (left === 0) {
      replace(scrypt);
      begun.resolve();
    }
    scrypt(password, salt, bytes, cost, (error, key) => {
      void released.promise.then(() => done(error, key));
    });
  };
  replace(held as typeof scrypt);
  onTestFinished(() => {
    replace(scrypt);
    released.resolve();
  });
  return { begun: begun.promise, release: released.resolve };
}

type ScryptArguments = [string, Buffer, number, ScryptOptions, Done];
