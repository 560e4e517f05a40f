/** @module The tenant's log: entries are complete, in order, and soon on disk. */
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { latestLogEntries, logEntries } from "../../tenant/log-entries.ts";
import { tenantLog } from "../../tenant/tenant-log.ts";
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
    expect(logEntries(store).at(-1)).toMatchObject({
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
    const rows = logEntries(store).filter(({ type }) => type === "w");
    const sorted = rows.toSorted((a, b) => (a.log_id < b.log_id ? -1 : 1));
    expect(sorted.map(({ description }) => description)).toEqual(
      Array.from({ length: 50 }, (_, n) => String(n)),
    );
  });

  test("gives ids that sort as the events came when the clock goes back, also after a restart", async () => {
    const real = Math.floor(Date.now() / 1000);
    let ahead = 0;
    const clocked = await openTestTenant({ now: () => real + ahead });
    onTestFinished(() => clocked.close());
    const { store, log, flushLog, settings, now } = clocked.context;
    const after = async (from: string) => {
      const path = `/logs?from=${from}`;
      return (await clocked.api<{ description: string }[]>("GET", path)).body.map(
        ({ description }) => description,
      );
    };
    ahead = 86_400;
    log({ type: "sapi", description: "ahead" });
    flushLog();
    const [last] = latestLogEntries(store, 1);
    ahead = 0;
    log({ type: "sapi", description: "back" });
    log({ type: "sapi", description: "back again" });
    expect(await after(last?.log_id ?? "")).toEqual(["back", "back again"]);
    // What a process does that opens the folder anew; many times, since a part of an id is random.
    const said = ["back", "back again"];
    for (let n = 0; n < 20; n += 1) {
      const { domain, tenantId } = settings;
      const opened = tenantLog(store, { domain, tenantId, now });
      said.push(`restarted ${n}`);
      opened.log({ type: "sapi", description: `restarted ${n}` });
      opened.flush();
    }
    expect(await after(last?.log_id ?? "")).toEqual(said);
    const sorted = logEntries(store).toSorted((a, b) => (a.log_id < b.log_id ? -1 : 1));
    expect(sorted).toEqual(logEntries(store));
    const date = Date.parse(latestLogEntries(store, 1)[0]?.date ?? "");
    expect(date).toBeGreaterThanOrEqual(real * 1000);
    expect(date).toBeLessThanOrEqual(Date.now());
  });

  test("gives the latest first, across the batches in which they were written", () => {
    const { store, log, flushLog } = tenant.context;
    for (let n = 0; n < 6; n += 1) {
      log({ type: "f", description: String(n) });
      if (n % 2 === 1) flushLog();
    }
    const latest = latestLogEntries(store, 3);
    expect(latest.map(({ description }) => description)).toEqual(["5", "4", "3"]);
    expect(latestLogEntries(store, 10_000)).toEqual(logEntries(store).reverse());
  });

  test("reads what an earlier version wrote, an entry a row", () => {
    const { store } = tenant.context;
    const [entry] = logEntries(store);
    const row = { ...entry, log_id: "901", _id: "901" };
    store.logs.put("901", row as never);
    expect(logEntries(store).at(-1)).toEqual(row);
    store.logs.delete("901");
  });

  test("writes what waits by itself", async () => {
    const { store, log } = tenant.context;
    log({ type: "du", description: "waits" });
    await expect.poll(() => logEntries(store).filter(({ type }) => type === "du")).toHaveLength(1);
  });
});
