/** @module nodeGuard(): names that lead to private addresses. */
import { describe, expect, it } from "vitest";
import { nodeGuard } from "../../../runtime/node/index.ts";
import { apiServer, errorOf, exchanges, tenantServer, vaultAt } from "../wire-vault.ts";

async function guarded(address: string, host = "api.example.com") {
  const asked: string[] = [];
  const guard = nodeGuard({
    resolve: async (name) => {
      asked.push(name);
      return ["93.184.216.34", address];
    },
    fetch: async () => new Response("went through"),
  });
  const ended = await guard(`https://${host}/`).then(
    (response) => response.text(),
    (error: { code?: string }) => error.code,
  );
  return { ended, asked };
}

describe("nodeGuard()", () => {
  it.each([
    "10.1.2.3",
    "172.31.255.1",
    "192.168.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
  ])("refuses a name of which one address is %s", async (address) => {
    expect((await guarded(address)).ended).toBe("DOMAIN_NOT_ALLOWED");
  });

  it.each(["93.184.216.35", "172.32.0.1", "2606:2800:220:1::1"])(
    "lets %s pass",
    async (address) => {
      expect((await guarded(address)).ended).toBe("went through");
    },
  );

  it.each(["10.0.0.1", "[fd00::1]", "[::ffff:192.168.1.1]", "0x0a.1"])(
    "refuses the private address %s itself, without a lookup",
    async (host) => {
      expect(await guarded("93.184.216.34", host)).toEqual({
        ended: "DOMAIN_NOT_ALLOWED",
        asked: [],
      });
    },
  );

  it.each(["localhost", "127.0.0.1", "[::1]", "a.localhost"])(
    "leaves the literal loopback host %s to the allow-list",
    async (host) => {
      expect(await guarded("127.0.0.1", host)).toEqual({ ended: "went through", asked: [] });
    },
  );

  it("as a vault's fetch refuses the hop of a redirect, as the vault's own error", async () => {
    const tenant = await tenantServer(exchanges());
    const api = await apiServer(() => ({
      status: 302,
      headers: { location: "https://inside.example.com/" },
    }));
    const vault = vaultAt(tenant, {
      allowedDomains: ["localhost", "inside.example.com"],
      fetch: nodeGuard({ resolve: async () => ["10.0.0.8"] }),
    });
    expect(await errorOf(vault.fetch("desk", api.origin))).toMatchObject({
      code: "DOMAIN_NOT_ALLOWED",
      host: "inside.example.com",
      message: "inside.example.com leads to the private address 10.0.0.8",
    });
  });
});
