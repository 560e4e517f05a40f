/** @module What a TokenVault's options must be. */
import { describe, expect, it } from "vitest";
import { apiServer, vaultAt } from "./wire-vault.ts";

describe("a TypeError for the caller's own mistakes", () => {
  it.each(["", "https://t.auth0.com", "t.auth0.com/", "t auth0", "user@t.auth0.com"])(
    "domain %j",
    async (domain) => {
      const tenant = await apiServer(() => ({}));
      expect(() => vaultAt(tenant, { domain })).toThrow(TypeError);
    },
  );

  it("an empty clientId", async () => {
    const tenant = await apiServer(() => ({}));
    expect(() => vaultAt(tenant, { clientId: "" })).toThrow(TypeError);
  });
});
