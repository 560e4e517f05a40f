/** What dies while `tvk dev` waits is started again at once; what moves is followed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice, demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { freePorts } from "../free-ports.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";
import { onTerminal, type Terminal } from "./terminal.ts";

let project: ProjectFolder;
let dev: Terminal;

/** `tvk dev` on a terminal, with a person who signs in and connects. */
beforeAll(async () => {
  project = await projectFolder();
  const env = {
    CI: undefined,
    SSH_CONNECTION: "no desktop here",
    TVK_CONFIG_DIR: join(project.dir, "config"),
    TVK_TENANT_PORT: String(project.tenantPort),
  };
  dev = onTerminal([process.execPath, "cli/tvk.mjs", "dev"], { cwd: project.dir, env });
  const person = demoVisitor(alice);
  for (const purpose of ["sign in", "connect [\\w-]+"]) {
    const [, page = ""] = await dev.until(
      new RegExp(`Open this page to ${purpose}: (https:\\S+)\\r?\\n`),
    );
    trustAuthority(join(project.dir, ".tvk/tenant/ca.pem"));
    await person(page);
  }
  await dev.until(/Ctrl-C stops what this command started/);
}, 300_000);
afterAll(async () => {
  dev?.hangUp();
  await dev?.ended;
  await project?.remove();
});

function record(name: string): { pid: number; instance: string } {
  return JSON.parse(readFileSync(join(project.dir, `.tvk/services/${name}.json`), "utf8"));
}

suite.runIf(process.platform === "linux")("tvk dev, while it waits", () => {
  test.each(["dev-helpdesk", "tenant"])(
    "starts a killed %s again, says so in one line, and the stack sees no change",
    async (name) => {
      const { pid, instance } = record(name);
      process.kill(pid, "SIGKILL");
      await dev.until(new RegExp(`${name} had died and runs again at \\S+ \\(process \\d+\\)\\.`));
      expect(record(name)).toMatchObject({ instance });
      expect(record(name).pid).not.toBe(pid);
      const up = await project.tvk(["up", "--", "--expect-no-changes"]);
      expect(up.exitCode, up.text).toBe(0);
      expect(dev.text.match(new RegExp(`${name} had died`, "g"))).toHaveLength(1);
      expect(dev.text).not.toMatch(/\n\s+at /);
    },
    120_000,
  );

  test("sees a helpdesk that another run has moved, and follows it", async () => {
    const [port] = await freePorts(1);
    project.configure("dev", { helpdesk: { mode: "process", port } });
    const up = await project.tvk(["up"]);
    expect(up.exitCode, up.text).toBe(0);
    await dev.until(new RegExp(`dev-helpdesk is at http://localhost:${port} now`));
    await dev.until(/The stack "dev" is brought up to date\./);
    process.kill(record("dev-helpdesk").pid, "SIGKILL");
    await dev.until(
      new RegExp(`dev-helpdesk had died and runs again at http://localhost:${port} `),
    );
  }, 120_000);

  test("by Ctrl-C stops what it started and nothing is left", async () => {
    dev.type("\x03");
    expect(await dev.ended, dev.text).toBe(0);
    expect(dev.text).toMatch(/Stopped: dev-helpdesk, tenant\./);
    expect(await project.json(["tenant", "status"])).toMatchObject({ status: "stopped" });
    expect(dev.text).not.toContain("was stopped; it is not started again");
  }, 60_000);
});
