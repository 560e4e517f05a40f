/** What a tutorial's reader has made by hand, brought under a stack on the real engine. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { parse } from "yaml";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { type Helpdesk, startHelpdesk } from "../../helpdesk/helpdesk.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";
import { startWiki, type WikiService } from "./wiki-service.ts";

let project: ProjectFolder;
let connectionId: string;
let clientId: string;
let helpdesk: Helpdesk;
let wiki: WikiService | undefined;
const secret = "0123456789abcdef0123456789abcdef";
const ports = [18484, 18485, 18486, 18487, 18488, 18489];
const scopes = ["create", "read", "delete"].map((verb) => `${verb}:me:connected_accounts`);

interface Made {
  readonly id: string;
  readonly client_id: string;
}

beforeAll(async () => {
  project = await projectFolder();
  await project.json(["tenant", "start"]);
  helpdesk = await startHelpdesk({
    port: project.helpdeskPort,
    clientSecret: secret,
    redirectUris: [`https://localhost:${project.tenantPort}/login/callback`],
  });
  connectionId = await connectionByHand("acme-helpdesk");
  clientId = await clientByHand("auth0-tv", connectionId);
  project.configure("old", { helpdesk: { mode: "external", url: "https://not-yet.example.com" } });
}, 120_000);
afterAll(async () => {
  await project?.remove();
  await helpdesk?.close();
  await wiki?.close();
});

/** The connection as the tutorial composes it with jq. */
async function connectionByHand(name: string, options: object = {}): Promise<string> {
  const made = await project.management("POST", "/connections", {
    name,
    strategy: "oauth2",
    connected_accounts: { active: true },
    options: {
      client_id: "auth0-custom-oauth2",
      client_secret: secret,
      authorizationURL: `${helpdesk.url}/authorize`,
      tokenURL: `${helpdesk.url}/token`,
      scope: "openid profile read:tickets write:tickets",
      scripts: { fetchUserProfile: tutorialScript(`${helpdesk.url}/userinfo`, "user_id") },
      ...options,
    },
  });
  return (made as Made).id;
}

/** As the tutorial's reader wrote it: the profile's own name for a user is `id`. */
function tutorialScript(userinfo: string, id: string): string {
  return `function fetchUserProfile(accessToken, ctx, cb) {
 request.get({ url: '${userinfo}', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
   function (err, _res, body) {
     if (err) return cb(err);
     cb(null, { user_id: body.${id}, email: body.email, name: body.name });
   });
}
`;
}

/** The application as the wizard of auth0-tv leaves it, with its grant; and the My Account API once. */
async function clientByHand(name: string, ...connections: string[]): Promise<string> {
  const audience = `https://localhost:${project.tenantPort}/me/`;
  const loopback = ports.map((port) => `http://127.0.0.1:${port}`);
  const made = await project.management("POST", "/clients", {
    name,
    app_type: "regular_web",
    callbacks: loopback.map((url) => `${url}/callback`),
    allowed_logout_urls: loopback,
  });
  const { client_id: id } = made as Made;
  await project.management("PATCH", `/clients/${id}`, {
    is_first_party: true,
    oidc_conformant: true,
    grant_types: [
      "authorization_code",
      "implicit",
      "refresh_token",
      "client_credentials",
      "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
    ],
  });
  const all = (await project.management("GET", "/connections")) as (Made & { name: string })[];
  const login = all.find((each) => each.name === "Username-Password-Authentication");
  for (const connection of [...connections, login?.id]) {
    const body = [{ client_id: id, status: true }];
    await project.management("PATCH", `/connections/${connection}/clients`, body);
  }
  const apis = (await project.management("GET", "/resource-servers")) as { identifier: string }[];
  if (!apis.some(({ identifier }) => identifier === audience)) {
    await project.management("POST", "/resource-servers", {
      identifier: audience,
      name: "My Account",
      signing_alg: "RS256",
      scopes: scopes.map((value) => ({ value })),
      allow_offline_access: true,
      token_lifetime: 86_400,
      token_lifetime_for_web: 7200,
      skip_consent_for_verifiable_first_party_clients: true,
      subject_type_authorization: { user: { policy: "require_client_grant" } },
    });
  }
  const grant = { client_id: id, audience, scope: scopes, subject_type: "user" };
  await project.management("POST", "/client-grants", grant);
  const { refresh_token: before } = (await project.management("GET", `/clients/${id}`)) as {
    refresh_token: object;
  };
  const policies = [{ audience, scope: scopes }];
  await project.management("PATCH", `/clients/${id}`, { refresh_token: { ...before, policies } });
  return id;
}

/** All that the tenant has, as it stands there. */
async function everything() {
  const paths = ["/connections", "/clients?per_page=100", "/client-grants", "/resource-servers"];
  return Promise.all(paths.map((path) => project.management("GET", path)));
}

function committed(): string {
  return readFileSync(join(project.dir, "Pulumi.old.yaml"), "utf8");
}

suite("tvk import", () => {
  test("--dry-run says what it found and writes nothing", async () => {
    const [before, file] = [await everything(), committed()];
    expect(await project.json(["import", "--stack", "old", "--dry-run"])).toMatchObject({
      dryRun: true,
      found: {
        connection: `acme-helpdesk (${connectionId})`,
        client: `auth0-tv (${clientId})`,
        clientGrant: expect.stringMatching(/^cgr_/),
      },
      config: { connectionName: "acme-helpdesk", clientName: "auth0-tv" },
      adopted: [],
    });
    expect(committed()).toBe(file);
    expect(await everything()).toEqual(before);
  }, 120_000);

  test("several that could be meant are an error that lists them", async () => {
    const other = await clientByHand("another", connectionId);
    const refused = (await project.json(["import", "--stack", "old"], 1)) as {
      error: { message: string; details: { code: string } };
    };
    expect(refused.error.details.code).toBe("ambiguous");
    expect(refused.error.message).toContain(`auth0-tv (${clientId})`);
    expect(refused.error.message).toContain(`another (${other})`);
    await project.management("DELETE", `/clients/${other}`);
  }, 120_000);

  test("adopts all of it, changes nothing in the tenant, and a preview shows no change", async () => {
    writeFileSync(join(project.dir, "Pulumi.old.yaml"), `# our own\n${committed()}`);
    const before = await everything();
    const imported = await project.json(["import", "--stack", "old"]);
    expect(imported).toMatchObject({ missing: [], adopted: expect.arrayContaining([]) });
    expect((imported as { adopted: string[] }).adopted.sort()).toEqual([
      "agent-client",
      "agent-credentials",
      "agent-helpdesk",
      "agent-my-account-grant",
      "agent-username-password-authentication",
      "helpdesk-connection",
      "my-account-api",
    ]);
    expect(await everything()).toEqual(before);
    const preview = await project.tvk(["preview", "-s", "old", "--", "--expect-no-changes"]);
    expect(preview.exitCode, preview.text).toBe(0);
    const refresh = await project.tvk([
      ...["pulumi", "-s", "old", "--", "refresh", "--yes", "--non-interactive"],
      "--expect-no-changes",
    ]);
    expect(refresh.exitCode, refresh.text).toBe(0);
  }, 240_000);

  test("the committed file keeps its comments and holds no secret", () => {
    expect(committed()).toMatch(/^# our own\n/);
    expect(committed()).not.toContain(secret);
    expect(parse(committed()).config).toMatchObject({
      "token-vault-kit:connectionName": "acme-helpdesk",
      "token-vault-kit:clientName": "auth0-tv",
      "token-vault-kit:helpdesk": { mode: "external", url: helpdesk.url },
      "token-vault-kit:loginConnections": ["Username-Password-Authentication"],
      "token-vault-kit:adopted": {
        "helpdesk-connection": { "options.scripts": expect.anything() },
      },
    });
  });

  test("connect and fetch work with what was made by hand", async () => {
    const up = await project.tvk(["up", "-s", "old", "--", "--expect-no-changes"]);
    expect(up.exitCode, up.text).toBe(0);
    const as = (...words: string[]) =>
      project.json(["--profile", "old", ...words], 0, { user: alice });
    await as("login");
    await as("connect", "acme-helpdesk");
    const tickets = `${helpdesk.url}/tickets?assignee=me`;
    expect(await as("fetch", "acme-helpdesk", tickets)).toMatchObject({ status: 200 });
    expect(await as("doctor")).toMatchObject({ ok: true });
  }, 180_000);

  test("up is a no-op; without `adopted`, the program has its way with the same objects", async () => {
    const up = await project.tvk(["up", "-s", "old", "--", "--expect-no-changes"]);
    expect(up.exitCode, up.text).toBe(0);
    const { config } = parse(committed());
    delete config["token-vault-kit:adopted"];
    writeFileSync(join(project.dir, "Pulumi.old.yaml"), JSON.stringify({ config }));
    const changed = await project.tvk(["up", "-s", "old"]);
    expect(changed.exitCode, changed.text).toBe(0);
    expect(changed.text).not.toMatch(/created|deleted|replaced/);
    const connection = await project.management("GET", `/connections/${connectionId}`);
    expect(connection).toMatchObject({ metadata: { tvk_stack: "token-vault-kit/old" } });
    // Who has connected stays connected.
    const tickets = `${helpdesk.url}/tickets?assignee=me`;
    expect(
      await project.json(["--profile", "old", "fetch", "acme-helpdesk", tickets]),
    ).toMatchObject({ status: 200 });
  }, 240_000);
});

suite("tvk import of a connection that is not the helpdesk's", () => {
  test("writes it down as a service of one's own; a preview shows no change, connect and fetch work", async () => {
    wiki = await startWiki(`https://localhost:${project.tenantPort}/login/callback`);
    const id = await connectionByHand("acme-wiki", {
      client_id: wiki.clientId,
      client_secret: wiki.clientSecret,
      authorizationURL: `${wiki.issuer}/auth`,
      tokenURL: `${wiki.issuer}/token`,
      scope: "openid profile read:pages",
      pkce_enabled: true,
      scripts: { fetchUserProfile: tutorialScript(`${wiki.issuer}/me`, "sub") },
    });
    await clientByHand("wiki agent", id);
    project.configure("wiki", {
      helpdesk: { mode: "external", url: "https://not-yet.example.com" },
    });
    const before = await everything();
    const imported = await project.json(["import", "-s", "wiki", "--connection", "acme-wiki"]);
    expect(imported).toMatchObject({ missing: [], config: { clientName: "wiki agent" } });
    expect(await everything()).toEqual(before);

    const file = readFileSync(join(project.dir, "Pulumi.wiki.yaml"), "utf8");
    expect(file).not.toContain(wiki.clientSecret);
    const { config } = parse(file);
    expect(Object.keys(config)).not.toContain("token-vault-kit:helpdesk");
    expect(config["token-vault-kit:service"]).toEqual({
      name: "acme-wiki",
      authorizationEndpoint: `${wiki.issuer}/auth`,
      tokenEndpoint: `${wiki.issuer}/token`,
      userinfoEndpoint: `${wiki.issuer}/me`,
      clientId: wiki.clientId,
      scopes: ["openid", "profile", "read:pages"],
      pkce: true,
      allowedDomains: [new URL(wiki.issuer).host],
    });
    const up = await project.tvk(["up", "-s", "wiki", "--", "--expect-no-changes"]);
    expect(up.exitCode, up.text).toBe(0);
    const as = (...words: string[]) =>
      project.json(["--profile", "wiki", ...words], 0, { user: alice });
    await as("login");
    await as("connect", "acme-wiki");
    expect(await as("fetch", "acme-wiki", wiki.pagesUrl)).toMatchObject({ status: 200 });
  }, 300_000);
});

suite("tvk import beside other connections of the client", () => {
  test("gives each resource its own object: two logins of one ending, and a built-in connection", async () => {
    const made = async (body: object) =>
      ((await project.management("POST", "/connections", body)) as Made).id;
    const okta = await made({ name: "okta", strategy: "auth0" });
    const acmeOkta = await made({ name: "acme-okta", strategy: "auth0" });
    const github = await made({
      name: "github",
      strategy: "github",
      connected_accounts: { active: true },
      options: { client_id: "Iv1.abc", client_secret: secret, scope: ["repo"] },
    });
    const desk = await connectionByHand("second-helpdesk");
    const client = await clientByHand("second", desk, github, okta, acmeOkta);
    project.configure("many", {
      helpdesk: { mode: "external", url: "https://not-yet.example.com" },
      builtInConnections: [{ strategy: "github", clientId: "Iv1.abc", scopes: ["repo"] }],
      githubClientSecret: secret,
    });
    const before = await everything();
    const words = ["import", "-s", "many", "--connection", "second-helpdesk", "--client", client];
    const imported = await project.json(words);
    expect(imported).toMatchObject({ missing: [] });
    expect(await everything()).toEqual(before);

    const exported = await project.tvk(["pulumi", "-s", "many", "--", "stack", "export"]);
    const { deployment } = JSON.parse(exported.stdout) as {
      deployment: { resources: { urn: string; id?: string }[] };
    };
    const ids = Object.fromEntries(
      deployment.resources.map(({ urn, id }) => [urn.split("::").slice(2).join("::"), id]),
    );
    const inClient = "token-vault-kit:index:TokenVaultClient$auth0:index";
    expect(ids).toMatchObject({
      "token-vault-kit:index:OAuth2Connection$auth0:index/connection:Connection::helpdesk-connection":
        desk,
      "token-vault-kit:index:BuiltInConnection$auth0:index/connection:Connection::github-connection":
        github,
      [`${inClient}/connectionClients:ConnectionClients::agent-helpdesk`]: desk,
      [`${inClient}/connectionClients:ConnectionClients::agent-github`]: github,
      [`${inClient}/connectionClient:ConnectionClient::agent-okta`]: `${okta}::${client}`,
      [`${inClient}/connectionClient:ConnectionClient::agent-acme-okta`]: `${acmeOkta}::${client}`,
    });
    const up = await project.tvk(["up", "-s", "many", "--", "--expect-no-changes"]);
    expect(up.exitCode, up.text).toBe(0);
  }, 300_000);
});
