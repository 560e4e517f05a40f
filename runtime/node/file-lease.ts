/** @module A lock in a folder, held by one process at a time and given up by a dead one at once. */
import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isGone, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** What a lease's file says. */
interface Lease extends ProcessIdentity {
  /** Epoch milliseconds; zero once it is given back. */
  until: number;
}

/** How often a waiting process looks, in milliseconds; spread so that many do not look at once. */
const LOOK_EVERY_MS = 25;
/** Older leases are kept while a slow reader of the folder may still be at them. */
const KEEP = 16;

/**
 * Waits for a lease and takes it.
 *
 * Leases are numbered files and the highest number holds. A file is made only if there is none of
 * its number, and the highest is never removed, so of two takers one wins; there is no moment in
 * which a stale lease is removed by one process and a fresh one by mistake.
 *
 * @param ttlMs After this the next process may take it although the holder lives.
 * @returns What gives it back.
 *
 * @throws {Error} It was not free within twice `ttlMs`.
 */
export async function takeLease(dir: string, ttlMs: number): Promise<() => Promise<void>> {
  const own = await ownIdentity();
  const giveUpAt = Date.now() + 2 * ttlMs;
  for (;;) {
    const last = Math.max(0, ...(await numbers(dir)));
    if (last === 0 || (await isFree(join(dir, `${last}`)))) {
      const mine = last + 1;
      const file = join(dir, `${mine}`);
      const lease: Lease = { ...own, until: Date.now() + ttlMs };
      if (await place(file, lease, link)) {
        const all = await numbers(dir);
        // Somebody was here and gone between the two looks: theirs is the newer lease.
        if (Math.max(...all) === mine) {
          const old = all.filter((number) => number <= mine - KEEP);
          await Promise.all(old.map((number) => rm(join(dir, `${number}`), { force: true })));
          return async () => {
            await place(file, { ...lease, until: 0 }, rename);
          };
        }
        await rm(file, { force: true });
      }
    }
    if (Date.now() > giveUpAt) throw new Error(`the lock ${dir} was not free in ${2 * ttlMs} ms`);
    await pause(LOOK_EVERY_MS * (0.5 + Math.random()));
  }
}

async function numbers(dir: string) {
  return (await readdir(dir)).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Writes aside, then puts it in place whole. False when `link` finds the name taken. */
async function place(file: string, lease: Lease, how: typeof link): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(lease), { mode: 0o600, flag: "wx" });
    await how(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isFree(file: string) {
  try {
    const lease: Lease = JSON.parse(await readFile(file, "utf8"));
    return lease.until < Date.now() || (await isGone(lease));
  } catch (error) {
    // Removed since the look: the next look sees why.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
