/** @module Which of the published operations the tenant has, and that it says of the others that it has not. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { tenantApp } from "../../tenant/app.ts";
import { managementEndpoints } from "../../tenant/management/app.ts";
import { openTestTenant, type TestTenant } from "./open-test-tenant.ts";
import { operations } from "./operations.ts";
import { specDocument, specsPresent } from "./spec/spec-documents.ts";

const host = "https://localhost:4443";
const verbs = ["get", "post", "put", "patch", "delete"];

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTestTenant({ app: (context) => tenantApp(context).app });
});
afterAll(() => tenant.close());

/** Ids of path parameters: any text that no object has. */
const filled = (path: string) => path.replace(/\{\w+\}/g, "none");

suite("operations of the published APIs", () => {
  const named = specsPresent
    ? "are each in exactly one of two lists: those that the tenant has, and those that it has not"
    : "are NOT compared with the descriptions: ../shared/specs is absent";

  test(named, () => {
    for (const { name, available, unavailable } of operations(tenant.context)) {
      const both = [...available, ...unavailable];
      const share = Math.round((available.length / both.length) * 100);
      process.stdout.write(
        `operations of the ${name} API: ${available.length} of ${both.length} (${share} %); the others answer 501\n`,
      );
      expect(new Set(both).size, name).toBe(both.length);
      if (!specsPresent) continue;
      const published = Object.entries(specDocument(name).paths).flatMap(([path, item]) =>
        Object.keys(item)
          .filter((verb) => verbs.includes(verb))
          .map((verb) => `${verb.toUpperCase()} ${path}`),
      );
      expect(both.toSorted(), name).toEqual(published.toSorted());
    }
  });

  test("that the tenant has not answer 501 with their name, each in its API's dialect, and are counted", async () => {
    const authorization = `Bearer ${await tenant.token()}`;
    for (const { name, base, unavailable } of operations(tenant.context)) {
      for (const operation of unavailable) {
        const [method = "", path = ""] = operation.split(" ");
        const response = await tenant.fetch(host + base + filled(path), {
          method,
          headers: { authorization },
        });
        expect(response.status, operation).toBe(501);
        const body = (await response.json()) as Record<string, unknown>;
        const text = `The operation ${operation} is not available on this local tenant.`;
        if (name === "management") {
          const error = { statusCode: 501, error: "Not Implemented", errorCode: "not_implemented" };
          expect(body).toEqual({ ...error, message: text });
        } else if (name === "my-account") {
          expect(body).toMatchObject({ status: 501, title: "Not Implemented", detail: text });
        } else {
          expect(body).toEqual({ error: "not_implemented", error_description: text });
        }
      }
    }
    const counted = tenant.context.droppedFields.list();
    const all = operations(tenant.context).flatMap(({ unavailable }) => unavailable);
    expect(counted.filter(({ field }) => field === "(operation)")).toHaveLength(all.length);
  });

  test("are all routed: what the tenant has never answers 501", async () => {
    const activated = { identifier: `${host}/me/`, name: "My Account" };
    expect((await tenant.api("POST", "/resource-servers", activated)).status).toBe(201);
    const authorization = `Bearer ${await tenant.token([])}`;
    for (const { base, available } of operations(tenant.context)) {
      for (const operation of available) {
        const [method = "", path = ""] = operation.split(" ");
        const init = { method, headers: { authorization } };
        const { status } = await tenant.fetch(host + base + filled(path), init);
        expect([404, 501], `${operation} answered ${status}`).not.toContain(status);
      }
    }
  });

  test("of the Management API refuse a token without scopes, naming the published ones", async () => {
    const authorization = `Bearer ${await tenant.token([])}`;
    const differing: string[] = [];
    for (const { method, path, scopes } of managementEndpoints(tenant.context)) {
      const init = { method, headers: { authorization } };
      const response = await tenant.fetch(`${host}/api/v2${filled(path)}`, init);
      expect(response.status, `${method} ${path}`).toBe(403);
      expect(await response.json()).toMatchObject({
        message: `Insufficient scope, expected any of: ${scopes.join(",")}`,
        errorCode: "insufficient_scope",
      });
      if (!specsPresent) continue;
      const published = specDocument("management").paths[path]?.[method.toLowerCase()]?.security;
      const named = published?.flatMap((way) => way["oAuth2ClientCredentials"] ?? []) ?? [];
      if (named.toSorted().join() !== scopes.toSorted().join()) differing.push(`${method} ${path}`);
    }
    // The description's text for these names one scope, and its list a second one that is not enough by itself.
    const known = [
      ...["GET /clients/{id}/connections", "POST /sessions/{id}/revoke"],
      "POST /users/{id}/revoke-access",
    ];
    expect(differing.toSorted()).toEqual(specsPresent ? known : []);
  });

  test("that nobody publishes are not found", async () => {
    const authorization = `Bearer ${await tenant.token()}`;
    for (const path of ["/api/v2/nothing", "/api/v2/clients/a/b/c", "/me/v1/nothing", "/nothing"]) {
      const response = await tenant.fetch(host + path, { headers: { authorization } });
      expect(response.status, path).toBe(404);
    }
  });
});
