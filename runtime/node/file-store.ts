/** @module A token store in a folder that several processes of one machine share. */
import { createHash, randomUUID } from "node:crypto";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { TokenStore } from "../token-cache.ts";
import { missing, removeLeases, takeLease } from "./file-lease.ts";
import { sealWith } from "./sealed.ts";

export interface FileStoreOptions {
  /** A folder for this alone; made if it is missing, with 0700. */
  dir: string;
  /** At least 32 random bytes or characters, the same in every process. */
  encryptionKey: string | Uint8Array;
  /** Epoch milliseconds; default `Date.now`. */
  now?: () => number;
}

/** Expired entries are looked for at the first write, and then at each so many. */
const SWEEP_EVERY = 500;
/** After the name of an entry: the folder of its lock. */
const LOCK = ".lock";
/** Such a folder, and one that is on its way to be one or to be removed. */
const LOCK_FOLDER = /^([0-9a-f]{64})\.lock(\..+\.tmp)?$/;

/**
 * Keeps tokens in files: one an entry, encrypted, 0600, written whole or not at all. Its lock names
 * its holder, so that a process that was killed gives it up at once.
 *
 * @throws {TypeError} The encryption key is too short.
 */
export function fileStore(options: FileStoreOptions): Required<TokenStore> {
  const { dir, encryptionKey, now = Date.now } = options;
  const seal = sealWith(encryptionKey);
  let writes = 0;
  const fileOf = (key: string) => join(dir, nameOf(key));

  return {
    get: async (key) => {
      const text = await readFile(fileOf(key), "utf8").catch(missing);
      const opened = text && seal.open(key, text);
      if (!opened) return undefined;
      const { value, expiresAt } = JSON.parse(opened);
      return expiresAt > now() ? value : undefined;
    },
    set: async (key, value, ttlMs) => {
      await makeFolder(dir);
      if (writes++ % SWEEP_EVERY === 0) await sweep(dir, now());
      const expiresAt = now() + ttlMs;
      const temporary = join(dir, `${randomUUID()}.tmp`);
      try {
        const text = seal.seal(key, JSON.stringify({ value, expiresAt }));
        await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
        // The time of its end is the file's own, so that a sweep needs no key.
        await utimes(temporary, new Date(), new Date(expiresAt));
        await rename(temporary, fileOf(key));
      } finally {
        await rm(temporary, { force: true });
      }
    },
    delete: (key) => rm(fileOf(key), { force: true }),
    lock: async (key, ttlMs) => {
      await makeFolder(dir);
      return takeLease(`${fileOf(key)}${LOCK}`, ttlMs);
    },
  };
}

/** Says nothing of users or connections. */
function nameOf(key: string) {
  return createHash("sha256").update(key).digest("hex");
}

async function makeFolder(dir: string) {
  const made = await mkdir(dir, { recursive: true, mode: 0o700 });
  // The umask may have taken more than it should.
  if (made) await chmod(dir, 0o700);
}

/**
 * Removes entries that are over, locks that nobody took for a day and whose entry is gone, and what a
 * killed process left on its way.
 */
async function sweep(dir: string, now: number) {
  const hourAgo = now - 3_600_000;
  const dayAgo = now - 86_400_000;
  const all = await readdir(dir, { withFileTypes: true });
  const names = new Set(all.map(({ name }) => name));
  // A write waits for this, so it has an end; since the last sweep no more can have come.
  let locks = SWEEP_EVERY;
  for (const found of all) {
    const path = join(dir, found.name);
    const time = (await stat(path).then(({ mtimeMs }) => mtimeMs, missing)) ?? now;
    const [lock, entry, aside] = LOCK_FOLDER.exec(found.name) ?? [];
    if (found.isFile()) {
      if (time < (found.name.endsWith(".tmp") ? hourAgo : now)) await rm(path, { force: true });
    } else if (aside) {
      if (time < hourAgo) await rm(path, { recursive: true, force: true });
    } else if (lock && !names.has(`${entry}`) && time < dayAgo && locks-- > 0) {
      await removeLeases(path);
    }
  }
}
