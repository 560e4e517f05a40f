import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { freePorts } from "../free-ports.ts";
import { documentedBlocks } from "./documented-blocks.ts";
import { type EmptyProject, emptyProject } from "./empty-project.ts";

const page = "components.md";
const blocks = documentedBlocks(page);

/** A project with the files that the page shows under this folder, and the peers that it names. */
async function documentedProject(folder: string, peers: readonly string[]): Promise<EmptyProject> {
  const project = await emptyProject();
  for (const [path, text] of blocks) {
    if (path.startsWith(`${folder}/`)) project.write(path.slice(folder.length + 1), text);
  }
  for (const peer of peers) project.bring(peer);
  return project;
}

/** Runs the packaged `tvk` in a project, with a tenant of its own. */
async function tvkOf(project: EmptyProject) {
  const [port = 0] = await freePorts(1);
  const env = { TVK_CONFIG_DIR: join(project.dir, "config"), TVK_TENANT_PORT: String(port) };
  return (...args: string[]) => project.run("tvk", args, env);
}

suite("the two components in an existing program, as the page shows it", () => {
  let project: EmptyProject;
  let tvk: Awaited<ReturnType<typeof tvkOf>>;

  beforeAll(async () => {
    project = await documentedProject("orders", ["@pulumi/pulumi", "@pulumi/auth0"]);
    tvk = await tvkOf(project);
  });
  afterAll(async () => {
    await tvk?.("tenant", "stop");
    project?.remove();
  });

  test("up makes what was there before and what the components add", async () => {
    const { stdout, stderr } = await tvk("pulumi", "--", "up", "--yes", "--skip-preview");
    expect(stdout, stderr).toMatch(/\+ \d+ created/);
    for (const name of ["orders", "wiki-connection", "agent-client", "agent-credentials"]) {
      expect(stdout).toMatch(new RegExp(`${name} created`));
    }
  });

  test("a transformation reaches what the component makes", async () => {
    const { stdout } = await tvk("pulumi", "--", "stack", "export");
    const { resources } = JSON.parse(stdout).deployment as {
      resources: { urn: string; inputs: Record<string, unknown> }[];
    };
    const connection = resources.find(({ urn }) => urn.endsWith("::wiki-connection"));
    expect(connection?.inputs["showAsButton"]).toBe(false);
  });

  test("a second up changes nothing", async () => {
    const again = ["up", "--yes", "--skip-preview", "--expect-no-changes"];
    const { stdout, stderr, exitCode } = await tvk("pulumi", "--", ...again);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/Resources:\s+\d+ unchanged/);
  });

  test("tvk up says which outputs a profile would need", async () => {
    const { stdout, exitCode } = await tvk("--json", "up", "--yes");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error.message).toMatch(
      /lacks "tenant", "domain", "scopes", "allowedDomains"$/,
    );
  });

  test("--policy without @pulumi/policy says what to install; with it the pack runs", async () => {
    const missing = await tvk("--json", "preview", "--policy");
    expect(missing.exitCode).toBe(1);
    expect(JSON.parse(missing.stdout).error).toMatchObject({
      message: "--policy needs @pulumi/policy, which is not installed",
      hint: expect.stringMatching(/^Run: npm install --save-dev @pulumi\/policy@\d+\.\d+\.\d+$/),
    });
    project.bring("@pulumi/policy");
    const { stdout, stderr, exitCode } = await tvk("preview", "--policy");
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toContain("Policies:");
  });

  test("destroy removes it", async () => {
    const { stdout, stderr } = await tvk("pulumi", "--", "destroy", "--yes", "--skip-preview");
    expect(stdout, stderr).toMatch(/- \d+ deleted/);
  });
});

suite("several connections in one client, as the page shows them", () => {
  let project: EmptyProject;
  let tvk: Awaited<ReturnType<typeof tvkOf>>;
  const engine = ["--yes", "--skip-preview", "--non-interactive"];
  const documented = new Map(blocks).get("team/index.ts") ?? "";
  const renamed = 'new OAuth2Connection("acme-wiki", {';
  const alias = '  aliases: [{ name: "wiki" }],\n';

  beforeAll(async () => {
    project = await documentedProject("team", ["@pulumi/pulumi", "@pulumi/auth0"]);
    tvk = await tvkOf(project);
  });
  afterAll(async () => {
    await tvk?.("tenant", "stop");
    project?.remove();
  });

  const pulumi = (...args: string[]) => tvk("pulumi", "--", ...args);

  /** Names of the clients that may use each connection, as the state has them. */
  async function resources() {
    const { stdout } = await pulumi("stack", "export");
    return JSON.parse(stdout).deployment.resources as {
      urn: string;
      id?: string;
      protect?: boolean;
      outputs: Record<string, unknown>;
    }[];
  }

  test("up makes all four, each with the client enabled", async () => {
    expect(documented).toContain(renamed);
    expect(documented).toContain(alias);
    project.write(
      "index.ts",
      documented.replace(renamed, renamed.replace("acme-wiki", "wiki")).replace(alias, ""),
    );
    const { stdout, stderr, exitCode } = await pulumi("up", ...engine);
    expect(exitCode, stdout + stderr).toBe(0);
    const all = await resources();
    const of = (type: string) => all.filter(({ urn }) => urn.split("::")[2]?.endsWith(type));
    expect(
      of("auth0:index/connection:Connection")
        .map(({ outputs }) => outputs["name"])
        .sort(),
    ).toEqual([...["acme-wiki", "github", "google-oauth2", "sign-in-with-slack"]]);
    const [client] = of("auth0:index/client:Client");
    const links = of("auth0:index/connectionClients:ConnectionClients");
    expect(links.map(({ outputs }) => outputs["enabledClients"])).toEqual(
      Array(4).fill([client?.id]),
    );
  });

  test("a transformation reaches into the options of a built-in connection", async () => {
    const github = (await resources()).find(({ urn }) => urn.endsWith("::github-connection"));
    expect(github?.outputs["options"]).toMatchObject({ setUserRootAttributes: "on_first_login" });
  });

  test("the aliased rename updates the connection's mark in the preview, and makes nothing anew", async () => {
    project.write("index.ts", documented);
    const { stdout, exitCode } = await pulumi("preview", "--json", "--non-interactive");
    expect(exitCode, stdout).toBe(0);
    const { steps } = JSON.parse(stdout) as {
      steps: { op: string; urn: string; diffReasons?: string[] }[];
    };
    const changed = steps.filter(({ op }) => op !== "same");
    expect(changed).toEqual([
      expect.objectContaining({
        op: "update",
        urn: expect.stringMatching(/::acme-wiki-connection$/),
      }),
    ]);
  });

  test("and after it the client may still use the connection", async () => {
    const before = (await resources()).find(({ urn }) => urn.endsWith("::wiki-connection"));
    const { stdout, exitCode } = await pulumi("up", ...engine);
    expect(exitCode, stdout).toBe(0);
    const refreshed = await pulumi("refresh", ...engine, "--expect-no-changes");
    expect(refreshed.exitCode, refreshed.stdout).toBe(0);
    const all = await resources();
    expect(all.find(({ urn }) => urn.endsWith("::acme-wiki-connection"))?.id).toBe(before?.id);
    const link = all.find(({ urn }) => urn.endsWith("::agent-acme-wiki"));
    expect(link?.outputs["enabledClients"]).toHaveLength(1);
  });

  test("what is protected refuses to go, until protect is gone", async () => {
    const refused = await pulumi("destroy", ...engine);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout + refused.stderr).toMatch(/acme-wiki.*protect/s);
    project.write("index.ts", documented.replace("  protect: true,\n", ""));
    const { exitCode, stdout } = await pulumi("up", ...engine);
    expect(exitCode, stdout).toBe(0);
    const gone = await pulumi("destroy", ...engine);
    expect(gone.exitCode, gone.stdout).toBe(0);
  });
});

suite("the whole chain from the tarball, as the page shows it", () => {
  let project: EmptyProject;
  let tvk: Awaited<ReturnType<typeof tvkOf>>;

  beforeAll(async () => {
    project = await documentedProject("desk", ["@pulumi/pulumi", "@pulumi/auth0"]);
    const [port = 0] = await freePorts(1);
    const stack = readFileSync(join(project.dir, "Pulumi.dev.yaml"), "utf8");
    project.write("Pulumi.dev.yaml", `${stack}  acme-desk:helpdeskPort: "${port}"\n`);
    tvk = await tvkOf(project);
  });
  afterAll(async () => {
    await tvk?.("destroy", "--yes");
    await tvk?.("tenant", "stop");
    project?.remove();
  });

  test("without @pulumi/command, one line says what to install", async () => {
    const { stdout, exitCode } = await tvk("preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/error: .*npm install @pulumi\/command/);
    expect(stdout).not.toMatch(/\n\s+at /);
    project.bring("@pulumi/command");
  });

  test("tvk dev signs in, connects and fetches the first tickets", async () => {
    const { stdout, stderr, exitCode } = await tvk("--json", "dev", "--demo", "--keep");
    expect(exitCode, stderr).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ status: "ready", plugins: "kit", connection: "acme-helpdesk" });
    expect(answer.tickets.length).toBeGreaterThan(0);
  });

  test("tvk fetch calls the API with the token that the vault gives out", async () => {
    const { stdout: printed } = await tvk("--json", "pulumi", "--", "stack", "output", "--json");
    const { helpdeskUrl } = JSON.parse(printed);
    const { stdout } = await tvk("--json", "fetch", "acme-helpdesk", `${helpdeskUrl}/tickets`);
    expect(JSON.parse(stdout)).toMatchObject({ status: 200 });
  });

  test("no folder of this machine is in the state but in the engine's own positions", async () => {
    const { stdout } = await tvk("pulumi", "--", "stack", "export");
    const { deployment } = JSON.parse(stdout);
    const inputs = deployment.resources.map(({ inputs, outputs }: Record<string, unknown>) => [
      inputs,
      outputs,
    ]);
    expect(JSON.stringify(inputs)).not.toContain(project.dir);
  });
});

suite(page, () => {
  test("names the versions that the kit's own plugins are for", () => {
    const text = readFileSync(resolve(import.meta.dirname, "../../docs", page), "utf8");
    const manifest = readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8");
    const { dependencies } = JSON.parse(manifest);
    for (const peer of ["@pulumi/auth0", "@pulumi/command"]) {
      expect(text).toContain(`${peer}@${dependencies[peer]}`);
    }
  });
});
