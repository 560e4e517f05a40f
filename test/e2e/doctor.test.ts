/** tvk doctor beside a local tenant's Management application: each toggle and grant by its own name. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
/** What each command of the beginning printed: one document. */
const answers: unknown[] = [];

interface Report {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly message: string;
    readonly hint?: string;
  }[];
}

beforeAll(async () => {
  project = await projectFolder();
  // The wizard's answers as flags: it writes the stack's configuration, brings it up and signs in.
  rmSync(join(project.dir, "Pulumi.dev.yaml"));
  const port = ["--helpdesk-port", String(project.helpdeskPort)];
  const made = ["init", "--tenant", "local", ...port, "--app-name", "Agent of the wizard"];
  for (const args of [made, ["connect", "acme-helpdesk"]]) {
    const { exitCode, stdout, text } = await project.tvk(["--json", ...args], { user: alice });
    if (exitCode !== 0) throw new Error(text);
    answers.push(JSON.parse(stdout));
  }
}, 300_000);
afterAll(() => project?.remove());

async function diagnosed(exitCode: number) {
  const report = (await project.json(["doctor"], exitCode)) as Report;
  const broken = report.checks.filter(({ status }) => status === "failed");
  return { ...report, broken, named: broken.map(({ id }) => id) };
}

async function clientId(): Promise<string> {
  const all = (await project.management("GET", "/clients")) as {
    name: string;
    client_id: string;
  }[];
  return all.find(({ name }) => name === "Agent of the wizard")?.client_id ?? "";
}

async function connectionId(): Promise<string> {
  const [found] = (await project.management("GET", "/connections?name=acme-helpdesk")) as {
    id: string;
  }[];
  return found?.id ?? "";
}

const mends = "Run: tvk up --stack dev -- --refresh";

suite("tvk init", () => {
  test("writes the stack's configuration, brings it up, and signs in: one document", async () => {
    expect(answers[0]).toMatchObject({ status: "setup_complete", stack: "dev", profile: "dev" });
    expect(readFileSync(join(project.dir, "Pulumi.dev.yaml"), "utf8")).toContain("tenant: local");
    expect(await project.json(["status"])).toMatchObject({ loggedIn: true, profile: "dev" });
  });

  test("--stack makes the profile again from the stack's outputs", async () => {
    const path = join(project.dir, "config/profiles.json");
    rmSync(path);
    expect(await project.json(["init", "--stack", "dev"])).toMatchObject({
      status: "setup_complete",
      profile: "dev",
      connection: "acme-helpdesk",
    });
    const login = await project.tvk(["login"], { user: alice });
    expect(login.exitCode, login.text).toBe(0);
  }, 60_000);

  test("a stack's configuration that is there is not written over", async () => {
    const failure = await project.json(["init", "--tenant", "local"], 2);
    expect(failure).toMatchObject({ error: { code: "config_exists" } });
  });
});

suite("tvk doctor on a stack", () => {
  test("a chain that tvk up, login and connect made is whole", async () => {
    const { ok, checks } = await diagnosed(0);
    expect(ok).toBe(true);
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
  }, 60_000);

  test("every toggle and grant that is off is named at once, each with the command that mends it", async () => {
    const id = await clientId();
    const grants = (await project.management("GET", `/client-grants?client_id=${id}`)) as {
      id: string;
    }[];
    await project.management("PATCH", `/clients/${id}`, {
      grant_types: ["authorization_code", "refresh_token"],
      callbacks: ["http://127.0.0.1:18484/callback"],
      refresh_token: {
        rotation_type: "non-rotating",
        expiration_type: "non-expiring",
        policies: [{ audience: "https://another.api/", scope: ["x"] }],
      },
    });
    await project.management("DELETE", `/client-grants/${grants[0]?.id}`);
    const connection = await connectionId();
    await project.management("PATCH", `/connections/${connection}`, {
      connected_accounts: { active: false },
    });
    await project.management("PATCH", `/connections/${connection}/clients`, [
      { client_id: id, status: false },
    ]);
    const { broken, named } = await diagnosed(1);
    expect(named).toEqual([
      "grant_types",
      "callbacks",
      "mrrt_policy",
      "my_account_grant",
      "connected_accounts",
      "enabled_client",
    ]);
    for (const { hint } of broken) expect(hint).toBe(mends);
  }, 60_000);

  test("the command that it names mends all of them", async () => {
    const { exitCode, text } = await project.tvk(["up", "--stack", "dev", "--", "--refresh"]);
    expect(exitCode, text).toBe(0);
    const { broken } = await diagnosed(0);
    expect(broken).toEqual([]);
  }, 180_000);

  test("a My Account API that is gone is named, and the command that it names brings it back", async () => {
    const audience = encodeURIComponent(`https://localhost:${project.tenantPort}/me/`);
    await project.management("DELETE", `/resource-servers/${audience}`);
    const { broken } = await diagnosed(1);
    expect(broken[0]).toMatchObject({ id: "my_account_api", hint: mends });
    const { exitCode, text } = await project.tvk(["up", "--stack", "dev", "--", "--refresh"]);
    expect(exitCode, text).toBe(0);
    expect((await diagnosed(0)).broken).toEqual([]);
  }, 180_000);

  test("a helpdesk that died is named, and the command that it names starts it", async () => {
    await project.run("node", ["services/main.ts", "stop"], {
      env: {
        TVK_SERVICES_DIR: ".tvk/services",
        TVK_SERVICE: JSON.stringify({ name: "dev-helpdesk" }),
      },
    });
    const { broken, named } = await diagnosed(1);
    expect(named).toEqual(["api_call", "public_url"]);
    for (const { hint } of broken) expect(hint).toContain("tvk up --stack dev");
    const { exitCode, text } = await project.tvk(["up", "--stack", "dev"]);
    expect(exitCode, text).toBe(0);
    expect((await diagnosed(0)).broken).toEqual([]);
  }, 180_000);

  test("what the tenant was told to play is said, with the command that takes it away", async () => {
    await project.json(["tenant", "start", "--controls", "on", "--github-stand-in", "on"]);
    const quiet = await diagnosed(0);
    const played = (checks: readonly { id: string }[]) =>
      checks.filter(({ id }) => id === "tenant_controls" || id === "github_stand_in");
    expect(played(quiet.checks)).toEqual([
      { id: "tenant_controls", status: "ok", message: "on, and nothing is set" },
      { id: "github_stand_in", status: "ok", message: expect.stringContaining("stand-in") },
    ]);
    await project.json(["tenant", "fault", "POST /dbconnections/signup", "--status", "503"]);
    await project.json(["tenant", "limit", "enterprise"]);
    expect(played((await diagnosed(0)).checks)[0]).toEqual({
      ...{ id: "tenant_controls", status: "ok" },
      message: "set: a fault on POST /dbconnections/signup, a rate limit",
      hint: "To take it away: tvk tenant fault --clear; tvk tenant limit none",
    });
    await project.json(["tenant", "start", "--controls", "off", "--github-stand-in", "off"]);
    expect(played((await diagnosed(0)).checks)).toEqual([]);
  }, 120_000);

  test("a tenant that does not run is named, and the command that it names starts it", async () => {
    await project.tvk(["tenant", "stop"]);
    const { broken } = await diagnosed(1);
    expect(broken).toMatchObject([{ id: "tls", hint: "Run: tvk tenant start" }]);
    const { exitCode, text } = await project.tvk(["tenant", "start"]);
    expect(exitCode, text).toBe(0);
    expect((await diagnosed(0)).broken).toEqual([]);
  }, 60_000);
});
