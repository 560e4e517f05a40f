/**
 * @module The tenant next to oidc-provider, which is certified: the same wrong request gets the same OAuth error
 * from both, where Auth0 doesn't have its own.
 */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { ScriptedBrowser } from "./scripted-browser.ts";
import {
  callback,
  openWorld,
  passProvider,
  type SignedIn,
  type TenantWorld,
} from "./tenant-world.ts";

let world: TenantWorld;
let alice: SignedIn;
let atProvider: ScriptedBrowser;

beforeAll(async () => {
  world = await openWorld();
  alice = await world.signUp("alice@example.com");
  atProvider = new ScriptedBrowser();
});
afterAll(() => world.close());

/** One server as a test asks it. */
interface Server {
  readonly authorize: string;
  readonly token: string;
  readonly client: { client_id: string; client_secret: string };
  readonly redirectUri: string;
  readonly browser: ScriptedBrowser;
}
const servers = (): { tenant: Server; oracle: Server } => {
  const options = world.provider.connectionOptions();
  return {
    tenant: {
      authorize: `${world.tenant.url}/authorize`,
      token: `${world.tenant.url}/oauth/token`,
      client: { client_id: world.app.id, client_secret: world.app.secret },
      redirectUri: callback,
      browser: alice.browser,
    },
    oracle: {
      authorize: `${world.provider.url}/auth`,
      token: `${world.provider.url}/token`,
      client: {
        client_id: String(options["client_id"]),
        client_secret: String(options["client_secret"]),
      },
      redirectUri: callback,
      browser: atProvider,
    },
  };
};

/** What the app is told; `page` when it is told nothing. */
async function authorize(server: Server, params: Record<string, string>) {
  const url = new URL(server.authorize);
  const all = {
    client_id: server.client.client_id,
    redirect_uri: server.redirectUri,
    response_type: "code",
    scope: "openid",
    state: "s",
    ...params,
  };
  for (const [name, value] of Object.entries(all))
    if (value !== "") url.searchParams.set(name, value);
  const done = await passProvider(server.browser, await server.browser.goto(url), "alice");
  return done.status === 0 ? done.url.searchParams : undefined;
}

async function token(server: Server, form: Record<string, string>) {
  const body = new URLSearchParams({ ...server.client, ...form });
  const response = await fetch(server.token, { method: "POST", body });
  return ((await response.json()) as { error?: string }).error ?? "none";
}

suite("the tenant and oidc-provider agree on /authorize", () => {
  test.each([
    ["a good request", {}],
    ["an unknown response_type", { response_type: "magic" }],
    ["no response_type", { response_type: "" }],
    ["prompt=none with another", { prompt: "none login" }],
    ["an unknown prompt", { prompt: "maybe" }],
    ["a max_age that is no number", { max_age: "soon" }],
    [
      "an unknown code_challenge_method",
      { code_challenge: "x".repeat(43), code_challenge_method: "S512" },
    ],
    ["a code_challenge that is too short", { code_challenge: "x", code_challenge_method: "S256" }],
    ["a code_challenge_method alone", { code_challenge_method: "S256" }],
    ["a request object", { request: "e30.e30." }],
    ["a request_uri", { request_uri: "https://app.example.com/request" }],
    ["a redirect_uri that is not registered", { redirect_uri: "https://evil.example.net" }],
    ["an unknown client", { client_id: "nobody" }],
  ])("about %s", async (_name, params) => {
    const { tenant, oracle } = servers();
    const told = async (server: Server) => {
      const answer = await authorize(server, params as Record<string, string>);
      if (answer === undefined) return "page";
      return { error: answer.get("error"), state: answer.get("state"), code: answer.has("code") };
    };
    expect(await told(tenant)).toEqual(await told(oracle));
  });
});

suite("the tenant and oidc-provider agree on the token endpoint", () => {
  const verifier = "v".repeat(43);
  const code = async (server: Server, params: Record<string, string> = {}) =>
    (await authorize(server, params))?.get("code") ?? "no code";
  const grant = { grant_type: "authorization_code" };

  test.each<[string, (server: Server) => Promise<Record<string, string>>]>([
    ["no grant_type", async () => ({})],
    ["an unknown grant_type", async () => ({ grant_type: "magic" })],
    ["no code", async (server) => ({ ...grant, redirect_uri: server.redirectUri })],
    [
      "a code that never was",
      async (server) => ({ ...grant, code: "x", redirect_uri: server.redirectUri }),
    ],
    [
      "a good code",
      async (server) => ({ ...grant, code: await code(server), redirect_uri: server.redirectUri }),
    ],
    [
      "another redirect_uri",
      async (server) => ({ ...grant, code: await code(server), redirect_uri: `${callback}/x` }),
    ],
    ["no redirect_uri", async (server) => ({ ...grant, code: await code(server) })],
    ["a wrong client_secret", async () => ({ ...grant, client_secret: "wrong", code: "x" })],
    ["an unknown client", async () => ({ ...grant, client_id: "nobody", code: "x" })],
    ["no refresh_token", async () => ({ grant_type: "refresh_token" })],
    [
      "a refresh_token that never was",
      async () => ({ grant_type: "refresh_token", refresh_token: "x" }),
    ],
    [
      "a wrong code_verifier",
      async (server) => ({
        ...grant,
        code: await code(server, { code_challenge: verifier, code_challenge_method: "S256" }),
        code_verifier: "w".repeat(43),
        redirect_uri: server.redirectUri,
      }),
    ],
    [
      "a code_verifier without a challenge",
      async (server) => ({
        ...grant,
        code: await code(server),
        code_verifier: verifier,
        redirect_uri: server.redirectUri,
      }),
    ],
  ])("about %s", async (_name, form) => {
    const { tenant, oracle } = servers();
    expect(await token(tenant, await form(tenant))).toBe(await token(oracle, await form(oracle)));
  });

  test("about a code that comes twice, and the refresh token that it gave", async () => {
    const { tenant, oracle } = servers();
    const story = async (server: Server) => {
      const form = {
        ...grant,
        code: await code(server, { scope: "openid offline_access" }),
        redirect_uri: server.redirectUri,
      };
      const first = await fetch(server.token, {
        method: "POST",
        body: new URLSearchParams({ ...server.client, ...form }),
      });
      const { refresh_token = "" } = (await first.json()) as { refresh_token?: string };
      const again = await token(server, form);
      return [
        first.status,
        again,
        await token(server, { grant_type: "refresh_token", refresh_token }),
      ];
    };
    expect(await story(tenant)).toEqual(await story(oracle));
  });
});
