/** Which object of a tenant each resource of a program gets, from the list that the engine makes of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { builtInsOf } from "../../adoption/built-ins.ts";
import { type ExistingObjects, existingObjects } from "../../adoption/existing-objects.ts";
import { filled, type ImportEntry } from "../../adoption/import-file.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import type { Management } from "../../engine/plugins/auth0/management.ts";
import { managementOf } from "../../engine/recovery/marked-objects.ts";
import { startTenant } from "../../tenant/start-tenant.ts";

const objects: ExistingObjects = {
  connection: { id: "con_desk", name: "acme-helpdesk" },
  client: { client_id: "cid" },
  grantId: "cgr_1",
  myAccountApiId: undefined,
  logins: [
    { name: "okta", id: "con_okta" },
    { name: "Acme-Okta", id: "con_acme-okta" },
  ],
  enabledClients: ["cid"],
  builtIns: [{ strategy: "google-oauth2", id: "con_google", enabledClients: ["cid"] }],
};

function component(type: string, name: string): ImportEntry {
  return { type: `token-vault-kit:index:${type}`, name, component: true };
}

function resource(type: string, name: string, parent: string): ImportEntry {
  return { type: `auth0:index/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`, name, parent };
}

function ids(entries: readonly ImportEntry[], found = objects): Record<string, string | undefined> {
  const named = filled(entries, found).entries.filter((each) => each.component !== true);
  return Object.fromEntries(named.map(({ name, id }) => [name, id]));
}

const program = [
  component("OAuth2Connection", "helpdesk"),
  component("TokenVaultClient", "agent"),
  resource("Connection", "helpdesk-connection", "helpdesk"),
  resource("ConnectionClients", "agent-helpdesk", "agent"),
];

suite("the list of what a program declares is filled in", () => {
  test("with the login whose whole name it is, not with one that the name ends with", () => {
    const logins = ["agent-okta", "agent-acme-okta"].map((name) =>
      resource("ConnectionClient", name, "agent"),
    );
    expect(ids([...program, ...logins])).toMatchObject({
      "agent-okta": "con_okta::cid",
      "agent-acme-okta": "con_acme-okta::cid",
    });
    const [first] = objects.logins;
    const one = { ...objects, logins: first ? [first] : [] };
    expect(filled([...program, ...logins], one).missing).toEqual(["agent-acme-okta"]);
  });

  test("with its own id for each connection and its clients, built-in ones too", () => {
    const builtIns = ["google-oauth2", "github"].flatMap((name) => [
      component("BuiltInConnection", name),
      resource("Connection", `${name}-connection`, name),
      resource("ConnectionClients", `agent-${name}`, "agent"),
    ]);
    const list = [...program, ...builtIns];
    expect(ids(list)).toEqual({
      "helpdesk-connection": "con_desk",
      "agent-helpdesk": "con_desk",
      "google-oauth2-connection": "con_google",
      "agent-google-oauth2": "con_google",
    });
    expect(filled(list, objects).missing).toEqual(["github-connection", "agent-github"]);
  });

  test("by the program's names where the engine has given another", () => {
    const list: ImportEntry[] = [
      { ...component("OAuth2Connection", "helpdeskOAuth2Connection"), logicalName: "helpdesk" },
      component("Helpdesk", "helpdesk"),
      component("TokenVaultClient", "agent"),
      resource("Connection", "helpdesk-connection", "helpdeskOAuth2Connection"),
      resource("ConnectionClients", "agent-helpdesk", "agent"),
    ];
    expect(ids(list)).toEqual({
      "helpdesk-connection": "con_desk",
      "agent-helpdesk": "con_desk",
    });
  });

  test("with a connection under any name, if it is the program's only one; never with one of two", () => {
    const own = (name: string) => [
      component("OAuth2Connection", name),
      resource("Connection", `${name}-connection`, name),
    ];
    expect(ids(own("wiki"))).toEqual({ "wiki-connection": "con_desk" });
    expect(() => filled([...own("wiki"), ...own("crm")], objects)).toThrow(/2 .*: wiki, crm/);
    expect(filled([...own("service"), ...own("crm")], objects).missing).toEqual(["crm-connection"]);
  });
});

const dir = mkdtempSync(join(tmpdir(), "tvk-adoption-"));
let tenant: Awaited<ReturnType<typeof startTenant>>;
let api: Management;
let clientId: string;

beforeAll(async () => {
  tenant = await startTenant({ dir, port: 0 });
  trustAuthority(join(dir, "ca.pem"));
  api = managementOf({ domain: tenant.domain, ...tenant.managementClient });
  const grant_types = [
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
  ];
  const body = {
    name: "agent",
    app_type: "regular_web",
    is_first_party: true,
    oidc_conformant: true,
    grant_types,
  };
  clientId = ((await api.request("POST", "/clients", body)) as { client_id: string }).client_id;
});
afterAll(async () => {
  await tenant?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function connection(name: string, strategy: string): Promise<string> {
  const custom = {
    authorizationURL: "https://a.example/authorize",
    tokenURL: "https://a.example/token",
    scripts: { fetchUserProfile: "function f(t, c, cb) { cb(null, { user_id: '1' }); }" },
  };
  const options = {
    client_id: "x",
    client_secret: "y",
    ...(strategy === "oauth2" ? custom : {}),
  };
  const made = (await api.request("POST", "/connections", { name, strategy, options })) as {
    id: string;
  };
  const enabled = [{ client_id: clientId, status: true }];
  await api.request("PATCH", `/connections/${made.id}/clients`, enabled);
  return made.id;
}

function found(builtInConnections: unknown) {
  const builtIns = builtInsOf({ "token-vault-kit:builtInConnections": builtInConnections });
  const choice = { domain: tenant.domain, connection: undefined, client: undefined, builtIns };
  return existingObjects(api, choice);
}

suite("the tenant's connection of a built-in one in the configuration", () => {
  test("is the one of Auth0's name or of the configured one, and neither a login nor the stack's own", async () => {
    const desk = await connection("acme-helpdesk", "oauth2");
    const slack = await connection("sign-in-with-slack", "oauth2");
    const github = await connection("code", "github");
    const all = await found([{ strategy: "slack" }, { strategy: "github", name: "code" }]);
    expect(all.connection["id"]).toBe(desk);
    expect(all.logins).toEqual([]);
    expect(all.builtIns).toEqual([
      { strategy: "slack", id: slack, enabledClients: [clientId] },
      { strategy: "github", id: github, enabledClients: [clientId] },
    ]);
  });

  test("is the only one of its strategy, where neither name is there; of several none is taken", async () => {
    const slack = { strategy: "slack" };
    const only = await found(JSON.stringify([slack, { strategy: "github" }]));
    expect(only.builtIns.map(({ strategy }) => strategy)).toEqual(["slack", "github"]);
    await connection("code-too", "github");
    await expect(found([slack, { strategy: "github" }])).rejects.toMatchObject({
      code: "ambiguous",
      message: expect.stringContaining("code, code-too"),
    });
    const other = await found([slack, { strategy: "github", name: "elsewhere" }]);
    expect(other.builtIns.map(({ strategy }) => strategy)).toEqual(["slack"]);
    expect(other.logins.map(({ name }) => name)).toEqual(["code", "code-too"]);
  });
});
