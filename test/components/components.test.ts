import { beforeAll, expect, suite, test } from "vitest";
import { children, inputProblems, registered, settled, withMocks } from "./recorded.ts";

type Door = typeof import("../../components/index.ts");
let door: Door;

const process = {
  port: 3001,
  supervisor: "node services/main.ts",
  command: ["node", "helpdesk/main.ts"],
  servicesDir: ".tvk/services",
  database: ".tvk/stacks/test/helpdesk.db",
  instance: "one",
  sessionSecret: "pl4nted-session",
  tokenSecret: "pl4nted-token",
};

beforeAll(async () => {
  await withMocks();
  // After the mocks: a component registers with whatever runtime is set when it is made.
  door = await import("../../components/index.ts");
});

function chain(domain = "localhost:4443") {
  const myAccountApi = new door.MyAccountApi("my-account", { domain, existingId: undefined });
  const helpdesk = new door.Helpdesk("helpdesk", {
    process,
    clientSecret: "pl4nted-helpdesk-secret",
    redirectUris: [`https://${domain}/login/callback`],
  });
  const tunnel = new door.Tunnel("tunnel", { kind: "none", target: helpdesk.url });
  const connection = new door.OAuth2Connection("helpdesk", {
    name: "acme-helpdesk",
    authorizationEndpoint: tunnel.url.apply((url) => `${url}/authorize`),
    tokenEndpoint: tunnel.url.apply((url) => `${url}/token`),
    clientId: helpdesk.clientId,
    clientSecret: helpdesk.clientSecret,
    scopes: ["openid"],
    fetchUserProfile: "function fetchUserProfile() {}",
    owner: "team-a",
    expires: "2027-01-31T18:00:00Z",
  });
  const client = new door.TokenVaultClient("agent", {
    name: "Agent",
    myAccountApi,
    connections: [connection],
    sharedConnections: [{ name: "login", connectionId: "con_login" }],
  });
  return { helpdesk, tunnel, connection, client };
}

suite("the chain of components", () => {
  test("declares these children under these names: they are identity, a rename replaces", async () => {
    registered.length = 0;
    chain();
    await expect.poll(() => children().length).toBe(8);
    expect(
      children()
        .map(({ type, name }) => `${type} ${name}`)
        .sort(),
    ).toEqual([
      "auth0:index/client:Client agent-client",
      "auth0:index/clientCredentials:ClientCredentials agent-credentials",
      "auth0:index/clientGrant:ClientGrant agent-my-account-grant",
      "auth0:index/connection:Connection helpdesk-connection",
      "auth0:index/connectionClient:ConnectionClient agent-login",
      "auth0:index/connectionClients:ConnectionClients agent-helpdesk",
      "auth0:index/resourceServer:ResourceServer my-account-api",
      "command:local:Command helpdesk-process",
    ]);
  });

  test("marks every secret output secret", async () => {
    const { client, helpdesk } = chain();
    expect(await settled(client.clientSecret)).toEqual({
      value: "pl4nted-client-secret",
      secret: true,
    });
    expect((await settled(helpdesk.clientSecret)).secret).toBe(true);
  });

  test("keeps secrets out of the process command's text and triggers", async () => {
    registered.length = 0;
    const { client } = chain();
    await settled(client.clientSecret);
    const command = children().find(({ type }) => type === "command:local:Command");
    const { environment: _, ...rest } = command?.inputs ?? {};
    expect(JSON.stringify(rest)).not.toContain("pl4nted");
    expect(rest["triggers"]).toEqual(["one"]);
  });

  test("writes no absolute path of a machine into an input", async () => {
    registered.length = 0;
    const { client } = chain();
    await settled(client.clientSecret);
    expect(JSON.stringify(children())).not.toMatch(/"\/(?!\/)[a-z]/i);
  });

  test("switches connected accounts on at the top level and marks the objects with the stack", async () => {
    registered.length = 0;
    const { client } = chain();
    await settled(client.clientSecret);
    const find = () => children().find(({ name }) => name === "helpdesk-connection");
    await expect.poll(find).toBeDefined();
    const connection = find();
    expect(connection?.inputs["connectedAccounts"]).toEqual({ active: true });
    expect(connection?.inputs["authentication"]).toEqual({ active: true });
    expect(connection?.inputs["metadata"]).toEqual({
      tvk_stack: "token-vault-kit/test",
      tvk_urn: expect.stringContaining("auth0:index/connection:Connection::helpdesk-connection"),
      tvk_owner: "team-a",
      tvk_expires: "2027-01-31T18:00:00Z",
    });
  });

  test("makes the client confidential, first-party, without rotation, with MRRT for the My Account API", async () => {
    registered.length = 0;
    const { client } = chain();
    await settled(client.clientSecret);
    const inputs = children().find(({ name }) => name === "agent-client")?.inputs;
    expect(inputs?.["isFirstParty"]).toBe(true);
    expect(inputs?.["oidcConformant"]).toBe(true);
    expect(inputs?.["refreshToken"]).toEqual({
      rotationType: "non-rotating",
      expirationType: "non-expiring",
      policies: [
        { audience: "https://localhost:4443/me/", scopes: [...door.connectedAccountsScopes] },
      ],
    });
    const grant = children().find(({ name }) => name === "agent-my-account-grant")?.inputs;
    expect(grant?.["subjectType"]).toBe("user");
  });

  test("gives the connection's endpoints the tunnel's address", async () => {
    const tunnel = new door.Tunnel("public", {
      kind: "external",
      target: "http://localhost:3001",
      url: "https://desk.example.com/",
    });
    expect(await settled(tunnel.url)).toEqual({ value: "https://desk.example.com", secret: false });
  });
});

suite("BuiltInConnection", () => {
  const args = { clientId: "c", clientSecret: "pl4nted-built-in" } as const;

  test("has Auth0's own name and strategy, connected accounts on, and the secret secret", async () => {
    registered.length = 0;
    const google = new door.BuiltInConnection("google", {
      ...args,
      strategy: "google-oauth2",
      scopes: ["email", "calendar"],
    });
    expect(await settled(google.connectionName)).toMatchObject({ value: "google-oauth2" });
    const made = children().find(({ name }) => name === "google-connection");
    expect(made?.inputs).toMatchObject({
      strategy: "google-oauth2",
      connectedAccounts: { active: true },
      authentication: { active: true },
      metadata: { tvk_stack: "token-vault-kit/test" },
      // As Pulumi sends a secret: the whole object is one, since a part of it is.
      options: { value: { clientId: "c", scopes: ["email", "calendar"] } },
    });
  });

  test("Slack is a custom connection with Slack's endpoints, under Auth0's name for it", async () => {
    registered.length = 0;
    const slack = new door.BuiltInConnection("slack", {
      ...args,
      strategy: "slack",
      scopes: ["channels:read"],
      vaultOnly: true,
    });
    expect(await settled(slack.connectionName)).toMatchObject({ value: "sign-in-with-slack" });
    const inputs = children().find(({ name }) => name === "slack-connection")?.inputs;
    expect(inputs).toMatchObject({
      strategy: "oauth2",
      authentication: { active: false },
      metadata: { tvk_vault_only: "true" },
    });
    expect(JSON.stringify(inputs)).toContain("https://slack.com/oauth/v2_user/authorize");
  });

  test("joins one client with a connection of one's own", async () => {
    registered.length = 0;
    const myAccountApi = new door.MyAccountApi("api", { domain: "a.example", existingId: "x" });
    const github = new door.BuiltInConnection("github", {
      ...args,
      strategy: "github",
      scopes: ["repo"],
    });
    const client = new door.TokenVaultClient("one", {
      name: "One",
      myAccountApi,
      connections: [github],
    });
    await settled(client.clientSecret);
    expect(children().map(({ name }) => name)).toContain("one-github");
  });

  test("names every wrong argument at once", () => {
    const problems = inputProblems(
      () =>
        new door.BuiltInConnection("bad", {
          ...args,
          strategy: "google-oauth2",
          name: "my_conn",
          scopes: ["email", "https://www.googleapis.com/auth/calendar"],
        }),
    );
    expect(problems.map(({ propertyPath }) => propertyPath)).toEqual(["name", "scopes[1]"]);
    expect(problems[1]?.reason).toContain("Auth0's name for it");
    const none = inputProblems(
      () =>
        new door.BuiltInConnection("bad", { ...args, strategy: "gitlab" as "slack", scopes: [] }),
    );
    expect(none.map(({ propertyPath }) => propertyPath)).toEqual(["strategy", "scopes"]);
  });
});

suite("wrong arguments are all reported at once", () => {
  test("OAuth2Connection names each property", () => {
    const problems = inputProblems(
      () =>
        new door.OAuth2Connection("bad", {
          name: "my_conn",
          authorizationEndpoint: "http://desk.example.com/authorize",
          tokenEndpoint: "nonsense",
          clientId: "c",
          clientSecret: "pl4nted",
          scopes: ["ok", 'qu"ote'],
          fetchUserProfile: "x".repeat(51_201),
        }),
    );
    expect(problems.map(({ propertyPath }) => propertyPath)).toEqual([
      "name",
      "scopes[1]",
      "authorizationEndpoint",
      "tokenEndpoint",
      "fetchUserProfile",
    ]);
    expect(JSON.stringify(problems)).not.toContain("pl4nted");
  });

  test("TokenVaultClient refuses wildcards and a client nobody could sign in to", () => {
    const myAccountApi = new door.MyAccountApi("api", {
      domain: "localhost:4443",
      existingId: "x",
    });
    const problems = inputProblems(
      () =>
        new door.TokenVaultClient("bad", {
          name: "<b>",
          myAccountApi,
          connections: [],
          callbacks: ["https://*.example.com/callback"],
          allowedLogoutUrls: ["nowhere"],
        }),
    );
    expect(problems.map(({ propertyPath }) => propertyPath)).toEqual([
      "name",
      "sharedConnections",
      "callbacks[0]",
      "allowedLogoutUrls[0]",
    ]);
  });

  test("Helpdesk wants exactly one of url and process", () => {
    const wrong = { clientSecret: "s", redirectUris: [] };
    const problems = inputProblems(() => new door.Helpdesk("bad", wrong));
    expect(problems.map(({ propertyPath }) => propertyPath)).toEqual(["url", "redirectUris"]);
  });

  test("Tunnel wants a url for external and none otherwise", () => {
    const target = "http://localhost:3001";
    expect(inputProblems(() => new door.Tunnel("a", { kind: "external", target }))).toHaveLength(1);
    expect(
      inputProblems(() => new door.Tunnel("b", { kind: "none", target, url: "https://a.example" })),
    ).toHaveLength(1);
  });

  test("MyAccountApi refuses a domain with a path", () => {
    expect(
      inputProblems(
        () => new door.MyAccountApi("bad", { domain: "a.example/me", existingId: undefined }),
      ),
    ).toEqual([{ propertyPath: "domain", reason: '"a.example/me" is no host' }]);
  });
});
