/** @module Connections of the Management API: changed, deleted, and the clients they are enabled for. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { ConnectedAccountRow } from "../../../tenant/models/connected-account.ts";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { connectionOptions, createConnection, getConnection } from "./samples.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const create = (body: object = {}) => createConnection(tenant, body);
const get = (id: string, query = "") => getConnection(tenant, id, query);

const patch = (id: string, body: object) =>
  tenant.api<ConnectionRow>("PATCH", `/connections/${id}`, body);

const newClient = async () =>
  (await tenant.api<ClientRow>("POST", "/clients", { name: "app" })).body.client_id;

// parity: PATCH /connections/{id} | docs: oauth2 connections; recordings: TestAccConnectionOAuth2
suite("PATCH /connections/{id}", () => {
  test("replaces options wholly: what is not sent again is gone", async () => {
    const { id } = await create({ options: connectionOptions() });
    const { strategy_version: _, upstream_params: _params, ...rest } = connectionOptions();
    const { body } = await patch(id, { options: rest });
    expect(body.options).toEqual(rest);
  });

  test("keeps the switches that are not sent", async () => {
    const { id } = await create({ connected_accounts: { active: true } });
    const { body } = await patch(id, { options: {} });
    expect(body.connected_accounts).toEqual({ active: true });
  });

  test("drops a display name that is not sent again", async () => {
    const { id } = await create({ display_name: "Helpdesk" });
    const { body } = await patch(id, { options: {} });
    expect(body).not.toHaveProperty("display_name");
  });

  test("removes a metadata entry with null", async () => {
    const { id } = await create({ metadata: { a: "1", b: "2" } });
    const { body } = await patch(id, { metadata: { a: null } });
    expect(body.metadata).toEqual({ b: "2" });
  });

  test.each([
    ["name", "other"],
    ["strategy", "auth0"],
  ])("refuses to change %s", async (key, value) => {
    const { id } = await create();
    expect((await patch(id, { [key]: value })).body).toMatchObject({
      message: `Payload validation error: 'Additional properties not allowed: ${key}'.`,
    });
  });

  test("still takes enabled_clients, as older tools send them", async () => {
    const [{ id }, client] = [await create(), await newClient()];
    const { body } = await patch(id, { enabled_clients: [client, client] });
    expect(body.enabled_clients).toEqual([client]);
  });
});

// parity: DELETE /connections/{id} | OpenAPI; recordings: TestAccConnectionOAuth2
suite("DELETE /connections/{id}", () => {
  test("answers 202 with a time, then 204", async () => {
    const { id } = await create();
    const first = await tenant.api("DELETE", `/connections/${id}`);
    expect(first).toEqual({
      status: 202,
      body: { deleted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
    });
    expect(await tenant.api("DELETE", `/connections/${id}`)).toEqual({ status: 204 });
    expect((await get(id)).status).toBe(404);
  });

  test("frees the name at once", async () => {
    const { id, name } = await create();
    await tenant.api("DELETE", `/connections/${id}`);
    expect((await create({ name })).name).toBe(name);
  });

  test("takes its connected accounts and its users with it, but not users with another identity", async () => {
    const { store } = tenant.context;
    const { id, name } = await create();
    const identity = { connection: name, user_id: "1", provider: "oauth2", isSocial: true };
    const other = { ...identity, connection: "other" };
    const times = {
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    };
    store.users.put("one", { user_id: "one", identities: [identity], ...times });
    store.users.put("two", { user_id: "two", identities: [other, identity], ...times });
    const account: ConnectedAccountRow = {
      id: "cac_1",
      user_id: "two",
      connection: name,
      connection_id: id,
      strategy: "oauth2",
      idp_user_id: "1",
      access_type: "offline",
      scopes: [],
      created_at: times.created_at,
      access_token: "a",
      access_token_expires_at: 1,
      refresh_token: "r",
      token_scope: "",
    };
    store.connectedAccounts.put("cac_1", account);
    await tenant.api("DELETE", `/connections/${id}`);
    expect(store.users.get("one")).toBeUndefined();
    expect(store.users.get("two")?.identities).toEqual([other]);
    expect(store.connectedAccounts.get("cac_1")).toBeUndefined();
  });
});

// parity: PATCH /connections/{id}/clients, GET /connections/{id}/clients | OpenAPI; recordings: TestAccConnectionClients
suite("/connections/{id}/clients", () => {
  const path = (id: string) => `/connections/${id}/clients`;

  test("switches clients on and off and shows them in both places", async () => {
    const { id } = await create();
    const [one, two] = [await newClient(), await newClient()];
    const on = [one, two].map((client) => ({ client_id: client, status: true }));
    expect(await tenant.api("PATCH", path(id), on)).toEqual({ status: 204 });
    expect((await tenant.api("GET", path(id))).body).toEqual({
      clients: [{ client_id: one }, { client_id: two }],
    });
    await tenant.api("PATCH", path(id), [{ client_id: one, status: false }]);
    expect((await get(id)).body.enabled_clients).toEqual([two]);
  });

  test("follows the cursor to the end", async () => {
    const { id } = await create();
    const clients = await Promise.all([newClient(), newClient(), newClient()]);
    await tenant.api(
      "PATCH",
      path(id),
      clients.map((client) => ({ client_id: client, status: true })),
    );
    type Page = { clients: { client_id: string }[]; next?: string };
    const first = await tenant.api<Page>("GET", `${path(id)}?take=2`);
    const rest = await tenant.api<Page>("GET", `${path(id)}?take=2&from=${first.body.next}`);
    const seen = [...first.body.clients, ...rest.body.clients].map((row) => row.client_id);
    expect(seen.sort()).toEqual(clients.sort());
    expect(rest.body).not.toHaveProperty("next");
  });

  test("refuses an empty list and one of 51", async () => {
    const { id } = await create();
    const many = Array.from({ length: 51 }, () => ({ client_id: "x", status: false }));
    expect((await tenant.api("PATCH", path(id), [])).status).toBe(400);
    expect((await tenant.api("PATCH", path(id), many)).status).toBe(400);
  });

  test("answers 404 for an unknown connection and for an unknown client", async () => {
    const { id } = await create();
    const change = [{ client_id: "nobody", status: true }];
    const noClient = await tenant.api("PATCH", path(id), change);
    expect(noClient.body).toMatchObject({ errorCode: "inexistent_client" });
    const noConnection = await tenant.api("PATCH", path("con_0"), change);
    expect(noConnection.body).toMatchObject({ errorCode: "inexistent_connection" });
  });
});
