import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";
import { startWiki, type WikiService } from "./wiki-service.ts";

let project: ProjectFolder;
let wiki: WikiService;

beforeAll(async () => {
  project = await projectFolder();
  wiki = await startWiki(`https://localhost:${project.tenantPort}/login/callback`);
}, 300_000);
afterAll(async () => {
  await project?.remove();
  await wiki?.close();
});

function configure(service: Record<string, unknown>): void {
  project.configure("dev", {
    helpdesk: { mode: "process" },
    service: {
      name: "acme-wiki",
      clientId: wiki.clientId,
      scopes: ["openid", "profile", "read:pages"],
      apiUrl: wiki.pagesUrl,
      ...service,
    },
    serviceClientSecret: wiki.clientSecret,
  });
}

suite("a service of one's own in the helpdesk's place", () => {
  test("an issuer without metadata: one error names every address that was asked, nothing is made", async () => {
    configure({ issuer: new URL("/elsewhere", wiki.issuer).href });
    const { exitCode, text } = await project.tvk(["up", "--yes"]);
    expect(exitCode).not.toBe(0);
    expect(text).toContain("service.issuer: no usable metadata of");
    expect(text).toContain("/elsewhere/.well-known/openid-configuration answered 404");
    expect(text).toContain("/.well-known/oauth-authorization-server/elsewhere answered 404");
    expect(text).toContain("nothing was created or changed");
    expect(text).not.toMatch(/\n\s+at /);
    expect(await project.management("GET", "/connections")).toHaveLength(1);
  }, 120_000);

  test("what tvk init writes is enough: the endpoints come from the issuer's metadata", async () => {
    const written = await project.json([
      ...["init", "--yes", "--tenant", "local", "--connection", "acme-wiki"],
      ...["--scopes", "openid,profile,read:pages", "--service-issuer", wiki.issuer],
      ...["--service-client-id", wiki.clientId, "--service-api-url", wiki.pagesUrl],
    ]);
    const [setSecret = ""] = (written as { next: string[] }).next;
    const [, ...words] = setSecret.split(" ");
    const set = await project.tvk([...words, wiki.clientSecret]);
    expect(set.exitCode, set.text).toBe(0);
    const { exitCode, text } = await project.tvk(["up", "--yes"]);
    expect(exitCode, text).toBe(0);
    const [connection] = (await project.management("GET", "/connections?name=acme-wiki")) as {
      options: Record<string, unknown>;
    }[];
    expect(connection?.options).toMatchObject({
      authorizationURL: `${wiki.issuer}/auth`,
      tokenURL: `${wiki.issuer}/token`,
      client_id: wiki.clientId,
    });
    expect(wiki.asked).toContain("/.well-known/oauth-authorization-server/oauth2");
  }, 120_000);

  test("no helpdesk is started, and no secret is shown", async () => {
    const { stdout } = await project.tvk(["pulumi", "--", "stack", "export"]);
    expect(stdout).not.toContain("helpdesk");
    expect(stdout).not.toContain(wiki.clientSecret);
  }, 60_000);

  test("sign in, connect, fetch: its API answers as the user", async () => {
    const login = await project.tvk(["login"], { user: alice });
    expect(login.exitCode, login.text).toBe(0);
    const connected = await project.json(["connect", "acme-wiki"], 0, { user: alice });
    expect(connected).toMatchObject({ status: "connected", connection: "acme-wiki" });
    expect(await project.json(["fetch", "acme-wiki", wiki.pagesUrl])).toMatchObject({
      status: 200,
      body: { reader: alice.email, pages: ["Onboarding"] },
    });
  }, 120_000);

  test("tvk doctor finds its chain whole, its API call too", async () => {
    const { ok, checks } = (await project.json(["doctor"])) as {
      ok: boolean;
      checks: { id: string; status: string; message: string }[];
    };
    expect(ok).toBe(true);
    expect(checks.find(({ id }) => id === "api_call")).toMatchObject({
      status: "ok",
      message: `GET ${wiki.pagesUrl} answered 200`,
    });
  }, 60_000);

  test("a second up changes nothing; endpoints that are written down need no metadata", async () => {
    const before = wiki.asked.length;
    configure({
      authorizationEndpoint: `${wiki.issuer}/auth`,
      tokenEndpoint: `${wiki.issuer}/token`,
      userinfoEndpoint: `${wiki.issuer}/me`,
    });
    const again = ["pulumi", "--", "up", "--yes", "--skip-preview", "--expect-no-changes"];
    const { exitCode, text } = await project.tvk(again);
    expect(exitCode, text).toBe(0);
    expect(wiki.asked.slice(before)).toEqual([]);
  }, 120_000);

  test("a script of one's own and the profile are as with the helpdesk", async () => {
    writeFileSync(
      join(project.dir, "wiki.ts"),
      `export const fetchUserProfile = (token: string, context: unknown, done: Function) =>
        done(null, { user_id: "own-" + String(token).length });`,
    );
    project.configure("dev", {
      helpdesk: { mode: "process" },
      script: "./wiki.ts",
      service: {
        name: "acme-wiki",
        authorizationEndpoint: `${wiki.issuer}/auth`,
        tokenEndpoint: `${wiki.issuer}/token`,
        clientId: wiki.clientId,
        scopes: ["read:pages"],
        allowedDomains: [new URL(wiki.pagesUrl).host],
      },
      serviceClientSecret: wiki.clientSecret,
    });
    const { exitCode, text } = await project.tvk(["up", "--yes"]);
    expect(exitCode, text).toBe(0);
    const profiles = JSON.parse(readFileSync(join(project.dir, "config/profiles.json"), "utf8"));
    expect(profiles.profiles.dev).toMatchObject({
      connection: "acme-wiki",
      allowedDomains: [new URL(wiki.pagesUrl).host],
    });
  }, 120_000);

  test("Google and GitHub come beside it, in one client", async () => {
    project.configure("dev", {
      helpdesk: { mode: "process" },
      service: {
        name: "acme-wiki",
        issuer: wiki.issuer,
        clientId: wiki.clientId,
        scopes: ["openid", "profile", "read:pages"],
        apiUrl: wiki.pagesUrl,
      },
      serviceClientSecret: wiki.clientSecret,
      builtInConnections: [
        { strategy: "google-oauth2", clientId: "g", scopes: ["email", "profile", "calendar"] },
        { strategy: "github", clientId: "h", scopes: ["repo"], vaultOnly: true },
      ],
      googleClientSecret: "google-pl4nted",
      githubClientSecret: "github-pl4nted",
    });
    const { exitCode, text } = await project.tvk(["up", "--yes", "--policy"]);
    expect(exitCode, text).toBe(0);
    expect(text).not.toContain("pl4nted");
    const { clientId } = JSON.parse(
      (await project.tvk(["pulumi", "--", "stack", "output", "--json"])).stdout,
    );
    const all = (await project.management("GET", "/connections")) as Record<string, unknown>[];
    for (const [name, login] of [
      ["google-oauth2", true],
      ["github", false],
      ["acme-wiki", true],
    ]) {
      const found = all.find((each) => each["name"] === name);
      expect(found).toMatchObject({
        connected_accounts: { active: true },
        authentication: { active: login },
      });
      const { clients } = (await project.management(
        "GET",
        `/connections/${found?.["id"]}/clients`,
      )) as { clients: unknown };
      expect(clients).toEqual([{ client_id: clientId }]);
    }
    const again = ["pulumi", "--", "up", "--yes", "--skip-preview", "--expect-no-changes"];
    const second = await project.tvk(again);
    expect(second.exitCode, second.text).toBe(0);
  }, 180_000);
});
