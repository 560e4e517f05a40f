/** @module Signing in: what is asked, what is checked, what is kept. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadProfile, saveProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import { openSession } from "../../cli/profiles/session.ts";
import { type RunLoginOptions, runLogin } from "../../cli/sign-in/run-login.ts";
import { freePort } from "../free-ports.ts";
import { TVK, testEnv, tvk } from "./run-tvk.ts";
import { type Lies, loginTenant } from "./wire-login-tenant.ts";

async function setUp(lies: Lies = {}, settings: { audience?: string } = {}) {
  const tenant = await loginTenant(lies);
  onTestFinished(() => tenant.close());
  const env = testEnv();
  const profile = {
    domain: tenant.host,
    clientId: "client-1",
    clientSecret: "s3cret",
    local: true,
  };
  await saveProfile("dev", { ...profile, ...settings }, env);
  const port = await freePort();
  const login = (options: Partial<RunLoginOptions> = {}) =>
    runLogin({
      session: openSession({ env, timeoutMs: 5000 }),
      visit: tenant.visit,
      port,
      ...options,
    });
  return { tenant, env, login, port };
}

describe("runLogin()", () => {
  it("asks with PKCE, state, nonce and offline_access, and keeps the verified user's tokens", async () => {
    const { tenant, env, login, port } = await setUp({}, { audience: "https://api" });
    expect(await login({ connection: "desk" })).toEqual({
      sub: "auth0|1",
      email: "alice@acme.test",
      name: "Alice",
    });
    expect(Object.fromEntries(tenant.asked())).toEqual({
      client_id: "client-1",
      response_type: "code",
      redirect_uri: `http://127.0.0.1:${port}/callback`,
      scope: "openid profile email offline_access",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      audience: "https://api",
      connection: "desk",
    });
    const auth0 = loadProfile("dev", env)?.profile.auth0;
    expect(auth0).toMatchObject({ accessToken: "at-auth0", refreshToken: "rt-new" });
    expect(auth0?.expiresAt).toBeGreaterThan(Date.now() + 86_000_000);
    const form = tenant.seen.find(({ path }) => path === "/oauth/token")?.form;
    expect(form?.get("client_secret")).toBe("s3cret");
    expect(form?.get("redirect_uri")).toBe(`http://127.0.0.1:${port}/callback`);
  });

  it("drops the provider tokens of whoever was signed in before", async () => {
    const { env, login } = await setUp();
    await updateProfile(
      "dev",
      ({ connections }) => Object.assign(connections, { k: { value: "{}", expiresAt: 9e15 } }),
      env,
    );
    await login();
    expect(loadProfile("dev", env)?.profile.connections).toEqual({});
  });

  it("makes a profile without the secret for a tenant that the environment names", async () => {
    const { tenant, env, port } = await setUp();
    const trio = {
      AUTH0_DOMAIN: tenant.host,
      AUTH0_CLIENT_ID: "client-1",
      AUTH0_CLIENT_SECRET: "s3cret",
    };
    const other = { ...env, TVK_CONFIG_DIR: `${env["TVK_CONFIG_DIR"]}-2`, ...trio };
    await runLogin({ session: openSession({ env: other }), visit: tenant.visit, port });
    const kept = loadProfile(undefined, other)?.profile;
    expect(kept?.auth0?.refreshToken).toBe("rt-new");
    expect(kept).not.toHaveProperty("clientSecret");
  });

  it.each<[string, Lies, RegExp]>([
    ["a nonce of another sign-in", { claims: { nonce: "another" } }, /nonce/],
    ["no nonce", { claims: { nonce: undefined } }, /nonce/],
    ["a key that the tenant does not publish", { foreignKey: true }, /signature/i],
    ["another issuer", { claims: { iss: "https://evil.test/" } }, /iss/],
    ["another audience", { claims: { aud: "client-2" } }, /aud/],
    ["an ID token that has expired", { claims: { exp: 1000 } }, /exp|past/],
    ["no ID token", { tokens: { id_token: undefined } }, /id_token/],
    ["no refresh token", { tokens: { refresh_token: undefined } }, /refresh token/],
    ["a state of another sign-in", { callback: { state: "another" } }, /state/],
    ["no state", { callback: { state: undefined } }, /state/],
    ["no code", { callback: { code: undefined } }, /code/],
    [
      "an error of the tenant",
      {
        callback: { code: undefined, error: "access_denied", error_description: "user is blocked" },
      },
      /access_denied: user is blocked/,
    ],
    [
      "a code that the tenant refuses",
      {
        tokenReply: {
          status: 403,
          json: { error: "invalid_grant", error_description: "Invalid authorization code" },
        },
      },
      /invalid_grant: Invalid authorization code/,
    ],
    ["metadata of another issuer", { metadata: { issuer: "https://evil.test/" } }, /issuer/],
    [
      "a token endpoint elsewhere",
      { metadata: { token_endpoint: "https://evil.test/oauth/token" } },
      /token_endpoint/,
    ],
    ["keys elsewhere", { metadata: { jwks_uri: "https://evil.test/jwks" } }, /jwks_uri/],
  ])("refuses %s and keeps nothing", async (_, lies, message) => {
    const { env, login } = await setUp(lies);
    await expect(login()).rejects.toThrow(message);
    expect(loadProfile("dev", env)?.profile.auth0).toBeUndefined();
  });

  it("ends after the time to wait, and frees the port", async () => {
    const { login, tenant } = await setUp();
    await expect(login({ visit: async () => {}, waitMs: 50 })).rejects.toMatchObject({
      code: "timeout",
    });
    expect(await login({ visit: tenant.visit })).toMatchObject({ sub: "auth0|1" });
  });

  it("network_error, exit 6, when the tenant does not answer", async () => {
    const { login, tenant } = await setUp();
    await tenant.close();
    await expect(login()).rejects.toMatchObject({
      code: "network_error",
      exitCode: 6,
      message: `no answer from ${tenant.host}: ECONNREFUSED`,
    });
  });

  it("ends with the error of a visit that failed", async () => {
    const { login } = await setUp();
    const visit = () => Promise.reject(new Error("the page is not known"));
    await expect(login({ visit })).rejects.toThrow("the page is not known");
  });

  it("names the port that is taken", async () => {
    const { login, port } = await setUp();
    const taken = createServer().listen(port, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.on("listening", resolve));
    await expect(login()).rejects.toMatchObject({
      code: "port_in_use",
      message: expect.stringContaining(`${port}`),
    });
  });
});

describe("tvk login --reconfigure", () => {
  it("needs a terminal", async () => {
    const ran = await tvk(testEnv(), "login", "--reconfigure", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({
      error: { code: "invalid_input", hint: expect.stringContaining("AUTH0_DOMAIN") },
    });
  });

  it("asks on stderr for domain, client and secret, never shows the secret, and keeps them", async () => {
    const { tenant } = await setUp();
    await tenant.close();
    const env = testEnv({ AUTH0_TV_FORCE_INTERACTIVE: "1", AUTH0_TV_OUTPUT: "json" });
    const child = spawn(process.execPath, [TVK, "login", "--reconfigure"], { env });
    const answers = [
      ["Tenant domain", tenant.host],
      ["Client id", "client-1"],
      ["Client secret", "hunter2"],
    ];
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      const [question = "", answer] = answers[0] ?? [];
      if (question === "" || !stderr.includes(question)) return;
      answers.shift();
      child.stdin.write(`${answer}\r`);
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "network_error" } });
    expect(stderr).not.toContain("hunter2");
    expect(loadProfile(undefined, env)).toMatchObject({
      name: "default",
      profile: { domain: tenant.host, clientId: "client-1", clientSecret: "hunter2", local: true },
    });
  });
});

describe("the page at the end", () => {
  async function pages(lies: Lies, look: (callback: string) => Promise<Response[]>) {
    const { login, tenant } = await setUp(lies);
    let shown: Response[] = [];
    let looked: Promise<void> = Promise.resolve();
    const visit = (url: string) => {
      looked = (async () => {
        const { headers } = await fetch(url, { redirect: "manual" });
        shown = await look(headers.get("location") ?? "");
      })();
      return looked;
    };
    await login({ visit }).catch(() => {});
    await looked;
    expect(tenant.seen.length).toBeGreaterThan(0);
    return shown;
  }

  it("says that it worked, keeps no trace and runs nothing", async () => {
    const [page] = await pages({}, async (callback) => [await fetch(callback)]);
    expect(page?.status).toBe(200);
    expect(page?.headers.get("cache-control")).toBe("no-store");
    expect(page?.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page?.text()).toContain("You are signed in");
  });

  it("says that it did not work, without what the other side wrote", async () => {
    const lies = { callback: { code: undefined, error: "<script>x</script>" } };
    const [page] = await pages(lies, async (callback) => [await fetch(callback)]);
    expect(page?.status).toBe(400);
    expect(await page?.text()).not.toContain("script>x");
  });

  it("any other path is not found, and no other callback is taken", async () => {
    const [wrong, post, first] = await pages({}, async (callback) => [
      await fetch(new URL("/favicon.ico", callback)),
      await fetch(callback, { method: "POST" }),
      await fetch(callback),
    ]);
    expect([wrong?.status, post?.status, first?.status]).toEqual([404, 404, 200]);
  });
});
