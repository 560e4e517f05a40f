/** @module Clients of the Management API: changed and deleted. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import type { ClientRow } from "../../../tenant/models/client.ts";
import type { ClientGrantRow } from "../../../tenant/models/client-grant.ts";
import type { ConnectionRow } from "../../../tenant/models/connection.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";
import { createClient, refusal, vaultClient } from "./samples.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await openTestTenant();
});
afterAll(() => tenant.close());

const create = (body: object) => createClient(tenant, body);

// parity: PATCH /clients/{id} | OpenAPI; recordings: TestAccClientConfig
suite("PATCH /clients/{id}", () => {
  const patch = (id: string, body: object) =>
    tenant.api<ClientRow>("PATCH", `/clients/${id}`, body);

  test("replaces the top-level keys that are sent and keeps the others", async () => {
    const { client_id: id } = await create({ name: "old", callbacks: ["https://a.test/cb"] });
    const { status, body } = await patch(id, { name: "new", grant_types: [] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "new", grant_types: [], callbacks: ["https://a.test/cb"] });
  });

  test("removes a metadata key with null and keeps the others", async () => {
    const { client_id: id } = await create({ name: "m", client_metadata: { a: "1", b: "2" } });
    const { body } = await patch(id, { client_metadata: { a: null, c: "3" } });
    expect(body.client_metadata).toEqual({ b: "2", c: "3" });
  });

  test("allows ten metadata entries and refuses the eleventh", async () => {
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, "v"]));
    const { client_id: id } = await create({ name: "m", client_metadata: ten });
    const answer = await patch(id, { client_metadata: { more: "v" } });
    expect(answer).toEqual(
      refusal(
        "Payload validation error: 'Too many properties defined (11), maximum 10' on property client_metadata.",
      ),
    );
  });

  test("replaces refresh_token wholly: policies that are not sent again are gone", async () => {
    const { client_id: id } = await create(vaultClient(tenant));
    const refreshToken = { rotation_type: "non-rotating", expiration_type: "non-expiring" };
    const { body } = await patch(id, { refresh_token: refreshToken });
    expect(body.refresh_token).not.toHaveProperty("policies");
    expect(body.refresh_token.token_lifetime).toBe(31_557_600);
  });

  test("takes a separate null for default_organization", async () => {
    const { client_id: id } = await create({ name: "o" });
    const { status, body } = await patch(id, { default_organization: null });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty("default_organization");
  });

  test("refuses a change that breaks Token Vault's conditions, and changes nothing", async () => {
    const { client_id: id } = await create(vaultClient(tenant));
    expect((await patch(id, { token_endpoint_auth_method: "none" })).status).toBe(400);
    const { body } = await tenant.api<ClientRow>("GET", `/clients/${id}`);
    expect(body.token_endpoint_auth_method).toBe("client_secret_post");
  });

  test("refuses an empty change", async () => {
    const { client_id: id } = await create({ name: "e" });
    const reason = "'Too few properties defined (0), minimum 1'";
    expect(await patch(id, {})).toEqual(refusal(`Payload validation error: ${reason}.`));
  });

  test.each(["client_id", "resource_server_identifier", "tenant"])(
    "refuses to change %s",
    async (key) => {
      const { client_id: id } = await create({ name: "i" });
      expect((await patch(id, { [key]: "other" })).status).toBe(400);
    },
  );

  test("sets a secret, for a token that may change keys", async () => {
    const { client_id: id } = await create({ name: "s" });
    const { body } = await patch(id, { client_secret: "a-secret-of-our-own" });
    expect(body.client_secret).toBe("a-secret-of-our-own");
    const response = await tenant.fetch(`https://localhost:4443/api/v2/clients/${id}`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${await tenant.token(["update:clients"])}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ client_secret: "another" }),
    });
    expect(response.status).toBe(403);
  });

  test("keeps both of two changes that come at once", async () => {
    const { client_id: id } = await create({ name: "c" });
    const keys = Array.from({ length: 9 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => patch(id, { client_metadata: { [key]: "v" } })));
    const { body } = await tenant.api<ClientRow>("GET", `/clients/${id}`);
    expect(Object.keys(body.client_metadata ?? {}).sort()).toEqual(keys);
  });
});

// parity: DELETE /clients/{id} | OpenAPI
suite("DELETE /clients/{id}", () => {
  test("answers 204, also when the client is already gone", async () => {
    const { client_id: id } = await create({ name: "gone" });
    expect(await tenant.api("DELETE", `/clients/${id}`)).toEqual({ status: 204 });
    expect(await tenant.api("DELETE", `/clients/${id}`)).toEqual({ status: 204 });
    expect((await tenant.api("GET", `/clients/${id}`)).status).toBe(404);
  });

  test("takes its grants, its refresh tokens and its place at connections with it", async () => {
    const { client_id: id } = await create({ name: "cascade" });
    const { body: connection } = await tenant.api<ConnectionRow>("POST", "/connections", {
      name: "cascade",
      strategy: "oauth2",
      enabled_clients: [id],
    });
    await tenant.api("POST", "/client-grants", {
      client_id: id,
      audience: `${tenant.context.settings.issuer}api/v2/`,
      scope: ["read:clients"],
    });
    tenant.context.store.refreshTokens.put("rt", {
      id: "rt",
      token_hash: "hash",
      user_id: "auth0|1",
      client_id: id,
      session_id: "s",
      scope: "openid",
      rotating: false,
      created_at: 1,
      last_exchanged_at: 1,
    });
    await tenant.api("DELETE", `/clients/${id}`);
    const grants = await tenant.api<ClientGrantRow[]>("GET", `/client-grants?client_id=${id}`);
    expect(grants.body).toEqual([]);
    const { body } = await tenant.api<ConnectionRow>("GET", `/connections/${connection.id}`);
    expect(body.enabled_clients).toEqual([]);
    expect(tenant.context.store.refreshTokens.get("rt")).toBeUndefined();
  });
});

// parity: POST /clients/{id}/rotate-secret | OpenAPI
suite("POST /clients/{id}/rotate-secret", () => {
  test("answers the client with another secret", async () => {
    const { client_id: id, client_secret: old } = await create({ name: "rotate" });
    const { status, body } = await tenant.api<ClientRow>("POST", `/clients/${id}/rotate-secret`);
    expect(status).toBe(200);
    expect(body.client_secret).toMatch(/^[A-Za-z0-9_-]{64}$/);
    expect(body.client_secret).not.toBe(old);
  });
});
