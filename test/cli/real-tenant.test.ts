/** @module tvk and the runtime against the real local tenant and the real helpdesk. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runConnect } from "../../cli/connections/run-connect.ts";
import { loadProfile, saveProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import { openSession, vaultOf } from "../../cli/profiles/session.ts";
import { demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { runLogin } from "../../cli/sign-in/run-login.ts";
import { errorOf } from "../runtime/wire-vault.ts";
import { CONNECTION, HELPDESK_SCOPES, type RealWorld, realWorld } from "./real-world.ts";
import { testEnv, tvk, tvkProcess } from "./run-tvk.ts";

const alice = { email: "alice@acme.test", password: "demo1234", signInWith: "Continue with" };

let world: RealWorld;
beforeAll(async () => {
  world = await realWorld();
});
afterAll(async () => {
  const dropped = world?.droppedFields();
  await world?.close();
  // Whatever the CLI and the runtime send, the tenant has its effect.
  expect(dropped).toEqual([]);
});

/** An environment with the profile of the world's client. */
async function profileEnv() {
  const env = testEnv();
  const { domain, clientId, clientSecret, caFile, helpdeskHost } = world;
  await saveProfile(
    "dev",
    {
      domain,
      clientId,
      clientSecret,
      local: true,
      caFile,
      connection: CONNECTION,
      allowedDomains: [helpdeskHost],
    },
    env,
  );
  return env;
}

async function loggedIn() {
  const env = await profileEnv();
  const user = await runLogin({
    session: openSession({ env }),
    visit: demoVisitor(alice),
    port: world.callbackPort,
  });
  // Alice is one user for all tests here: each begins with nothing connected.
  await tvk(env, "disconnect", CONNECTION, "--remote");
  await updateProfile("dev", (profile) => Object.assign(profile, { connections: {} }), env);
  return { env, user };
}

async function connected(scopes: string[] = []) {
  const made = await loggedIn();
  const account = await runConnect({
    session: openSession({ env: made.env }),
    service: CONNECTION,
    scopes,
    visit: demoVisitor(alice),
    port: world.callbackPort,
  });
  return { ...made, account };
}

const tickets = () => `${world.helpdeskUrl}/tickets?assignee=me&status=open`;

describe("the whole way", () => {
  it("signs in, connects and fetches alice's open tickets", async () => {
    const { env, user, account } = await connected(HELPDESK_SCOPES);
    expect(user).toMatchObject({ email: "alice@acme.test" });
    expect(account).toMatchObject({
      connection: CONNECTION,
      id: expect.stringMatching(/^cac_/),
      scopes: expect.arrayContaining(HELPDESK_SCOPES),
    });
    expect(account).not.toHaveProperty("warning");
    const ran = await tvk(env, "fetch", CONNECTION, tickets(), "--json");
    expect(ran.exitCode).toBe(0);
    const { status, body } = ran.json() as { status: number; body: { tickets?: object[] } };
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain("open");
    const list = (await tvk(env, "connections", "--json")).json();
    expect(list).toMatchObject({
      connections: [{ connection: CONNECTION, tokenStatus: "valid", remote: true }],
    });
  });

  it("as processes: the same, with stdout that is one document and no token anywhere", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    const ran = await tvkProcess({ ...process.env, ...env }, [
      "--json",
      "fetch",
      CONNECTION,
      tickets(),
    ]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ran.json()).toMatchObject({ status: 200 });
    const { auth0, connections } = loadProfile("dev", env)?.profile ?? {};
    const secrets = [
      auth0?.refreshToken,
      auth0?.accessToken,
      ...Object.values(connections ?? {}).map(({ value }) => JSON.parse(value).accessToken),
    ];
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) expect(ran.stdout).not.toContain(secret);
  });

  it("many processes at once make one exchange", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    await tvk(env, "disconnect", CONNECTION);
    const before = await exchanges();
    const runs = Array.from({ length: 5 }, () =>
      tvkProcess({ ...process.env, ...env }, ["--json", "fetch", CONNECTION, tickets()]),
    );
    expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
    expect((await exchanges()) - before).toBe(1);
  });

  it("asks for a broader scope without losing what is granted", async () => {
    const { env, account } = await connected(["openid", "profile", "read:tickets"]);
    expect(account.scopes).not.toContain("write:tickets");
    const write = [
      "fetch",
      CONNECTION,
      `${world.helpdeskUrl}/tickets`,
      "--scopes",
      "write:tickets",
      "-d",
      "{}",
      "--json",
    ];
    const refused = await tvk(env, ...write);
    expect(refused.exitCode).toBe(4);
    expect(refused.json()).toMatchObject({
      error: { details: { code: "SCOPES_NEEDED", required: ["write:tickets"] } },
    });
    const wider = await runConnect({
      session: openSession({ env }),
      service: CONNECTION,
      scopes: ["write:tickets"],
      visit: demoVisitor(alice),
      port: world.callbackPort,
    });
    expect(wider.scopes).toEqual(expect.arrayContaining(["read:tickets", "write:tickets"]));
    const body = JSON.stringify({
      title: "Checkout 500s spiking",
      team: "payments",
      priority: "P1",
    });
    const made = await tvk(
      env,
      "fetch",
      CONNECTION,
      `${world.helpdeskUrl}/tickets`,
      "--scopes",
      "write:tickets",
      "-d",
      body,
      "--json",
    );
    expect(made.json()).toMatchObject({ status: 201 });
  });

  it("disconnect --remote takes the account out of the vault: exit 4 from then on", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    expect((await tvk(env, "disconnect", CONNECTION, "--remote", "--json")).json()).toMatchObject({
      remote: true,
    });
    const ran = await tvk(env, "fetch", CONNECTION, tickets(), "--json");
    expect(ran.exitCode).toBe(4);
    expect(ran.json()).toMatchObject({
      error: { hint: `Run: tvk connect ${CONNECTION}`, details: { code: "NOT_CONNECTED" } },
    });
  });

  it("logout revokes the refresh token at the tenant", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    const { auth0 } = loadProfile("dev", env)?.profile ?? {};
    await tvk(env, "logout", "--json");
    expect((await tvk(env, "fetch", CONNECTION, tickets(), "--json")).exitCode).toBe(3);
    await updateProfile("dev", (profile) => Object.assign(profile, { auth0 }), env);
    const ran = await tvk(env, "fetch", CONNECTION, tickets(), "--json");
    expect(ran.exitCode).toBe(3);
    expect(ran.json()).toMatchObject({ error: { details: { code: "LOGIN_REQUIRED" } } });
  });

  it("a state that was taken from another connect is refused", async () => {
    const { env } = await loggedIn();
    const vault = vaultOf(openSession({ env }));
    const redirectUri = `http://127.0.0.1:${world.callbackPort}/callback`;
    const one = await vault.connect(CONNECTION, { redirectUri });
    const error = await errorOf(
      vault.complete(`${redirectUri}?state=other&connect_code=x`, one.session),
    );
    expect(error.code).toBe("CONNECT_STATE_MISMATCH");
  });

  it("a connect code that the tenant did not give is CONNECT_EXPIRED or refused, never an account", async () => {
    const { env } = await loggedIn();
    const vault = vaultOf(openSession({ env }));
    const redirectUri = `http://127.0.0.1:${world.callbackPort}/callback`;
    const { session } = await vault.connect(CONNECTION, { redirectUri });
    const { state } = JSON.parse(session);
    const error = await errorOf(
      vault.complete(`${redirectUri}?state=${state}&connect_code=invented`, session),
    );
    expect(error.code).toBe("CONNECT_EXPIRED");
    expect(await vault.connections()).toEqual([]);
  });
});

describe("each missing piece is named", () => {
  /** Takes a piece away, looks, and puts it back. */
  async function without(
    [method, path, taken, back]: [string, string, object, object],
    look: () => Promise<void>,
  ) {
    await world.manage(method, path, taken);
    try {
      await look();
    } finally {
      await world.manage(method, path, back);
    }
  }
  const grants = (list: string[]) => ({ grant_types: list });
  const vaultGrant =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
  const policies = () => [
    {
      audience: `https://${world.domain}/me/`,
      scope: ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`),
    },
  ];

  async function codeOf(env: NodeJS.ProcessEnv, ...argv: string[]) {
    const ran = await tvk(env, ...argv, "--json");
    const { error } = ran.json() as { error?: { details?: { code?: string } } };
    return [ran.exitCode, error?.details?.code];
  }

  it("GRANT_NOT_ENABLED without the Token Vault grant type", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    await tvk(env, "disconnect", CONNECTION);
    await without(
      [
        "PATCH",
        `/clients/${world.clientId}`,
        grants(["authorization_code", "refresh_token"]),
        grants(["authorization_code", "refresh_token", vaultGrant]),
      ],
      async () =>
        expect(await codeOf(env, "fetch", CONNECTION, tickets())).toEqual([4, "GRANT_NOT_ENABLED"]),
    );
  });

  it("CONNECTION_OFF when connected accounts are off", async () => {
    const { env } = await connected(HELPDESK_SCOPES);
    await tvk(env, "disconnect", CONNECTION);
    const set = (active: boolean) => ({ connected_accounts: { active } });
    await without(
      ["PATCH", `/connections/${world.connectionId}`, set(false), set(true)],
      async () => {
        expect(await codeOf(env, "fetch", CONNECTION, tickets())).toEqual([5, "CONNECTION_OFF"]);
        expect(await codeOf(env, "connect", CONNECTION, "--port", `${world.callbackPort}`)).toEqual(
          [1, "CONNECTION_OFF"],
        );
      },
    );
  });

  it("MRRT_POLICY_MISSING without a policy, and with one that lacks a scope", async () => {
    const { env } = await loggedIn();
    const set = (list: object[]) => ({
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        policies: list,
      },
    });
    for (const list of [
      [{ audience: "https://another.api/", scope: ["any"] }],
      [{ audience: `https://${world.domain}/me/`, scope: ["create:me:connected_accounts"] }],
    ]) {
      await without(
        ["PATCH", `/clients/${world.clientId}`, set(list), set(policies())],
        async () => {
          const vault = vaultOf(openSession({ env }));
          expect((await errorOf(vault.connections())).code).toBe("MRRT_POLICY_MISSING");
        },
      );
    }
  });

  it("CLIENT_AUTH_FAILED with a wrong secret", async () => {
    const { env } = await loggedIn();
    const { domain, clientId, caFile } = world;
    await saveProfile(
      "dev",
      {
        domain,
        clientId,
        clientSecret: "wrong",
        local: true,
        caFile,
        connection: CONNECTION,
        allowedDomains: [world.helpdeskHost],
      },
      env,
    );
    expect(await codeOf(env, "fetch", CONNECTION, tickets())).toEqual([3, "CLIENT_AUTH_FAILED"]);
  });

  it("TENANT_REFUSED names what is wrong with a redirect URI that the client does not have", async () => {
    const { env } = await loggedIn();
    const vault = vaultOf(openSession({ env }));
    const error = await errorOf(
      vault.connect(CONNECTION, { redirectUri: "https://evil.test/callback" }),
    );
    expect(error.code).toBe("TENANT_REFUSED");
    expect(error.message).toContain("redirect_uri");
  });

  it("CONNECTION_OFF for a connection that there is not", async () => {
    const { env } = await loggedIn();
    const vault = vaultOf(openSession({ env }));
    const redirectUri = `http://127.0.0.1:${world.callbackPort}/callback`;
    expect((await errorOf(vault.connect("nothing", { redirectUri }))).code).toBe("CONNECTION_OFF");
    expect((await errorOf(vault.token("nothing"))).code).toBe("NOT_CONNECTED");
  });
});

/** How many Token Vault exchanges the tenant's log has. */
async function exchanges(): Promise<number> {
  const entries = await world.manage<{ type: string; description?: string }[]>(
    "GET",
    "/logs?per_page=100",
  );
  return entries.filter(
    ({ type, description }) =>
      type === "sertft" && JSON.stringify(description).includes("Token Vault"),
  ).length;
}
