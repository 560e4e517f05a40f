/** @module fileStore(): what lies in the folder, and one exchange for many processes. */
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fileStore } from "../../../runtime/node/index.ts";
import { wireCertificate } from "../wire-server.ts";
import { exchanges, tenantServer } from "../wire-vault.ts";
import { startProcess, temporaryFolder } from "./processes.ts";

const encryptionKey = "k".repeat(32);

function setUp(now?: () => number) {
  const { dir, remove } = temporaryFolder();
  onTestFinished(remove);
  return { dir, store: fileStore({ dir, encryptionKey, ...(now ? { now } : {}) }) };
}

function filesOf(dir: string) {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const DAY_MS = 86_400_000;

/** The folder of a key's lock. */
function lockOf(key: string) {
  return `${createHash("sha256").update(key).digest("hex")}.lock`;
}

function locksOf(dir: string) {
  return readdirSync(dir).filter((name) => name.endsWith(".lock"));
}

/** Makes the locks look as if nobody took them for two days. */
async function age(dir: string, ...keys: string[]) {
  const then = new Date(Date.now() - 2 * DAY_MS);
  for (const key of keys) await utimes(join(dir, lockOf(key)), then, then);
}

function gone(error: NodeJS.ErrnoException) {
  if (error.code !== "ENOENT") throw error;
}

/** The first write of a store looks for what is over. */
async function sweep(dir: string) {
  await fileStore({ dir, encryptionKey }).set("another", "value", 60_000);
}

/** Another taker of the lock waits until its holder releases it. */
async function isWaitedFor(
  store: ReturnType<typeof fileStore>,
  key: string,
  release: () => unknown,
): Promise<void> {
  let taken = false;
  const other = Promise.resolve(store.lock(key, 60_000)).then((end) => {
    taken = true;
    return end();
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(taken).toBe(false);
  await release();
  await other;
}

describe("fileStore()", () => {
  it("gives what was set until it is over or deleted", async () => {
    let now = Date.now();
    const { store } = setUp(() => now);
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", "one", 1000);
    await store.set("a", "two", 1000);
    expect(await store.get("a")).toBe("two");
    await store.delete("a");
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", "three", 1000);
    now += 1000;
    expect(await store.get("a")).toBeUndefined();
  });

  it("keeps entries encrypted, readable by their owner only, with nothing of the key in a name", async () => {
    const { dir, store } = setUp();
    await store.set("tvk:alice:desk", "the-token", 60_000);
    const files = filesOf(dir);
    expect(files).toHaveLength(1);
    for (const file of files) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, "utf8")).not.toContain("the-token");
      expect(file).not.toMatch(/alice|desk/);
    }
  });

  it("takes for nothing what is of another key, another entry, or was tampered with", async () => {
    const { dir, store } = setUp();
    await store.set("a", "one", 60_000);
    const other = fileStore({ dir, encryptionKey: "x".repeat(32) });
    expect(await other.get("a")).toBeUndefined();
    const [first = ""] = filesOf(dir);
    const sealed = readFileSync(first, "utf8");
    await store.set("b", "two", 60_000);
    const second = filesOf(dir).find((file) => file !== first) ?? "";
    writeFileSync(second, sealed);
    expect(await store.get("b")).toBeUndefined();
    writeFileSync(first, `${sealed.slice(0, -8)}AAAAAAA=`);
    expect(await store.get("a")).toBeUndefined();
  });

  it("sweeps out what is over", async () => {
    const { dir, store } = setUp();
    await store.set("a", "one", 60_000);
    for (const file of filesOf(dir)) utimesSync(file, 1, 1);
    await fileStore({ dir, encryptionKey }).set("b", "two", 60_000);
    expect(filesOf(dir)).toHaveLength(1);
  });

  it("refuses a key that is too short", () => {
    expect(() => fileStore({ dir: "unused", encryptionKey: "short" })).toThrow(TypeError);
  });

  it("lets one at a time hold a lock, however many ask, and the next after its time", async () => {
    const { dir, store } = setUp();
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const release = await store.lock("a", 60_000);
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 1));
        inside--;
        await release();
      }),
    );
    expect(most).toBe(1);
    const late = await store.lock("b", 50);
    const next = await fileStore({ dir, encryptionKey }).lock("b", 60_000);
    // A holder whose time was over gives back nothing that is another's.
    await late();
    await isWaitedFor(store, "b", next);
  });

  it("sweeps out a lock that nobody took for a day, once its entry is gone", async () => {
    const { dir, store } = setUp();
    for (const key of ["gone", "kept", "recent"]) await (await store.lock(key, 60_000))();
    const held = await store.lock("held", 3 * DAY_MS);
    await store.set("kept", "one", 60_000);
    await age(dir, "gone", "kept", "held");
    await sweep(dir);
    expect(locksOf(dir)).toEqual([lockOf("held"), lockOf("kept"), lockOf("recent")].toSorted());
    await held();
    await age(dir, "held");
    await sweep(dir);
    expect(locksOf(dir)).toEqual([lockOf("kept"), lockOf("recent")].toSorted());
    expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("sweeps out what a process that was killed at it left of a lock", async () => {
    const { dir } = setUp();
    const [old = "", fresh = ""] = ["gone", "recent"].map((key) =>
      join(dir, `${lockOf(key)}.${randomUUID()}.tmp`),
    );
    for (const folder of [old, fresh]) {
      mkdirSync(folder);
      writeFileSync(join(folder, "1"), "");
    }
    utimesSync(old, 1, 1);
    await sweep(dir);
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
  });

  it("a holder whose lock was swept out gives back nothing that is another's", async () => {
    const { dir, store } = setUp();
    const late = await store.lock("a", 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await age(dir, "a");
    await sweep(dir);
    expect(locksOf(dir)).toEqual([]);
    await late();
    const next = await store.lock("a", 60_000);
    await late();
    await isWaitedFor(store, "a", next);
  });

  it("lets one at a time hold a lock that is swept out all the while", async () => {
    const { dir, store } = setUp();
    let inside = 0;
    let most = 0;
    let taking = true;
    let swept = 0;
    const sweeping = async () => {
      while (taking) {
        if (locksOf(dir).length > 0) await age(dir, "a").catch(gone);
        // Two at once, as two processes that write for the first time.
        await Promise.all([sweep(dir), sweep(dir)]);
        if (locksOf(dir).length === 0) swept++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const taken = async () => {
      for (let time = 0; time < 5 || swept === 0; time++) {
        const release = await store.lock("a", 60_000);
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 10));
        inside--;
        await release();
        await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
      }
    };
    const sweeper = sweeping();
    await Promise.all(Array.from({ length: 12 }, taken));
    taking = false;
    await sweeper;
    expect(most).toBe(1);
    expect(swept).toBeGreaterThan(0);
  });

  it("makes one exchange for 50 processes that are started cold", async () => {
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const { dir } = setUp();
    const ca = await wireCertificate();
    const task = { domain: tenant.host, ca, encryptionKey, store: { dir } };
    const started = Array.from({ length: 50 }, () => startProcess(task));
    const tokens = await Promise.all(started.map(({ token }) => token));
    expect(new Set(tokens)).toEqual(new Set(["at-1"]));
    expect(count.made).toBe(1);
  }, 240_000);

  it("goes to the next process at once when the holder is killed in mid-exchange", async () => {
    const asked = Promise.withResolvers<void>();
    let made = 0;
    const good = exchanges();
    const tenant = await tenantServer(async (seen) => {
      if (++made > 1) return good(seen);
      asked.resolve();
      return new Promise(() => {});
    });
    const { dir } = setUp();
    const ca = await wireCertificate();
    const task = { domain: tenant.host, ca, encryptionKey, store: { dir } };
    const holder = startProcess(task);
    await asked.promise;
    const next = startProcess(task);
    holder.child.kill("SIGKILL");
    // The vault's lock lives for a minute: only the holder's death frees it before this test's limit.
    expect(await next.token).toBe("at-1");
    expect(made).toBe(2);
  }, 50_000);
});
