/** @module @auth0/ai, the core of Auth0's wrappers for agents' tools: its Token Vault authorizer. */
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import {
  openWorld,
  type SignedIn,
  type TenantWorld,
} from "../tenant/authentication/tenant-world.ts";

// Its ES modules import one another without extensions, which only a bundler reads; this is its other build.
const require = createRequire(import.meta.url);
const { getAccessTokenFromTokenVault, SUBJECT_TOKEN_TYPES, TokenVaultAuthorizerBase } =
  require("@auth0/ai/TokenVault") as typeof import("@auth0/ai/TokenVault");
const { MemoryStore } = require("@auth0/ai/stores") as typeof import("@auth0/ai/stores");
const { TokenVaultError, TokenVaultInterrupt } =
  require("@auth0/ai/interrupts") as typeof import("@auth0/ai/interrupts");

const api = "https://agents.example/api";

let world: TenantWorld;
let user: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  await world.api("POST", "/resource-servers", {
    identifier: api,
    name: "Agents",
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true,
  });
  user = await world.signUp("anna@acme.test", { audience: api });
});
afterAll(() => world.close());

/** A tool that asks the provider who the user is, as an agent's framework would call it. */
function tool(
  from: { refreshToken: () => Promise<string> } | { accessToken: () => Promise<string> },
  client = world.app,
  scopes = ["read:tickets"],
) {
  const authorizer = new TokenVaultAuthorizerBase<[{ thread: string }]>(
    { domain: world.tenant.domain, clientId: client.id, clientSecret: client.secret },
    {
      ...from,
      ...("accessToken" in from
        ? { subjectTokenType: SUBJECT_TOKEN_TYPES.SUBJECT_TYPE_ACCESS_TOKEN }
        : {}),
      ...{ connection: "acme-helpdesk", scopes, store: new MemoryStore() },
    },
  );
  return authorizer.protect(
    ({ thread }) => ({ threadID: thread, toolCallID: "1", toolName: "whoami" }),
    async () => {
      const response = await fetch(`${world.provider.url}/me`, {
        headers: { authorization: `Bearer ${getAccessTokenFromTokenVault()}` },
      });
      if (response.status === 401) throw new TokenVaultError("the provider refused the token");
      return response.json();
    },
  );
}

const byRefreshToken = () => ({ refreshToken: async () => user.refreshToken });

suite("@auth0/ai's Token Vault authorizer", () => {
  test("interrupts the tool until the user has connected", async () => {
    const interrupted = tool(byRefreshToken())({ thread: "a" });
    await expect(interrupted).rejects.toMatchObject({
      code: TokenVaultInterrupt.code,
      connection: "acme-helpdesk",
      requiredScopes: ["read:tickets"],
    });
  });

  test("gives the tool the provider's token for a refresh token, and keeps it for the thread", async () => {
    await world.connect(user, "anna");
    const whoami = tool(byRefreshToken());
    expect(await whoami({ thread: "a" })).toMatchObject({ user_id: "desk-anna" });
    const before = (await world.log("sertft")).length;
    await whoami({ thread: "a" });
    expect((await world.log("sertft")).length).toBe(before);
  });

  test("interrupts with what is missing where the user granted fewer scopes", async () => {
    const wants = tool(byRefreshToken(), world.app, ["read:tickets", "delete:tickets"]);
    await expect(wants({ thread: "b" })).rejects.toMatchObject({
      code: TokenVaultInterrupt.code,
      requiredScopes: expect.arrayContaining(["delete:tickets"]),
    });
  });

  test("gives an API's own client the provider's token for the access token that it was called with", async () => {
    const { body } = await world.api<{ client_id: string; client_secret: string }>(
      "POST",
      "/clients",
      {
        name: "Agents' API",
        app_type: "resource_server",
        resource_server_identifier: api,
        grant_types: [
          "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
        ],
      },
    );
    const client = { id: body.client_id, secret: body.client_secret };
    await world.api("PATCH", `/connections/${world.connectionId}/clients`, [
      { client_id: client.id, status: true },
    ]);
    const whoami = tool({ accessToken: async () => user.accessToken }, client);
    expect(await whoami({ thread: "a" })).toMatchObject({ user_id: "desk-anna" });
  });
});
