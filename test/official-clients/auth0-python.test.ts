/** @module auth0-python, its Management and Authentication clients: the program beside this file. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { here, python } from "./toolchains.ts";
import { type VaultWorld, vaultWorld } from "./vault-world.ts";

const run = promisify(execFile);

let tenant: VaultWorld;
let seen: Record<string, unknown>;

beforeAll(async () => {
  tenant = await vaultWorld("petra");
  const { env } = tenant;
  const { stdout } = await run(python, [join(here, "python_client.py")], { env });
  seen = JSON.parse(stdout);
});
afterAll(() => tenant.close());

suite("auth0-python", () => {
  test("keeps clients, and walks them page by page", () => {
    expect(seen).toMatchObject({ description: "changed", gone: 404 });
    expect(seen["clients"]).toEqual(expect.arrayContaining(["Agent", "By auth0-python"]));
  });

  test("keeps connections, enables them for a client, and walks them by checkpoint", () => {
    expect(seen).toMatchObject({ active: true, enabled: [true] });
    expect(seen["connections"]).toEqual(expect.arrayContaining(["acme-helpdesk", "by-python"]));
  });

  test("keeps APIs and grants, with which a machine gets its token", () => {
    expect(seen).toMatchObject({ grants: [["read:tickets"]], machine: "read:tickets" });
  });

  test("searches users and sees their connected accounts", () => {
    expect(seen).toMatchObject({ found: ["pia@acme.test"], accounts: ["acme-helpdesk"] });
  });

  test("refreshes, verifies the ID token by the tenant's keys, and revokes", () => {
    expect(seen).toMatchObject({ userinfo: "petra@acme.test", revoked: [403, "invalid_grant"] });
  });

  test("exchanges at the vault, and reads its refusal", async () => {
    const { access_token } = seen["vault"] as { access_token: string };
    const profile = await fetch(`${tenant.world.provider.url}/me`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await profile.json()).toMatchObject({ user_id: "desk-petra" });
    const code = "federated_connection_refresh_token_not_found";
    expect(seen["refusal"]).toEqual([401, code]);
  });

  test("signs a user up and asks for a new password", () => {
    expect(seen).toMatchObject({
      signup: "paul@acme.test",
      change: expect.stringMatching(/email/),
    });
  });
});
