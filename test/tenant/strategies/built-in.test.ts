/** Built-in strategies: declared as Auth0 answers them, and github connected against the stand-in. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { startTenant } from "../../../tenant/start-tenant.ts";
import { ScriptedBrowser } from "../authentication/scripted-browser.ts";
import {
  type ConnectAnswer,
  callback,
  connectUrl,
  openWorld,
  type Row,
  type SignedIn,
  type TenantWorld,
} from "../authentication/tenant-world.ts";

let world: TenantWorld;
let standIn: string;
let connectionId: string;

beforeAll(async () => {
  world = await openWorld({ tenant: { githubStandIn: true } });
  standIn = world.tenant.githubStandIn ?? "";
  const { body } = await world.api("POST", "/connections", {
    name: "github",
    strategy: "github",
    connected_accounts: { active: true },
    options: {
      client_id: "gh-client",
      client_secret: "gh-secret",
      email: true,
      repo: true,
      profile: true,
    },
  });
  connectionId = String(body.id);
  await world.api("PATCH", `/connections/${connectionId}/clients`, [
    { client_id: world.app.id, status: true },
  ]);
});
afterAll(() => world.close());

/** The whole Connected Accounts flow, choosing an account at the stand-in. */
async function connectGithub(user: SignedIn, button: string, body: Record<string, unknown> = {}) {
  const bearer = await world.meToken(user.refreshToken);
  const begun = await world.my<ConnectAnswer>(bearer, "POST", "/connect", {
    ...{ connection: "github", redirect_uri: callback, state: "s", ...body },
  });
  const page = await user.browser.goto(connectUrl(begun.body));
  const done = await user.browser.press(page, button);
  const completed = await world.my(bearer, "POST", "/complete", {
    auth_session: begun.body.auth_session,
    connect_code: done.url.searchParams.get("connect_code") ?? "none",
    redirect_uri: callback,
  });
  return { page, done, completed };
}

const octocat = "Authorize as octocat (The Octocat)";
const hubot = "Authorize as hubot (Hubot)";

// parity: POST /connections | recordings TestAccConnectionGitHub, TestAccConnectionGoogleOAuth2
suite("declaring a built-in connection", () => {
  test("github: the options that are true become the array scope, in the order in which they came", async () => {
    const flags = ["email", "read_user", "follow", "repo_status", "read_repo_hook", "admin_org"];
    const options = {
      ...{ client_id: "client-id", client_secret: "client-secret" },
      ...Object.fromEntries(flags.map((flag) => [flag, true])),
      ...{ gist: false, profile: true, upstream_params: { screen_name: { alias: "login_hint" } } },
    };
    const { status, body } = await world.api("POST", "/connections", {
      name: "gh",
      strategy: "github",
      options,
    });
    const scope = [
      "user:email",
      "read:user",
      "user:follow",
      "repo:status",
      "read:repo_hook",
      "admin:org",
    ];
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^con_/),
        name: "gh",
        strategy: "github",
        options: { ...options, scope },
        is_domain_connection: false,
        authentication: { active: true },
        connected_accounts: { active: false },
        enabled_clients: [],
        realms: ["gh"],
      },
    });
    const updated = await world.api("PATCH", `/connections/${body.id}`, {
      options: { client_id: "client-id", email: true, repo: false },
    });
    expect(updated.body["options"]).toEqual({
      client_id: "client-id",
      email: true,
      repo: false,
      scope: ["user:email"],
    });
  });

  test("google-oauth2: the same, with Google's own scopes", async () => {
    const options = {
      client_id: "",
      email: true,
      profile: true,
      gmail: true,
      youtube: true,
      allowed_audiences: ["a"],
    };
    const { status, body } = await world.api("POST", "/connections", {
      name: "google-oauth2",
      strategy: "google-oauth2",
      options,
    });
    expect(status).toBe(201);
    expect(body["options"]).toEqual({
      ...options,
      scope: [
        "email",
        "profile",
        "https://mail.google.com/mail/feed/atom",
        "https://gdata.youtube.com",
      ],
    });
  });

  test("slack: a custom connection, as the Management API has no strategy of that name", async () => {
    const named = await world.api("POST", "/connections", { name: "slack", strategy: "slack" });
    expect([named.status, named.body["message"]]).toEqual([
      400,
      expect.stringContaining("No enum match for: slack"),
    ]);
    const custom = await world.api("POST", "/connections", {
      name: "sign-in-with-slack",
      strategy: "oauth2",
      connected_accounts: { active: true },
      options: {
        client_id: "slack-client",
        client_secret: "slack-secret",
        authorizationURL: "https://slack.com/oauth/v2/authorize",
        tokenURL: "https://slack.com/api/oauth.v2.access",
        upstream_params: { user_scope: { value: "channels:read,chat:write" } },
      },
    });
    expect(custom.status).toBe(201);
  });

  test("a flag that is no boolean, and an empty client_id of github, are refused", async () => {
    for (const options of [{ email: "yes" }, { client_id: "" }]) {
      const { status } = await world.api("POST", "/connections", {
        name: "bad",
        strategy: "github",
        options,
      });
      expect(status).toBe(400);
    }
  });
});

suite("github against the stand-in", () => {
  test("connects beside a custom connection, and both are exchanged for tokens of their own", async () => {
    const alice = await world.signUp("alice@example.com");
    await world.connect(alice, "alice");
    const { page, completed } = await connectGithub(alice, octocat);
    expect(page.url.origin).toBe(standIn);
    expect(page.page.text).toContain("user:email, repo");
    expect(completed.body).toMatchObject({ connection: "github", scopes: ["user:email", "repo"] });
    const helpdesk = await world.exchange({ subject_token: alice.refreshToken });
    const github = await world.exchange({
      subject_token: alice.refreshToken,
      connection: "github",
    });
    expect([helpdesk.status, github.status]).toEqual([200, 200]);
    expect(github.body).toMatchObject({
      token_type: "Bearer",
      scope: "user:email repo",
      expires_in: expect.any(Number),
    });
    const repositories = await api("/user/repos", String(github.body["access_token"]));
    expect(await repositories.json()).toMatchObject([
      { full_name: "octocat/hello-world" },
      { private: true },
    ]);
    const other = await api("/user", String(helpdesk.body["access_token"]));
    expect(other.status).toBe(401);
  });

  test("two accounts of one user are told apart by login_hint", async () => {
    const bob = await world.signUp("bob@example.com");
    await connectGithub(bob, octocat);
    await connectGithub(bob, hubot);
    for (const [id, login] of [
      ["583231", "octocat"],
      ["1024025", "hubot"],
    ] as const) {
      const { body } = await world.exchange({
        subject_token: bob.refreshToken,
        connection: "github",
        login_hint: id,
      });
      const user = await api("/user", String(body["access_token"]));
      expect(await user.json()).toMatchObject({ login });
    }
  });

  test("refreshes a token that has ended, also after a restart, and follows the rotation", async () => {
    const carol = await world.signUp("carol@example.com");
    await connectGithub(carol, octocat);
    const form = { subject_token: carol.refreshToken, connection: "github" };
    const first = await world.exchange(form);
    world.passSeconds(28_800);
    const second = await world.exchange(form);
    expect(second.status).toBe(200);
    expect(second.body["access_token"]).not.toBe(first.body["access_token"]);
    await world.restart();
    world.passSeconds(28_800);
    const third = await world.exchange(form);
    expect((await api("/user", String(third.body["access_token"]))).status).toBe(200);
  });

  test("a refusal there is relayed to the app", async () => {
    const dave = await world.signUp("dave@example.com");
    const { done } = await connectGithub(dave, "Cancel");
    expect(done.url.searchParams.get("error")).toBe("access_denied");
  });

  test("signs a user in as github|ID, with the profile that the API gives", async () => {
    const browser = new ScriptedBrowser();
    const page = await browser.goto(world.authorizeUrl({ connection: "github" }));
    const user = await world.redeem(await browser.press(page, hubot), browser);
    expect(user.claims).toMatchObject({
      sub: "github|1024025",
      nickname: "hubot",
      name: "Hubot",
      email: "hubot@github.example",
      email_verified: true,
    });
    const { body } = await world.api<Row>("GET", `/users/${encodeURIComponent("github|1024025")}`);
    expect(body["identities"]).toMatchObject([
      { provider: "github", user_id: "1024025", connection: "github" },
    ]);
  });

  test("is offered on the sign-in page as Continue with GitHub", async () => {
    const page = await new ScriptedBrowser().goto(world.authorizeUrl());
    expect(page.page.text).toContain("Continue with GitHub");
  });

  test("does not take a code or a refresh token twice, nor a wrong secret, and says so with status 200", async () => {
    const form = {
      login: "octocat",
      client_id: "c",
      redirect_uri: "http://127.0.0.1:1/back",
      scope: "repo",
      state: "s",
    };
    const back = await fetch(`${standIn}/login/oauth/authorize`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams(form),
    });
    const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
    const ask = async (more: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: "c", client_secret: "s", ...more });
      const response = await fetch(`${standIn}/login/oauth/access_token`, { method: "POST", body });
      return {
        status: response.status,
        answer: Object.fromEntries(new URLSearchParams(await response.text())),
      };
    };
    expect(await ask({ code, client_secret: "wrong" })).toMatchObject({
      status: 200,
      answer: { error: "incorrect_client_credentials" },
    });
    expect(await ask({ code, redirect_uri: "http://127.0.0.1:1/other" })).toMatchObject({
      answer: { error: "redirect_uri_mismatch" },
    });
    const { answer } = await ask({ code });
    expect(answer).toMatchObject({ token_type: "bearer", scope: "repo", expires_in: "28800" });
    expect(await ask({ code })).toMatchObject({ answer: { error: "bad_verification_code" } });
    const refresh = { grant_type: "refresh_token", refresh_token: answer["refresh_token"] ?? "" };
    expect((await ask(refresh)).answer).toHaveProperty("access_token");
    expect((await ask(refresh)).answer).toMatchObject({ error: "bad_refresh_token" });
  });
});

suite("a provider in github's place", () => {
  test("is refused off this machine, and for a tenant that others can reach", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tvk-origin-"));
    for (const githubOrigin of [
      "https://github.example",
      "http://127.0.0.1.example",
      "http://127.0.0.1:1/path",
      "nonsense",
    ]) {
      await expect(startTenant({ dir, port: 0, githubOrigin })).rejects.toMatchObject({
        code: "OFF_LOOPBACK",
      });
    }
    const open = startTenant({ dir, port: 0, host: "0.0.0.0", githubStandIn: true });
    await expect(open).rejects.toMatchObject({ code: "OFF_LOOPBACK" });
    rmSync(dir, { recursive: true, force: true });
  });
});

function api(path: string, token: string): Promise<Response> {
  return fetch(`${standIn}/api/v3${path}`, { headers: { authorization: `Bearer ${token}` } });
}
