/** From an empty folder to the first tickets with nothing but the tarball: install, init, dev. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { freePorts } from "../free-ports.ts";
import { type EmptyProject, emptyProject, type RunResult } from "./empty-project.ts";

suite("a new user's three commands", () => {
  let project: EmptyProject;
  let ports: number[];
  let tvk: (...args: string[]) => Promise<RunResult>;

  beforeAll(async () => {
    project = await emptyProject();
    ports = await freePorts(2);
    const env = {
      TVK_CONFIG_DIR: join(project.dir, "config"),
      TVK_TENANT_PORT: String(ports[0]),
    };
    tvk = (...args) => project.run("tvk", args, env);
  });
  afterAll(async () => {
    await tvk?.("destroy", "--yes");
    await tvk?.("tenant", "stop");
    project?.remove();
  });

  test("npm install brings the package alone", () => {
    expect(project.installed).toEqual(["token-vault-kit"]);
  });

  test("npx tvk init writes a program and says what comes next", async () => {
    // As npm would bring them: the network is not for this test.
    for (const peer of ["@pulumi/pulumi", "@pulumi/auth0", "@pulumi/command"]) project.bring(peer);
    const { stdout, stderr, exitCode } = await tvk("init", "--helpdesk-port", String(ports[1]));
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("Next: npx tvk dev");
    expect(stderr).toContain("Wrote ");
  });

  test("npx tvk dev brings the stack up, signs in, connects and shows the first tickets", async () => {
    const { stdout, stderr, exitCode } = await tvk("--json", "dev", "--demo", "--keep");
    expect(exitCode, stderr).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ status: "ready", connection: "acme-helpdesk" });
    expect(answer.tickets.length).toBeGreaterThan(0);
  });

  test("tvk fetch reads a ticket", async () => {
    const url = `http://localhost:${ports[1]}/tickets/42`;
    const { stdout, exitCode } = await tvk("--json", "fetch", "acme-helpdesk", url);
    expect(exitCode, stdout).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 200 });
  });
});
