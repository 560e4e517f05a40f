/** @module startTenant(): a tenant in this process, over real HTTPS. */
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { type StartedTenant, startTenant } from "../../tenant/start-tenant.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-start-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const status = (tenant: StartedTenant, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const url = `${tenant.url.replace("localhost", host)}/api/v2/clients`;
    get(url, { ca: tenant.caPem, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });

suite("startTenant()", () => {
  test("answers on localhost and both loopback addresses, with a domain that has the port", async () => {
    const tenant = await startTenant({ dir, port: 0 });
    expect(tenant.url).toBe(`https://${tenant.domain}`);
    expect(tenant.domain).toMatch(/^localhost:\d+$/);
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      expect(await status(tenant, host), host).toBe(401);
    }
    await tenant.close();
  });

  test("keeps identity, keys and the owner's application when it starts again", async () => {
    const first = await startTenant({ dir, port: 0 });
    await first.close();
    const second = await startTenant({ dir, port: 0 });
    expect(second.domain).toBe(first.domain);
    expect(second.managementClient).toEqual(first.managementClient);
    expect(second.caPem).toBe(first.caPem);
    await second.close();
  });

  test("runs beside other tenants, each with a folder and a port of its own", async () => {
    const other = mkdtempSync(join(tmpdir(), "tvk-start-"));
    const [one, two] = await Promise.all([
      startTenant({ dir, port: 0 }),
      startTenant({ dir: other, port: 0 }),
    ]);
    expect(one.domain).not.toBe(two.domain);
    expect(one.managementClient.clientId).not.toBe(two.managementClient.clientId);
    await Promise.all([one.close(), two.close()]);
    rmSync(other, { recursive: true, force: true });
  });

  test("frees its port and its folder when it is closed, and when it can't start", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    await expect(startTenant({ dir, port })).rejects.toMatchObject({ code: "PORT_IN_USE" });
    await new Promise((resolve) => blocker.close(resolve));
    const tenant = await startTenant({ dir, port });
    expect(tenant.domain).toBe(`localhost:${port}`);
    await tenant.close();
  });

  test("has no dropped field at the start", async () => {
    const tenant = await startTenant({ dir, port: 0 });
    expect(tenant.droppedFields()).toEqual([]);
    await tenant.close();
  });
});
