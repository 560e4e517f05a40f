/** @module The tenant's log: entries are complete, in order, and soon on disk. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openTestTenant, type TestTenant } from "./open-test-tenant.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

suite("tenantLog()", () => {
  test("adds names of client, user and connection to their ids", () => {
    const { store, log, flushLog } = tenant.context;
    const times = {
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    };
    store.users.put("auth0|1", { user_id: "auth0|1", email: "a@b.test", identities: [], ...times });
    const [connection] = store.connections.all();
    log({
      type: "s",
      description: "Successful login",
      client_id: tenant.managementClient.clientId,
      user_id: "auth0|1",
      connection: "Username-Password-Authentication",
    });
    flushLog();
    expect(store.logs.all().at(-1)).toMatchObject({
      type: "s",
      client_name: "API Explorer Application",
      user_name: "a@b.test",
      connection_id: connection?.id,
      strategy: "auth0",
      strategy_type: "database",
      hostname: "localhost:4443",
      tenant_name: tenant.context.settings.tenantId,
    });
  });

  test("gives ids that sort as the events came", () => {
    const { store, log, flushLog } = tenant.context;
    for (let n = 0; n < 50; n += 1) log({ type: "w", description: String(n) });
    flushLog();
    const rows = store.logs.all().filter(({ type }) => type === "w");
    const sorted = rows.toSorted((a, b) => (a.log_id < b.log_id ? -1 : 1));
    expect(sorted.map(({ description }) => description)).toEqual(
      Array.from({ length: 50 }, (_, n) => String(n)),
    );
  });

  test("writes what waits by itself", async () => {
    const { store, log } = tenant.context;
    log({ type: "du", description: "waits" });
    await expect.poll(() => store.logs.find("type", "du")).toHaveLength(1);
  });
});
