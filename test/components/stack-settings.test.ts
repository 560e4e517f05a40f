import { readFileSync } from "node:fs";
import { expect, suite, test } from "vitest";
import { parse } from "yaml";
import { describeProblems, readSettings, settingKeys } from "../../components/stack-settings.ts";

const local = { tenant: "local" };

function problemsOf(values: Record<string, string>, domain = "localhost:4443") {
  const result = readSettings({ values: { ...local, ...values }, domain });
  return "problems" in result ? result.problems : [];
}

suite("readSettings()", () => {
  test("gives every default to a stack that says only `tenant: local`", () => {
    const result = readSettings({ values: local, domain: "localhost:4443" });
    expect(result).toEqual({
      settings: {
        tenant: "local",
        domain: "localhost:4443",
        connectionName: "acme-helpdesk",
        scopes: ["openid", "profile", "read:tickets", "write:tickets"],
        vaultOnly: false,
        clientName: "Token Vault agent",
        loginConnections: ["Username-Password-Authentication"],
        helpdesk: { mode: "process", port: 3001 },
        tunnel: { kind: "none" },
        adopted: {},
        builtInConnections: [],
      },
    });
  });

  test("takes the empty text that Pulumi.yaml gives an optional key as not set", () => {
    expect(problemsOf({ displayName: "", script: "", owner: "" })).toEqual([]);
  });

  test("puts an environment's prefix before the names on the tenant", () => {
    const values = { ...local, namePrefix: "pr-42-", expires: "2027-01-31T18:00:00Z" };
    expect(readSettings({ values, domain: "localhost:4443" })).toMatchObject({
      settings: {
        connectionName: "pr-42-acme-helpdesk",
        clientName: "pr-42-Token Vault agent",
        expires: "2027-01-31T18:00:00Z",
      },
    });
  });

  test("reports every problem at once", () => {
    const problems = problemsOf({
      conectionName: "x",
      connectionName: "my_conn",
      scopes: '["read\\"tickets"]',
      helpdesk: '{"mode":"external","url":"http://desk.example.com"}',
    });
    expect(problems.map(({ key }) => key).sort()).toEqual([
      "conectionName",
      "connectionName",
      "helpdesk.url",
      "scopes.0",
    ]);
  });

  test.each([
    ["an unknown key", { conectionName: "x" }, "conectionName", "is not a key"],
    ["an unknown nested key", { helpdesk: '{"prot":3001}' }, "helpdesk.prot", "is not a key"],
    ["an underscore in the name", { connectionName: "my_conn" }, "connectionName", "single dashes"],
    ["a name of 129 characters", { connectionName: "a".repeat(129) }, "connectionName", "128"],
    ["two dashes in a row", { connectionName: "a--b" }, "connectionName", "single dashes"],
    ["a quote in a scope", { scopes: '["a\\"b"]' }, "scopes.0", "no quote"],
    [
      "21 scopes",
      { scopes: JSON.stringify(Array.from({ length: 21 }, (_, i) => `s${i}`)) },
      "scopes",
      "20",
    ],
    [
      "http off loopback",
      { tunnel: '{"kind":"external","url":"http://a.example"}' },
      "tunnel.url",
      "https",
    ],
    [
      "a base image of a process",
      { helpdesk: '{"baseImage":"node:24-slim"}' },
      "helpdesk.baseImage",
      "`container`",
    ],
    [
      "plain http to another machine on the back channel",
      { helpdesk: '{"backChannelUrl":"http://desk.example.com"}' },
      "helpdesk.backChannelUrl",
      "use https",
    ],
    [
      "a back channel with a path",
      { helpdesk: '{"backChannelUrl":"https://desk.example.com/x"}' },
      "helpdesk.backChannelUrl",
      "no origin",
    ],
    [
      "a bind address by name",
      { helpdesk: '{"bindAddress":"eth0"}' },
      "helpdesk.bindAddress",
      "IP",
    ],
    [
      "an external helpdesk without URL",
      { helpdesk: '{"mode":"external"}' },
      "helpdesk.url",
      "is needed",
    ],
    [
      "an external helpdesk without secret",
      { helpdesk: '{"mode":"external","url":"https://a.example"}' },
      "helpdeskClientSecret",
      "--secret",
    ],
    ["a tunnel without URL", { tunnel: '{"kind":"external"}' }, "tunnel.url", "is needed"],
    [
      "a URL without a tunnel",
      { tunnel: '{"url":"https://a.example"}' },
      "tunnel.url",
      "goes with",
    ],
    [
      "nobody able to sign in",
      { vaultOnly: "true", loginConnections: "[]" },
      "loginConnections",
      "nobody",
    ],
    ["ssh without a host", { tunnel: '{"kind":"ssh"}' }, "tunnel.host", "is needed"],
    ["ssh without a URL", { tunnel: '{"kind":"ssh"}' }, "tunnel.url", "is needed"],
    [
      "a named tunnel without its hostname",
      { tunnel: '{"kind":"cloudflared","name":"desk"}' },
      "tunnel.url",
      "named tunnel",
    ],
    [
      "a quick tunnel with a URL",
      { tunnel: '{"kind":"cloudflared","url":"https://a.example"}' },
      "tunnel.name",
      "quick tunnel",
    ],
    [
      "a key of another kind",
      { tunnel: '{"kind":"ngrok","remotePort":1}' },
      "tunnel.remotePort",
      "`ssh`",
    ],
    [
      "an agent for a helpdesk elsewhere",
      { helpdesk: '{"mode":"external","url":"https://a.example"}', tunnel: '{"kind":"ngrok"}' },
      "tunnel.kind",
      "external",
    ],
    [
      "a flag in the place of a host",
      { tunnel: '{"kind":"ssh","host":"-oProxyCommand=x"}' },
      "tunnel.host",
      "ssh",
    ],
    ["a token without its cloud", { tunnelToken: "12345678" }, "tunnelToken", "goes with"],
    ["a short secret", { helpdeskClientSecret: "short" }, "helpdeskClientSecret", "16"],
    ["an expiry that is no time", { expires: "tomorrow" }, "expires", "ISO 8601"],
    ["a prefix without its dash", { namePrefix: "pr-42" }, "namePrefix", "ends with a dash"],
    [
      "a prefix that makes the name too long",
      { namePrefix: `${"p".repeat(60)}-`, connectionName: "c".repeat(90) },
      "namePrefix",
      "151",
    ],
    ["a name with <", { clientName: "<b>" }, "clientName", "<"],
  ])("refuses %s", (_, values, key, text) => {
    const found = problemsOf(values as Record<string, string>);
    expect(found.map((each) => each.key)).toContain(key);
    expect(found.find((each) => each.key === key)?.reason).toContain(text);
  });

  test("never repeats a secret in a problem", () => {
    expect(describeProblems(problemsOf({ helpdeskClientSecret: "pl4nted" }))).not.toContain(
      "pl4nted",
    );
  });

  test.each([
    ["local", "acme.eu.auth0.com", "not on this machine"],
    ["cloud", "localhost:4443", "is on this machine"],
    ["local", "", "is not set"],
    ["local", "https://localhost:4443", "not a host"],
  ])("a %s stack refuses the domain %j", (tenant, domain, text) => {
    const tunnel = '{"kind":"external","url":"https://desk.example.com"}';
    expect(problemsOf({ tenant, tunnel }, domain)).toEqual([
      { key: "auth0:domain", reason: expect.stringContaining(text) },
    ]);
  });

  test("a cloud stack refuses a helpdesk on this machine without a tunnel", () => {
    expect(problemsOf({ tenant: "cloud" }, "acme.eu.auth0.com").map(({ key }) => key)).toEqual([
      "tunnel.kind",
    ]);
  });
});

suite("built-in connections", () => {
  const google = { strategy: "google-oauth2", clientId: "c", scopes: ["email"] };

  test("want the secret of each provider, and each provider once", () => {
    const values = { builtInConnections: JSON.stringify([google, google]) };
    expect(problemsOf(values).map(({ key }) => key)).toEqual([
      "googleClientSecret",
      "googleClientSecret",
      "builtInConnections.1.strategy",
    ]);
    const one = { builtInConnections: JSON.stringify([google]), googleClientSecret: "s" };
    expect(problemsOf(one)).toEqual([]);
  });

  test("refuse a provider that is none of them, by its place in the list", () => {
    const values = { builtInConnections: JSON.stringify([{ ...google, strategy: "gitlab" }]) };
    expect(problemsOf(values).map(({ key }) => key)).toEqual(["builtInConnections.0.strategy"]);
  });
});

suite("a service of one's own", () => {
  const service = {
    name: "acme-wiki",
    issuer: "https://auth.example.com",
    clientId: "auth0",
    scopes: ["openid", "read:pages"],
    apiUrl: "https://wiki.example.com/api/me",
  };
  const withService = (change: Record<string, unknown>, more: Record<string, string> = {}) => ({
    service: JSON.stringify({ ...service, ...change }),
    serviceClientSecret: "short",
    ...more,
  });

  test("brings the connection's name and scopes, whatever the helpdesk's defaults are", () => {
    const values = {
      ...local,
      ...withService({}),
      connectionName: "acme-helpdesk",
      helpdesk: '{"mode":"process","port":3001}',
    };
    const result = readSettings({ values, domain: "localhost:4443" });
    expect(result).toMatchObject({
      settings: { connectionName: "acme-wiki", scopes: ["openid", "read:pages"] },
    });
  });

  test("an empty service is none", () => {
    expect(problemsOf({ service: "{}" })).toEqual([]);
  });

  test("reports everything that is missing at once", () => {
    const values = { service: JSON.stringify({ name: "w", clientId: "c", scopes: ["openid"] }) };
    expect(problemsOf(values).map(({ key }) => key)).toEqual([
      "service.authorizationEndpoint",
      "service.tokenEndpoint",
      "service.userinfoEndpoint",
      "service.apiUrl",
      "serviceClientSecret",
    ]);
  });

  test("with a script of the stack's own no userinfo endpoint is needed", () => {
    const change = { issuer: undefined, authorizationEndpoint: "https://a.example/a" };
    const whole = { ...change, tokenEndpoint: "https://a.example/t" };
    expect(problemsOf(withService(whole)).map(({ key }) => key)).toEqual([
      "service.userinfoEndpoint",
    ]);
    expect(problemsOf(withService(whole, { script: "./wiki.ts" }))).toEqual([]);
  });

  test.each([
    ["an unknown key", { isuer: "https://a.example" }, "service.isuer", "is not a key"],
    ["http off loopback", { issuer: "http://a.example" }, "service.issuer", "https"],
    [
      "a metadata document for an issuer",
      { issuer: "https://a.example/.well-known/openid-configuration" },
      "service.issuer",
      "write the issuer alone",
    ],
    ["an issuer with a query", { issuer: "https://a.example?x=1" }, "service.issuer", "query"],
    [
      "a long token endpoint",
      { tokenEndpoint: `https://a.example/${"a".repeat(255)}` },
      "service.tokenEndpoint",
      "255",
    ],
    ["no scopes", { scopes: [] }, "service.scopes", ""],
    [
      "a URL for a host",
      { allowedDomains: ["https://a.example"] },
      "service.allowedDomains.0",
      "host",
    ],
    ["every host", { allowedDomains: ["*"] }, "service.allowedDomains.0", "host"],
  ])("refuses %s", (_, change, key, text) => {
    const found = problemsOf(withService(change));
    expect(found.map((each) => each.key)).toEqual([key]);
    expect(found[0]?.reason).toContain(text);
  });

  test("refuses a tunnel or an external helpdesk beside it: they would be left unused", () => {
    const values = withService(
      {},
      {
        tunnel: '{"kind":"external","url":"https://a.example"}',
        helpdesk: '{"mode":"external","url":"https://a.example"}',
      },
    );
    expect(problemsOf(values).map(({ key }) => key)).toEqual(["helpdesk.mode", "tunnel.kind"]);
  });
});

suite("Pulumi.yaml", () => {
  const { config } = parse(readFileSync("Pulumi.yaml", "utf8")) as {
    config: Record<string, { description?: string; default?: unknown }>;
  };

  test("declares every key but the secret ones, and no other", () => {
    // A secret key can have no default in Pulumi.yaml, and without one it would be required.
    expect(Object.keys(config).sort()).toEqual(
      settingKeys.filter((key) => !/(ClientSecret|Token)$/.test(key)).sort(),
    );
  });

  test("describes every key", () => {
    for (const each of Object.values(config)) expect(each.description).toBeTruthy();
  });

  test("has defaults that the program accepts and agrees with", () => {
    const values = Object.entries(config).map(([key, { default: value }]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const written = readSettings({
      values: { ...Object.fromEntries(values), ...local },
      domain: "localhost:1",
    });
    expect(written).toEqual(readSettings({ values: local, domain: "localhost:1" }));
  });
});
