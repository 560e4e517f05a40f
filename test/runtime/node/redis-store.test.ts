/** @module redisStore() with a real server: needs `redis-server`, and fails where there is none. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { redisStore } from "../../../runtime/node/index.ts";
import { wireCertificate } from "../wire-server.ts";
import { exchanges, tenantServer } from "../wire-vault.ts";
import { redisServer, startProcess } from "./processes.ts";

const encryptionKey = "k".repeat(32);
let server: Awaited<ReturnType<typeof redisServer>>;
beforeAll(async () => {
  server = await redisServer();
});
afterAll(() => server?.close());

async function setUp(options: { leaseMs?: number } = {}) {
  const client = new Redis(server.port, "127.0.0.1");
  onTestFinished(() => client.disconnect());
  await client.flushall();
  return { client, store: redisStore(client, { encryptionKey, ...options }) };
}

describe("redisStore()", () => {
  it("gives what was set until it is over or deleted", async () => {
    const { store, client } = await setUp();
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", "one", 60_000);
    expect(await store.get("a")).toBe("one");
    expect(await client.pttl("tvk:a")).toBeGreaterThan(0);
    await store.delete("a");
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", "two", 0.2);
    await expect.poll(() => store.get("a")).toBeUndefined();
  });

  it("shows no token to the server, and takes another key's entries for nothing", async () => {
    const { store, client } = await setUp();
    await store.set("a", "the-token", 60_000);
    expect(await client.get("tvk:a")).not.toContain("the-token");
    expect(await redisStore(client, { encryptionKey: "x".repeat(32) }).get("a")).toBeUndefined();
  });

  it("takes a client that has sendCommand, as node-redis has", async () => {
    const { client } = await setUp();
    const sendCommand = ([command = "", ...args]: string[]) => client.call(command, ...args);
    const store = redisStore({ sendCommand }, { encryptionKey, prefix: "other:" });
    await store.set("a", "one", 60_000);
    await (await store.lock("a", 60_000))();
    expect([await store.get("a"), await client.keys("*")]).toEqual(["one", ["other:a"]]);
  });

  it("lets one at a time hold a lock, renews it while it is held, and frees no other's", async () => {
    const { store, client } = await setUp({ leaseMs: 600 });
    const release = await store.lock("a", 60_000);
    let taken = false;
    const second = Promise.resolve(store.lock("a", 60_000)).then((give) => {
      taken = true;
      return give;
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(taken).toBe(false);
    await client.set("tvk:lock:a", "somebody-else");
    await release();
    expect(await client.get("tvk:lock:a")).toBe("somebody-else");
    await client.del("tvk:lock:a");
    await (await second)();
    expect(await client.get("tvk:lock:a")).toBeNull();
  });

  it("makes one exchange for 50 processes that are started cold", async () => {
    await setUp();
    const count = { made: 0 };
    const tenant = await tenantServer(exchanges(count));
    const ca = await wireCertificate();
    const store = { port: server.port };
    const task = { domain: tenant.host, ca, encryptionKey, store };
    const started = Array.from({ length: 50 }, () => startProcess(task));
    const tokens = await Promise.all(started.map(({ token }) => token));
    expect(new Set(tokens)).toEqual(new Set(["at-1"]));
    expect(count.made).toBe(1);
  }, 240_000);

  it("goes to the next process after the lease when the holder is killed in mid-exchange", async () => {
    await setUp();
    const asked = Promise.withResolvers<void>();
    let made = 0;
    const good = exchanges();
    const tenant = await tenantServer(async (seen) => {
      if (++made > 1) return good(seen);
      asked.resolve();
      return new Promise(() => {});
    });
    const ca = await wireCertificate();
    const store = { port: server.port, leaseMs: 500 };
    const task = { domain: tenant.host, ca, encryptionKey, store };
    const holder = startProcess(task);
    await asked.promise;
    const next = startProcess(task);
    holder.child.kill("SIGKILL");
    expect(await next.token).toBe("at-1");
    expect(made).toBe(2);
  }, 50_000);
});
