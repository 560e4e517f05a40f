/** @module What a signed-in user's token for the Management API may do. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { multiResourceScopes } from "../../../tenant/authentication/grants/multi-resource.ts";
import { issueRefreshToken } from "../../../tenant/authentication/refresh-tokens.ts";
import { managementScopes } from "../../../tenant/management-scopes.ts";
import { newClient } from "../../../tenant/models/new-client.ts";
import { openTestTenant } from "../open-test-tenant.ts";
import { decodeJwt, openWorld, type SignedIn, type TenantWorld, userPath } from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
});
afterAll(() => world.close());

const every = managementScopes().map(({ value }) => value);
/** In the documentation; the API here has those of them that its OpenAPI document names. */
const ofUsers = [
  "create:current_user_device_credentials",
  "create:current_user_metadata",
  "delete:current_user_device_credentials",
  "delete:current_user_metadata",
  "read:current_user",
  "update:current_user_identities",
  "update:current_user_metadata",
];
const audience = () => `${world.tenant.url}/api/v2/`;

async function signInForManagement(scope: string): Promise<SignedIn> {
  const url = world.authorizeUrl({ audience: audience(), scope, prompt: "consent" });
  const page = await alice.browser.goto(url);
  return world.redeem(await alice.browser.press(page, "Accept"), alice.browser);
}

const call = async (token: string, path: string) =>
  (
    await fetch(`${world.tenant.url}/api/v2${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;

// parity: GET /authorize: the Management API | docs: Management API access tokens for single-page applications
suite("a user's token for the Management API", () => {
  test("has the current_user scopes alone, whatever was asked for and allowed", async () => {
    const { accessToken } = await signInForManagement(["openid", ...every].join(" "));
    const scopes = String(decodeJwt(accessToken)["scope"]).split(" ");
    expect(scopes.sort()).toEqual(
      ["openid", ...every.filter((scope) => ofUsers.includes(scope))].sort(),
    );
    expect(await call(accessToken, "/clients")).toBe(403);
    expect(await call(accessToken, "/users")).toBe(403);
    const own = userPath(alice);
    expect(await call(accessToken, own)).toBe(200);
  });

  // parity: | docs: Management API access tokens for single-page applications; with a client grant (inferred)
  test("has no more by a client grant of its application", async () => {
    const grant = { client_id: world.app.id, audience: audience(), subject_type: "user" };
    const made = await world.api("POST", "/client-grants", { ...grant, allow_all_scopes: true });
    expect(made.status).toBe(201);
    const apis = await world.api<{ id: string; identifier: string }[]>("GET", "/resource-servers");
    const id = apis.body.find((api) => api.identifier === audience())?.id;
    const subject_type_authorization = { user: { policy: "require_client_grant" } };
    const set = await world.api("PATCH", `/resource-servers/${id}`, { subject_type_authorization });
    expect(set.status).toBe(200);
    const { accessToken } = await signInForManagement("openid read:clients read:current_user");
    expect(decodeJwt(accessToken)["scope"]).toBe("openid read:current_user");
  });

  test("has no more after a refresh, whatever the login has had", async () => {
    const { context, close } = await openTestTenant();
    const client = newClient({ name: "Agent" }, "local");
    const { refreshTokens, clients } = context.store;
    clients.put(client.client_id, client);
    const { issuer } = context.settings;
    const login = { userId: "auth0|1", sessionId: "s", audience: `${issuer}api/v2/`, authTime: 1 };
    const scopes = ["openid", "read:clients", "read:current_user"];
    const { row } = issueRefreshToken(context, { client, ...login, scopes });
    expect(refreshTokens.get(row.id)?.scope).toContain("read:clients");
    expect(multiResourceScopes(context, client, row, undefined)).toEqual({
      audience: login.audience,
      scopes: ["openid", "read:current_user"],
    });
    close();
  });
});
