/** @module tvk doctor against the real local tenant, with what a user's own profile can see. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runConnect } from "../../cli/connections/run-connect.ts";
import { type CheckResult, runDoctor } from "../../cli/doctor/run-doctor.ts";
import {
  loadProfile,
  type ProfileSettings,
  saveProfile,
  updateProfile,
} from "../../cli/profiles/profiles.ts";
import { openSession } from "../../cli/profiles/session.ts";
import { callbackPorts } from "../../cli/sign-in/callback-server.ts";
import { demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { runLogin } from "../../cli/sign-in/run-login.ts";
import { startTenant } from "../../tenant/start-tenant.ts";
import { CONNECTION, HELPDESK_SCOPES, type RealWorld, realWorld } from "./real-world.ts";
import { testEnv, tvk } from "./run-tvk.ts";

const alice = { email: "alice@acme.test", password: "demo1234", signInWith: "Continue with" };
const vaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

let world: RealWorld;
let profile: ProfileSettings;
/** Signed in and connected; each test gets a copy. */
let whole: NodeJS.ProcessEnv;
/** Undoes what a test took away. */
let putBack: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  world = await realWorld();
  const { domain, clientId, clientSecret, caFile, helpdeskHost, callbackPort, manage } = world;
  await manage("PATCH", `/clients/${clientId}`, {
    callbacks: [...callbackPorts, callbackPort].map((port) => `http://127.0.0.1:${port}/callback`),
  });
  profile = {
    domain,
    clientId,
    clientSecret,
    local: true,
    caFile,
    connection: CONNECTION,
    stack: "dev",
    apiUrl: `${world.helpdeskUrl}/tickets?limit=1`,
    allowedDomains: [helpdeskHost],
  };
  whole = await signedIn();
  await connect(whole, HELPDESK_SCOPES);
});
afterEach(async () => {
  for (const back of putBack) await back();
  putBack = [];
});
afterAll(() => world?.close());

async function signedIn() {
  const env = { ...testEnvOfAll() };
  await saveProfile("dev", profile, env);
  await runLogin({
    session: openSession({ env }),
    visit: demoVisitor(alice),
    port: world.callbackPort,
  });
  return env;
}

function testEnvOfAll() {
  return { TVK_CONFIG_DIR: join(world.caFile, "..", `config-${crypto.randomUUID()}`) };
}

function connect(env: NodeJS.ProcessEnv, scopes: string[]) {
  return runConnect({
    session: openSession({ env }),
    service: CONNECTION,
    scopes,
    visit: demoVisitor(alice),
    port: world.callbackPort,
  });
}

/** A copy of the whole chain's profile, with settings of the test's own. */
async function profileEnv(settings: Partial<ProfileSettings> = {}) {
  const env = testEnv();
  await saveProfile("dev", { ...profile, ...settings }, env);
  const kept = loadProfile("dev", whole)?.profile.auth0;
  await updateProfile("dev", (each) => Object.assign(each, { auth0: kept }), env);
  return env;
}

/** What doctor --json prints. */
async function diagnosed(env: NodeJS.ProcessEnv, ...argv: string[]) {
  const ran = await tvk(env, "doctor", "--json", ...argv);
  const report = ran.json() as { ok: boolean; checks: CheckResult[] };
  expect(ran.exitCode, ran.stdout).toBe(report.ok ? 0 : 1);
  const broken = report.checks.filter(({ status }) => status === "failed");
  return { ...report, broken, named: broken.map(({ id }) => id) };
}

async function take(method: string, path: string, taken: object, back: object) {
  putBack.push(() => world.manage(method, path, back));
  await world.manage(method, path, taken);
}

const mends = "Run: tvk up --stack dev -- --refresh";

describe("a whole chain", () => {
  it("is ok link by link, in one document, exit 0", async () => {
    const { ok, checks } = await diagnosed(await profileEnv());
    expect(ok).toBe(true);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual(
      [
        "profile dns tls discovery clock client grant_types callbacks",
        "my_account_api mrrt_policy my_account_grant connection connected_accounts enabled_client",
        "login rotation account scopes exchange api_call",
      ].flatMap((line) => line.split(" ").map((id) => `${id} ok`)),
    );
  });

  it("shows a person a line for each link, and no token or secret", async () => {
    const env = await profileEnv();
    const ran = await tvk(env, "doctor");
    expect(ran.stdout).toMatch(/^ok +dns +/m);
    expect(ran.stdout).toContain("No broken link.");
    const { auth0, clientSecret } = loadProfile("dev", env)?.profile ?? {};
    for (const secret of [auth0?.refreshToken, auth0?.accessToken, clientSecret]) {
      expect(secret).toBeTruthy();
      expect(ran.stdout + ran.stderr).not.toContain(secret);
    }
  });
});

describe("each broken link is named, with what mends it", () => {
  it("profile: there is none for the stack", async () => {
    const { broken } = await diagnosed(testEnv(), "--stack", "nowhere");
    expect(broken).toMatchObject([{ id: "profile" }]);
    expect(broken[0]?.hint).toContain("tvk up --stack nowhere");
  });

  it("dns: the tenant's name has no address", async () => {
    const env = await profileEnv({ domain: "tenant.invalid", local: false });
    const { named, checks } = await diagnosed(env);
    expect(named).toEqual(["dns"]);
    expect(checks.at(-1)).toMatchObject({ id: "api_call", status: "skipped" });
  });

  it("tls: nothing answers at a local tenant's port", async () => {
    const { broken } = await diagnosed(await profileEnv({ domain: "localhost:1" }));
    expect(broken).toMatchObject([{ id: "tls", hint: "Run: tvk tenant start" }]);
  });

  it("tls: the certificate is of another authority", async () => {
    const dir = join(testEnv()["TVK_CONFIG_DIR"] ?? "", "tenant");
    const other = await startTenant({ dir, port: 0 });
    try {
      const { broken } = await diagnosed(await profileEnv({ domain: other.domain }));
      expect(broken).toMatchObject([{ id: "tls", hint: "Run: tvk up --stack dev" }]);
      expect(broken[0]?.message).toContain("another authority");
    } finally {
      await other.close();
    }
  });

  it("clock: this machine's is minutes off", async () => {
    const results = await runDoctor({
      session: openSession({ env: await profileEnv() }),
      connection: CONNECTION,
      apiUrl: undefined,
      allowedDomains: [],
      management: undefined,
      now: () => Date.now() + 300_000,
    });
    const clock = results.find(({ id }) => id === "clock");
    expect(clock).toMatchObject({ status: "failed" });
    expect(clock?.message).toMatch(/(299|300) s ahead of/);
  });

  it("client: a wrong secret", async () => {
    const { broken } = await diagnosed(await profileEnv({ clientSecret: "wrong" }));
    expect(broken).toMatchObject([{ id: "client" }]);
    expect(broken[0]?.hint).toContain("tvk init --stack dev");
  });

  it("grant_types: Token Vault's is missing, and refresh_token's", async () => {
    const all = { grant_types: ["authorization_code", "refresh_token", vaultGrant] };
    const path = `/clients/${world.clientId}`;
    await take("PATCH", path, { grant_types: ["authorization_code", "refresh_token"] }, all);
    const { broken } = await diagnosed(await profileEnv());
    expect(broken).toMatchObject([{ id: "grant_types", hint: mends }]);
    expect(broken[0]?.message).toContain("federated-connection-access-token");
    await take("PATCH", path, { grant_types: ["authorization_code"] }, all);
    expect((await diagnosed(await profileEnv())).broken[0]?.message).toContain("refresh_token");
  });

  it("callbacks: one of the addresses is not the client's", async () => {
    const callbacks = callbackPorts.map((port) => `http://127.0.0.1:${port}/callback`);
    const all = { callbacks: [...callbacks, `http://127.0.0.1:${world.callbackPort}/callback`] };
    await take("PATCH", `/clients/${world.clientId}`, { callbacks: callbacks.slice(1) }, all);
    const { broken } = await diagnosed(await profileEnv());
    expect(broken, JSON.stringify(broken)).toMatchObject([{ id: "callbacks", hint: mends }]);
    expect(broken[0]?.message).toContain("http://127.0.0.1:18484/callback");
  });

  it("mrrt_policy: none, and one that lacks a scope", async () => {
    const settings = (policies: object[]) => ({
      refresh_token: { rotation_type: "non-rotating", expiration_type: "non-expiring", policies },
    });
    const audience = `https://${world.domain}/me/`;
    const scope = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);
    const path = `/clients/${world.clientId}`;
    const all = settings([{ audience, scope }]);
    await take("PATCH", path, settings([{ audience: "https://another.api/", scope: ["x"] }]), all);
    expect((await diagnosed(await profileEnv())).broken).toMatchObject([
      { id: "mrrt_policy", hint: mends },
    ]);
    await take("PATCH", path, settings([{ audience, scope: scope.slice(1) }]), all);
    const { broken } = await diagnosed(await profileEnv());
    expect(broken).toMatchObject([{ id: "mrrt_policy", hint: mends }]);
    expect(broken[0]?.message).toContain("create:me:connected_accounts");
  });

  it("my_account_grant: the client has none for users", async () => {
    const audience = `https://${world.domain}/me/`;
    const scope = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);
    const grants = await world.manage<{ id: string }[]>(
      "GET",
      `/client-grants?client_id=${world.clientId}`,
    );
    await world.manage("DELETE", `/client-grants/${grants[0]?.id}`);
    putBack.push(() =>
      world.manage("POST", "/client-grants", {
        client_id: world.clientId,
        audience,
        scope,
        subject_type: "user",
      }),
    );
    expect((await diagnosed(await profileEnv())).broken).toMatchObject([
      { id: "my_account_grant", hint: mends },
    ]);
  });

  it("connected_accounts: off on the connection", async () => {
    const set = (active: boolean) => ({ connected_accounts: { active } });
    await take("PATCH", `/connections/${world.connectionId}`, set(false), set(true));
    const { broken } = await diagnosed(await profileEnv());
    expect(broken[0]).toMatchObject({ hint: mends });
    expect(broken[0]?.message).toMatch(/connected accounts are off/);
  });

  it("enabled_client: the connection is not the client's, which the user's view can't tell from none", async () => {
    const path = `/connections/${world.connectionId}/clients`;
    const set = (status: boolean) => [{ client_id: world.clientId, status }];
    await take("PATCH", path, set(false), set(true));
    const { broken } = await diagnosed(await profileEnv());
    // It is the client's only one: nobody can sign in either.
    expect(broken).toMatchObject([
      { id: "callbacks", hint: mends },
      { id: "connection", hint: mends },
    ]);
    expect(broken[0]?.message).toContain("nothing to sign in with");
    expect(broken[1]?.message).toContain("not enabled for the client");
  });

  it("login: nobody is signed in, and a refresh token that was revoked", async () => {
    const env = testEnv();
    await saveProfile("dev", profile, env);
    expect((await diagnosed(env)).broken).toMatchObject([{ id: "login", hint: "Run: tvk login" }]);
    const revoked = await profileEnv();
    await updateProfile(
      "dev",
      ({ auth0 }) => void (auth0 && Object.assign(auth0, { refreshToken: "revoked" })),
      revoked,
    );
    expect((await diagnosed(revoked)).named).toContain("login");
  });

  it("account and scopes: not connected, and connected with less than the connection asks for", async () => {
    const env = await profileEnv();
    await tvk(env, "disconnect", CONNECTION, "--remote");
    putBack.push(() => connect(whole, HELPDESK_SCOPES));
    expect((await diagnosed(env)).broken).toMatchObject([
      { id: "account", hint: `Run: tvk connect ${CONNECTION}` },
    ]);
    await connect(env, ["openid", "profile", "read:tickets"]);
    expect((await diagnosed(env)).broken).toMatchObject([
      { id: "scopes", hint: `Run: tvk connect ${CONNECTION} --scopes write:tickets` },
    ]);
  });

  it("api_call: a host that is not allowed, one that does not answer, one that refuses", async () => {
    const elsewhere = await diagnosed(await profileEnv(), "--url", "https://elsewhere.test/");
    expect(elsewhere.broken).toMatchObject([{ id: "api_call" }]);
    expect(elsewhere.broken[0]?.hint).toContain("--allowed-domains elsewhere.test");
    const dead = { apiUrl: "http://localhost:1/", allowedDomains: ["localhost:1"] };
    const { broken } = await diagnosed(await profileEnv(dead));
    expect(broken).toMatchObject([{ id: "api_call" }]);
    expect(broken[0]?.hint).toContain("tvk up --stack dev");
    const url = `${world.helpdeskUrl}/nothing-here`;
    expect((await diagnosed(await profileEnv(), "--url", url)).broken[0]?.message).toContain("404");
  });

  it("without a stack, the hint says what to set by hand", async () => {
    const set = (active: boolean) => ({ connected_accounts: { active } });
    await take("PATCH", `/connections/${world.connectionId}`, set(false), set(true));
    const env = testEnv();
    const { stack: _, ...rest } = profile;
    await saveProfile("dev", rest, env);
    const { auth0 } = loadProfile("dev", whole)?.profile ?? {};
    await updateProfile("dev", (each) => Object.assign(each, { auth0 }), env);
    expect((await diagnosed(env)).broken[0]?.hint).toContain("connected_accounts.active");
  });

  it("a profile that names no connection is no fault: its links are left out", async () => {
    const env = await profileEnv();
    await updateProfile("dev", (each) => void delete each.connection, env);
    const { ok, checks } = await diagnosed(env);
    expect(ok).toBe(true);
    expect(checks.find(({ id }) => id === "exchange")).toMatchObject({ status: "skipped" });
  });

  it("--management with credentials of another tenant is refused, exit 2", async () => {
    const env = await profileEnv();
    const other = { AUTH0_DOMAIN: "other.test", AUTH0_CLIENT_ID: "x", AUTH0_CLIENT_SECRET: "y" };
    const ran = await tvk({ ...env, ...other }, "doctor", "--management", "--json");
    expect(ran.exitCode).toBe(2);
  });
});
