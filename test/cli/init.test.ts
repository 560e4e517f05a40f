/** @module tvk init: the flags, the questions and the file they make. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { answersFromFlags, type InitFlags } from "../../cli/init/stack-answers.ts";
import { writeStackFile } from "../../cli/init/stack-file.ts";
import { TVK, testEnv, tvk } from "./run-tvk.ts";

const noService = {
  issuer: undefined,
  authorizationEndpoint: undefined,
  tokenEndpoint: undefined,
  userinfoEndpoint: undefined,
  clientId: undefined,
  apiUrl: undefined,
};

const none: InitFlags = {
  tenant: undefined,
  domain: undefined,
  connection: undefined,
  helpdeskUrl: undefined,
  helpdeskPort: undefined,
  scopes: undefined,
  loginConnections: undefined,
  appName: undefined,
  service: noService,
};

function folder() {
  const dir = testEnv()["TVK_CONFIG_DIR"] ?? "";
  mkdirSync(dir);
  return dir;
}

describe("tvk init", () => {
  it("without a terminal and without --tenant is init_failed, exit 1, and lists the flags", async () => {
    const ran = await tvk(testEnv(), "init", "--stack", "new", "--json");
    expect(ran.exitCode).toBe(1);
    expect(ran.json()).toMatchObject({
      error: { code: "init_failed", hint: expect.stringContaining("--tenant local|cloud") },
    });
  });

  it("--app-id says what to do instead, exit 2", async () => {
    const ran = await tvk(testEnv(), "init", "--app-id", "abc", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({
      error: { code: "not_carried", hint: expect.stringContaining("--app-name") },
    });
  });

  it.each([
    [{ tenant: "moon" }, "invalid_input"],
    [{ tenant: "local", domain: "acme.auth0.com" }, "invalid_input"],
    [{ tenant: "cloud", domain: "acme.auth0.com" }, "init_failed"],
    [{ tenant: "cloud", helpdeskUrl: "https://desk.test" }, "init_failed"],
    [{ tenant: "cloud", domain: "a b", helpdeskUrl: "https://desk.test" }, "invalid_input"],
    [{ tenant: "cloud", domain: "a.test", helpdeskUrl: "http://desk.test" }, "invalid_input"],
    [{ tenant: "local", connection: "two--dashes" }, "invalid_input"],
    [{ tenant: "local", helpdeskPort: "70000" }, "invalid_input"],
  ])("refuses the flags %j as %s", (flags, code) => {
    expect(() => answersFromFlags({ ...none, ...flags })).toThrowError(
      expect.objectContaining({ code }),
    );
  });

  it("writes what was answered and nothing else, --app-name as the client's name", () => {
    const dir = folder();
    const answers = answersFromFlags({
      ...none,
      tenant: "cloud",
      domain: "https://acme.eu.auth0.com/",
      helpdeskUrl: "https://desk.test",
      scopes: "openid, tickets",
      appName: "My agent",
    });
    writeStackFile(dir, "prod", answers, false);
    expect(parse(readFileSync(join(dir, "Pulumi.prod.yaml"), "utf8"))).toEqual({
      config: {
        "auth0:domain": "acme.eu.auth0.com",
        "token-vault-kit:tenant": "cloud",
        "token-vault-kit:clientName": "My agent",
        "token-vault-kit:scopes": ["openid", "tickets"],
        "token-vault-kit:helpdesk": { mode: "external", url: "https://desk.test" },
      },
    });
    expect(readdirSync(dir)).toEqual(["Pulumi.prod.yaml"]);
  });

  it("a service of one's own is written under `service`, with its name and scopes", () => {
    const dir = folder();
    const answers = answersFromFlags({
      ...none,
      tenant: "local",
      connection: "acme-wiki",
      scopes: "openid,read:pages",
      service: {
        ...noService,
        issuer: "https://auth.wiki.test",
        clientId: "auth0",
        apiUrl: "https://wiki.test/api/me",
      },
    });
    writeStackFile(dir, "dev", answers, false);
    expect(parse(readFileSync(join(dir, "Pulumi.dev.yaml"), "utf8"))).toEqual({
      config: {
        "token-vault-kit:tenant": "local",
        "token-vault-kit:service": {
          name: "acme-wiki",
          issuer: "https://auth.wiki.test",
          clientId: "auth0",
          apiUrl: "https://wiki.test/api/me",
          scopes: ["openid", "read:pages"],
        },
      },
    });
  });

  it("says all that a service lacks at once", () => {
    const flags = { ...none, tenant: "local", connection: "w", scopes: "openid" };
    const service = { ...noService, tokenEndpoint: "http://wiki.test/token" };
    expect(() => answersFromFlags({ ...flags, service })).toThrowError(
      expect.objectContaining({
        code: "invalid_input",
        message:
          "--service-authorization-endpoint is missing; " +
          '--service-token-endpoint is "http://wiki.test/token": give an https URL, like https://desk.example.com; ' +
          "--service-userinfo-endpoint is missing; --service-client-id is missing; --service-api-url is missing",
      }),
    );
  });

  it("a service has no name and no scopes by default, and no helpdesk beside it", () => {
    const service = {
      ...noService,
      issuer: "https://auth.wiki.test",
      clientId: "c",
      apiUrl: "https://wiki.test/",
    };
    const flags = { ...none, tenant: "local", helpdeskPort: "3001", service };
    expect(() => answersFromFlags(flags)).toThrowError(
      expect.objectContaining({
        message:
          "with a service of your own, --connection is missing; --scopes is missing; --helpdesk-port is for the helpdesk",
      }),
    );
  });

  it("asks for a service of one's own, its issuer instead of its endpoints, and names the secret to set", async () => {
    const dir = folder();
    writeFileSync(join(dir, "Pulumi.yaml"), "name: own\nruntime: nodejs\n");
    const { stdout, stderr, exitCode } = await answering(dir, [
      ["Which tenant?", "\r"],
      ["Which API", "\u001b[B\r"],
      ["Its issuer", "https://auth.wiki.test\r"],
      ["What it calls Auth0", "auth0\r"],
      ["A GET of its API", "https://wiki.test/api/me\r"],
      ["Connection's name", "acme-wiki\r"],
      ["Scopes", "\r"],
      ["users sign in", "\r"],
      ["Application's name", "\r"],
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "configured",
      next: [
        expect.stringContaining("--secret serviceClientSecret --stack prod"),
        expect.anything(),
      ],
    });
    const { config } = parse(readFileSync(join(dir, "Pulumi.prod.yaml"), "utf8"));
    expect(config["token-vault-kit:service"]).toEqual({
      name: "acme-wiki",
      issuer: "https://auth.wiki.test",
      clientId: "auth0",
      apiUrl: "https://wiki.test/api/me",
      scopes: ["openid", "profile", "offline_access"],
    });
  });

  it("leaves a file that is there alone, unless told to write over it", () => {
    const dir = folder();
    const path = join(dir, "Pulumi.dev.yaml");
    writeFileSync(path, "mine\n");
    const answers = answersFromFlags({ ...none, tenant: "local" });
    expect(() => writeStackFile(dir, "dev", answers, false)).toThrowError(
      expect.objectContaining({ code: "config_exists", exitCode: 2 }),
    );
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    expect(readdirSync(dir)).toEqual(["Pulumi.dev.yaml"]);
    writeStackFile(dir, "dev", answers, true);
    expect(parse(readFileSync(path, "utf8"))).toEqual({
      config: { "token-vault-kit:tenant": "local" },
    });
    expect(statSync(path).isFile()).toBe(true);
  });

  it("asks on stderr; with --json stdout has the final document only", async () => {
    const dir = folder();
    writeFileSync(join(dir, "Pulumi.yaml"), "name: own\nruntime: nodejs\n");
    const { stdout, stderr, exitCode } = await answering(dir, [
      ["Which tenant?", "\u001b[B\r"],
      ["Tenant domain", "acme.eu.auth0.com\r"],
      ["Which API", "\r"],
      ["Helpdesk's address", "https://desk.test\r"],
      ["Connection's name", "\r"],
      ["Scopes", "\r"],
      ["users sign in", "\r"],
      ["Application's name", "\r"],
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "configured", stack: "prod" });
    const { config } = parse(readFileSync(join(dir, "Pulumi.prod.yaml"), "utf8"));
    expect(config).toMatchObject({
      "auth0:domain": "acme.eu.auth0.com",
      "token-vault-kit:connectionName": "acme-helpdesk",
    });
  });
});

/** Types each answer when its question is there. */
async function answering(dir: string, answers: string[][]) {
  const env = { ...testEnv({ AUTH0_TV_FORCE_INTERACTIVE: "1" }), PATH: process.env["PATH"] };
  const child = spawn(process.execPath, [TVK, "--json", "init", "--stack", "prod"], {
    env,
    cwd: dir,
  });
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
    child.stdin.write(`${answer}`);
  });
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  return { stdout, stderr, exitCode };
}
