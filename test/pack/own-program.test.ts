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

  test("destroy removes it", async () => {
    const { stdout, stderr } = await tvk("pulumi", "--", "destroy", "--yes", "--skip-preview");
    expect(stdout, stderr).toMatch(/- \d+ deleted/);
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
