import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
let shell: string;

beforeAll(async () => {
  project = await projectFolder();
  const printed = await project.tvk(["shell"]);
  expect(printed.exitCode).toBe(0);
  shell = printed.stdout;
}, 300_000);
afterAll(() => project?.remove());

/** What a platform engineer types after `eval "$(tvk shell)"`. */
function typed(commands: string) {
  return project.run("sh", ["-c", `eval "$(cat shell.env)"; ${commands}`]);
}

suite('plain pulumi after eval "$(tvk shell)"', () => {
  test("the printed environment holds no secret", async () => {
    const client = readFileSync(join(project.dir, ".tvk/tenant/management-client.json"), "utf8");
    expect(shell).not.toContain(JSON.parse(client).clientSecret);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(project.dir, "shell.env"), shell);
  });

  test("preview shows what would be made and makes nothing", async () => {
    const { exitCode, text } = await typed("pulumi preview --non-interactive");
    expect(text).toMatch(/\+ \d+ to create/);
    expect(exitCode).toBe(0);
    expect(await project.management("GET", "/connections")).toHaveLength(1);
  }, 120_000);

  test("up makes it, and a second up changes nothing", async () => {
    const up = await typed("pulumi up --yes --non-interactive");
    expect(up.text).toMatch(/\+ \d+ created/);
    expect(up.exitCode).toBe(0);
    const again = await typed("pulumi up --yes --non-interactive --expect-no-changes");
    expect(again.text).toMatch(/Resources:\s+\d+ unchanged/);
    expect(again.exitCode).toBe(0);
  }, 120_000);

  test("refresh finds no drift", async () => {
    const { exitCode, text } = await typed(
      "pulumi refresh --yes --non-interactive --expect-no-changes",
    );
    expect(text).not.toMatch(/updated|deleted/);
    expect(exitCode).toBe(0);
  }, 120_000);

  test("stack output hides the client's secret and shows the rest", async () => {
    const { stdout } = await typed("pulumi stack output --json");
    const outputs = JSON.parse(stdout);
    expect(outputs).toMatchObject({
      tenant: "local",
      connectionName: "acme-helpdesk",
      clientSecret: "[secret]",
    });
  }, 60_000);

  test("leaves the committed configuration byte for byte", () => {
    expect(readFileSync(join(project.dir, "Pulumi.dev.yaml"), "utf8")).not.toContain(
      "encryptionsalt",
    );
  });

  test("a dead helpdesk is seen and started again by the next up", async () => {
    const record = JSON.parse(
      readFileSync(join(project.dir, ".tvk/services/dev-helpdesk.json"), "utf8"),
    );
    process.kill(record.pid, "SIGKILL");
    const { exitCode, text } = await typed("pulumi up --yes --skip-preview --non-interactive");
    expect(exitCode).toBe(0);
    expect(text).toMatch(/replaced/);
    expect((await fetch(`http://localhost:${project.helpdeskPort}/health`)).status).toBe(200);
  }, 120_000);

  test("destroy leaves nothing but the My Account API", async () => {
    const { exitCode, text } = await typed("pulumi destroy --yes --skip-preview --non-interactive");
    expect(text).toMatch(/- \d+ deleted/);
    expect(exitCode).toBe(0);
    const connections = (await project.management("GET", "/connections")) as { name: string }[];
    expect(connections.map(({ name }) => name)).toEqual(["Username-Password-Authentication"]);
    const grants = (await project.management(
      "GET",
      "/client-grants?subject_type=user",
    )) as unknown[];
    expect(grants).toEqual([]);
    const apis = (await project.management("GET", "/resource-servers")) as { name: string }[];
    expect(apis.map(({ name }) => name)).toContain("Auth0 My Account API");
    await expect(fetch(`http://localhost:${project.helpdeskPort}/health`)).rejects.toThrow();
  }, 120_000);

  test("with the tenant down, one error names it and the next step", async () => {
    await project.tvk(["tenant", "stop"]);
    const { exitCode, text } = await typed("pulumi preview --non-interactive");
    expect(exitCode).not.toBe(0);
    expect(text).toContain(`localhost:${project.tenantPort}`);
    expect(text).toContain("tvk tenant start");
    expect(text).not.toMatch(/\n\s+at /);
  }, 120_000);

  test("on a Node that is too old, one line says so and names the one to take", async () => {
    const old = oldNode();
    if (old === undefined) {
      // No silent pass: the rule is then held by running the check itself on a pretended version.
      const check = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
      const code = `${check} import('./program.mjs').then((m) => m.default()).catch((e) => console.log(e.message));`;
      const { stdout } = await project.run(process.execPath, ["-e", code]);
      expect(stdout).toMatch(/needs Node 22\.18 or later, and the node on PATH is 20\.19\.0/);
      return;
    }
    await project.tvk(["tenant", "start"]);
    const { exitCode, text } = await typed(`PATH="${old}:$PATH" pulumi preview --non-interactive`);
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(/needs Node 22\.18 or later, and the node on PATH is/);
    expect(text).not.toMatch(/\n\s+at /);
  }, 120_000);
});

/** A folder on PATH whose node is older than 22.18, if this machine has one. */
function oldNode(): string | undefined {
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((each) => !each.includes("node_modules"));
  const found = folders.find((each) => existsSync(join(each, "node")));
  if (found === undefined) return undefined;
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  const version = execFileSync(join(found, "node"), ["-p", "process.versions.node"], {
    encoding: "utf8",
  });
  const [major = 0, minor = 0] = version.trim().split(".").map(Number);
  return major < 22 || (major === 22 && minor < 18) ? found : undefined;
}
