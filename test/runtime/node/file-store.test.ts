/** @module fileStore(): what lies in the folder, and one exchange for many processes. */
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
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
    let taken = false;
    const third = Promise.resolve(store.lock("b", 60_000)).then((release) => {
      taken = true;
      return release();
    });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(taken).toBe(false);
    await next();
    await third;
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
