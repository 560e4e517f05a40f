/** @module How the client proves itself. */
import { describe, expect, it } from "vitest";
import { ClientSecretBasic, ClientSecretPost } from "../../runtime/client-auth.ts";
import { exchanges, tenantServer, vaultAt } from "./wire-vault.ts";

describe("client authentication", () => {
  it("RFC 6749 2.3.1: ClientSecretPost sends id and secret in the form", async () => {
    const tenant = await tenantServer(exchanges());
    await vaultAt(tenant, { clientAuth: ClientSecretPost("pässwört&=+") }).token("desk");
    const [seen] = tenant.seen;
    expect(seen?.form.get("client_id")).toBe("client-1");
    expect(seen?.form.get("client_secret")).toBe("pässwört&=+");
    expect(seen?.headers["authorization"]).toBeUndefined();
  });

  it("RFC 6749 2.3.1: ClientSecretBasic form-encodes both before base64", async () => {
    const tenant = await tenantServer(exchanges());
    await vaultAt(tenant, { clientId: "a:b c", clientAuth: ClientSecretBasic("pä:+%") }).token(
      "desk",
    );
    const [seen] = tenant.seen;
    const basic = Buffer.from(seen?.headers["authorization"]?.slice(6) ?? "", "base64").toString();
    expect(basic).toBe("a%3Ab+c:p%C3%A4%3A%2B%25");
    expect(seen?.form.has("client_secret")).toBe(false);
  });

  it("refuses an empty secret before any request", () => {
    expect(() => ClientSecretPost("")).toThrow(TypeError);
    expect(() => ClientSecretBasic("")).toThrow(TypeError);
  });
});
