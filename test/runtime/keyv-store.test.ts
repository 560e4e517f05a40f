/** @module A plain Keyv as the cache: a store without a lock. */
import Keyv from "keyv";
import { expect, it } from "vitest";
import { exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

it("a plain Keyv is a cache: one exchange for all vaults of a process, and none for the next", async () => {
  const count = { made: 0 };
  const tenant = await tenantServer(exchanges(count));
  const kept = new Map();
  const first = vaultAt(tenant, { cache: new Keyv({ store: kept }) });
  await Promise.all(Array.from({ length: 50 }, () => first.token("desk")));
  const later = vaultAt(tenant, { cache: new Keyv({ store: kept }) });
  expect((await later.token("desk")).accessToken).toBe("at-1");
  expect(count.made).toBe(1);
});

it("a plain Keyv is told in milliseconds when a token is over", async () => {
  const kept = new Map<string, string>();
  const tenant = await tenantServer(exchanges(undefined, { expires_in: 600 }));
  await vaultAt(tenant, { cache: new Keyv({ store: kept }) }).token("desk");
  const [entry = "{}"] = kept.values();
  const leftMs = JSON.parse(entry).expires - Date.now();
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(600_000);
});
