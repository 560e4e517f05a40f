/** @module Identifiers in Auth0's forms, none of them twice. */
import { expect, suite, test } from "vitest";
import { identifiers, sha256 } from "../../tenant/identifiers.ts";
import { managementScopes } from "../../tenant/management-scopes.ts";

suite("identifiers", () => {
  test.each([
    ["con_", /^con_[A-Za-z0-9]{16}$/],
    ["cgr_", /^cgr_[A-Za-z0-9]{16}$/],
    ["cac_", /^cac_[A-Za-z0-9]{22}$/],
    ["cred_", /^cred_[A-Za-z0-9]{22}$/],
    ["other_", /^other_[A-Za-z0-9]{24}$/],
  ])("gives %s its length", (prefix, form) => {
    expect(identifiers.newId(prefix)).toMatch(form);
  });

  test("gives client ids, secrets and hexadecimal ids their forms", () => {
    expect(identifiers.newClientId()).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(identifiers.newSecret()).toMatch(/^[\w-]{64}$/);
    expect(identifiers.newHexId()).toMatch(/^[0-9a-f]{24}$/);
  });

  test("uses every character about as often as any other", () => {
    const counts = new Map<string, number>();
    for (const letter of identifiers.newText(62_000)) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    // Ten standard deviations: a thousand each, give or take.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(320);
  });
});

suite("sha256()", () => {
  test("FIPS 180-4: answers the hash of abc, in base64url", () => {
    expect(sha256("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  });
});

suite("managementScopes()", () => {
  test("names what the kit needs, each scope once, with a description", () => {
    const scopes = managementScopes();
    const values = scopes.map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
    expect(values).toEqual(
      expect.arrayContaining(["create:clients", "read:client_keys", "update:connections"]),
    );
    expect(scopes.find(({ value }) => value === "create:client_grants")?.description).toBe(
      "Create Client Grants",
    );
  });
});
