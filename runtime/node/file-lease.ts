/** @module A lock in a folder, held by one process at a time and given up by a dead one at once. */
import { randomUUID } from "node:crypto";
import {
  access,
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
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
/** How long the removal of a folder may hold its lease. */
const REMOVE_MS = 60_000;

/**
 * Waits for a lease and takes it. Makes the folder if it is missing.
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
  const giveUpAt = Date.now() + 2 * ttlMs;
  for (;;) {
    const lease = await freeLease(dir, ttlMs).catch(missing);
    if (lease) return lease;
    if (lease === undefined) {
      // There was no folder yet, or it was removed since the look.
      await makeLeases(dir);
      continue;
    }
    if (Date.now() > giveUpAt) throw new Error(`the lock ${dir} was not free in ${2 * ttlMs} ms`);
    await pause(LOOK_EVERY_MS * (0.5 + Math.random()));
  }
}

/**
 * Removes the folder, if nobody holds its lease. Who removes it holds it meanwhile, and who waits for it
 * makes another: so there are no two holders, unless removing outlasts {@link REMOVE_MS}.
 *
 * Only for a folder that nobody used for long: see {@link makeLeases}.
 */
export async function removeLeases(dir: string): Promise<void> {
  const release = await freeLease(dir, REMOVE_MS).catch(missing);
  if (!release) return;
  const aside = asideOf(dir);
  try {
    await rename(dir, aside);
  } catch {
    // Windows renames no folder in which somebody has a file open: the next sweep finds it.
    return release();
  }
  await rm(aside, { recursive: true, force: true });
}

/** Takes the lease if it is free; null if it is not. Rejects with ENOENT where the folder is gone. */
async function freeLease(dir: string, ttlMs: number): Promise<(() => Promise<void>) | null> {
  const last = Math.max(0, ...(await numbers(dir)));
  if (last > 0 && !(await isFree(join(dir, `${last}`)))) return null;
  const mine = last + 1;
  const file = join(dir, `${mine}`);
  const lease: Lease = { ...(await ownIdentity()), until: Date.now() + ttlMs };
  if (!(await place(file, lease, link))) return null;
  const all = await numbers(dir);
  // Somebody was here and gone between the two looks: theirs is the newer lease.
  if (Math.max(...all) !== mine) {
    await rm(file, { force: true });
    return null;
  }
  const old = all.filter((number) => number <= mine - KEEP);
  await Promise.all(old.map((number) => rm(join(dir, `${number}`), { force: true })));
  return async () => {
    // A folder that was removed since then has nothing to give back.
    await place(file, { ...lease, until: 0 }, rename).catch(missing);
  };
}

/**
 * Makes the folder, with a lease in it that is given back already. Its number is the time, which is
 * higher than any in a folder that had the name before: what was read there wins nothing here, and a
 * lease of there that is given back late overwrites none.
 */
async function makeLeases(dir: string) {
  const aside = asideOf(dir);
  try {
    await mkdir(aside, { mode: 0o700 });
    // The umask may have taken more than it should.
    await chmod(aside, 0o700);
    await place(join(aside, `${Date.now()}`), { ...(await ownIdentity()), until: 0 }, link);
    await rename(aside, dir).catch(async (error: NodeJS.ErrnoException) => {
      // Another process made it first. Windows says that by EPERM, which has other reasons too.
      if (error.code === "EPERM") await access(dir);
      else if (!/^(EEXIST|ENOTEMPTY)$/.test(`${error.code}`)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** A name beside the folder, of what is on its way to it or from it. */
function asideOf(dir: string) {
  return `${dir}.${randomUUID()}.tmp`;
}

/** What is not there is no failure. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
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
