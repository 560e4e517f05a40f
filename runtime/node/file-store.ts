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
import { takeLease } from "./file-lease.ts";
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
      const leases = `${fileOf(key)}.lock`;
      await makeFolder(dir);
      await makeFolder(leases);
      return takeLease(leases, ttlMs);
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

/** Removes entries that are over, and temporary files that a killed process left. */
async function sweep(dir: string, now: number) {
  const hourAgo = now - 3_600_000;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(dir, entry.name);
    const end = await stat(file).then(({ mtimeMs }) => mtimeMs, missing);
    if (end !== undefined && end < (entry.name.endsWith(".tmp") ? hourAgo : now)) {
      await rm(file, { force: true });
    }
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
