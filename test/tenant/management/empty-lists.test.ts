/** @module What no connection here has: the lists are empty, not absent. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { managementApp } from "../../../tenant/management/app.ts";
import { openTestTenant, type TestTenant } from "../open-test-tenant.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTestTenant({ app: managementApp });
});
afterAll(() => tenant.close());

suite("lists of what no connection here has", () => {
  // parity: GET /actions/actions, GET /connections-directory-provisionings | Management API description
  test("are empty, a page of actions too", async () => {
    const actions = await tenant.api("GET", "/actions/actions?page=1&per_page=50");
    expect(actions.body).toEqual({ actions: [], total: 0, page: 1, per_page: 50 });
    const provisionings = await tenant.api("GET", "/connections-directory-provisionings?take=50");
    expect(provisionings.body).toEqual({ directory_provisionings: [] });
  });

  test("want their scopes, and refuse a parameter that they don't have", async () => {
    const wrong = await tenant.api("GET", "/actions/actions?nope=1");
    expect(wrong).toMatchObject({ status: 400, body: { errorCode: "invalid_query_string" } });
    const response = await tenant.fetch("https://localhost:4443/api/v2/actions/actions", {
      headers: { authorization: `Bearer ${await tenant.token(["read:clients"])}` },
    });
    expect(response.status).toBe(403);
  });
});
