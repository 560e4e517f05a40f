/** The tenant of a project, started by several at once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startLocalTenant, stopLocalTenant } from "../../cli/tenant/local-tenant.ts";
import { freePorts } from "../free-ports.ts";

const dir = mkdtempSync(join(tmpdir(), "tvk-tenant-"));
afterAll(async () => {
  await stopLocalTenant(dir);
  rmSync(dir, { recursive: true, force: true });
});

test("three first starts at once end with one tenant, at one address", async () => {
  const [port] = await freePorts(1);
  process.env["TVK_TENANT_PORT"] = String(port);
  try {
    const started = await Promise.all([1, 2, 3].map(() => startLocalTenant(dir)));
    expect(new Set(started.map(({ url }) => url)).size).toBe(1);
    expect(started.map(({ outcome }) => outcome).sort()).toEqual(["adopted", "adopted", "started"]);
  } finally {
    delete process.env["TVK_TENANT_PORT"];
  }
});
