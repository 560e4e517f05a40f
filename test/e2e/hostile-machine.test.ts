/** Machines that are not as one would wish: full disks, damaged files, odd paths, other people's folders. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { cacheDir } from "../../engine/cache.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

/** A project whose folder lies below this one. */
async function projectBelow(parent: string): Promise<ProjectFolder> {
  const { TMPDIR } = process.env;
  mkdirSync(parent, { recursive: true });
  process.env["TMPDIR"] = parent;
  try {
    return await projectFolder();
  } finally {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  }
}

const minuteMs = 60_000;
const stackFile = ".tvk/stacks/dev/Pulumi.dev.yaml";

suite("a path", () => {
  let parent: string;
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), "tvk-paths-"));
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  test.each([
    ["with spaces, umlauts and quotes", `Müllers "neue" Projekte, it's 100 %`],
    ["of 250 characters", join("a".repeat(100), "b".repeat(100))],
  ])(
    "%s: up, a no-op, destroy",
    async (_, name) => {
      const project = await projectBelow(join(parent, name));
      try {
        for (const args of [["up"], ["up", "--", "--expect-no-changes"], ["destroy"]]) {
          const { exitCode, text } = await project.tvk(args);
          expect(exitCode, text).toBe(0);
        }
      } finally {
        await project.remove();
      }
    },
    3 * minuteMs,
  );
});

suite("a machine", () => {
  let project: ProjectFolder;
  beforeAll(async () => {
    project = await projectFolder();
    const up = await project.tvk(["up"]);
    if (up.exitCode !== 0) throw new Error(up.text);
  }, 3 * minuteMs);
  afterAll(() => project?.remove());

  test(
    "without a home folder: one line names it and what to set, after the stack is right",
    async () => {
      const env = { HOME: "/dev/null", TVK_CONFIG_DIR: undefined };
      const cache = { TVK_CACHE_DIR: cacheDir(process.env) };
      const { exitCode, text } = await project.tvk(["up"], { env: { ...env, ...cache } });
      expect(exitCode).not.toBe(0);
      expect(text).toContain("/dev/null/.config/token-vault-kit can't be made\nSet TVK_CONFIG_DIR");
      expect(text).not.toMatch(/\n\s+at /);
    },
    2 * minuteMs,
  );

  test(
    "with a damaged rendered configuration: it is made anew, and one line says so",
    async () => {
      writeFileSync(join(project.dir, stackFile), "config: [\n - {");
      const { exitCode, text } = await project.tvk(["up", "--", "--expect-no-changes"]);
      expect(exitCode, text).toBe(0);
      expect(text).toContain(`${stackFile} was damaged: it is made anew`);
      expect(readFileSync(join(project.dir, `${stackFile}.damaged`), "utf8")).toContain(
        "config: [",
      );
    },
    2 * minuteMs,
  );

  test(
    "with a damaged certificate authority and service record: the tenant starts anew",
    async () => {
      await project.tvk(["tenant", "stop"]);
      writeFileSync(join(project.dir, ".tvk/tenant/ca.pem"), "no certificate");
      writeFileSync(join(project.dir, ".tvk/services/dev-helpdesk.json"), "{");
      const { exitCode, text } = await project.tvk(["up"]);
      expect(exitCode, text).toBe(0);
      const again = await project.tvk(["up", "--", "--expect-no-changes"]);
      expect(again.exitCode, again.text).toBe(0);
    },
    2 * minuteMs,
  );

  test(
    "with a state that is damaged in every copy: one error, and nothing is changed",
    async () => {
      const dir = join(project.dir, ".tvk/stacks/dev");
      const kept = readFileSync(
        join(dir, "backend/.pulumi/stacks/token-vault-kit/dev.json"),
        "utf8",
      );
      const state = join(dir, "backend/.pulumi/stacks/token-vault-kit/dev.json");
      for (const file of [state, `${state}.bak`, join(dir, "state-copy.json")]) {
        writeFileSync(file, "");
      }
      rmSync(join(dir, "backend/.pulumi/history"), { recursive: true, force: true });
      const { exitCode, text } = await project.tvk(["up"]);
      expect(exitCode).not.toBe(0);
      expect(text).toContain("dev.json is damaged, and there is no copy of it\nMove it away");
      // The advice holds: the next up takes over what is there.
      rmSync(state);
      const next = await project.tvk(["up"]);
      expect(next.exitCode, next.text).toBe(0);
      const clients = (await project.management("GET", "/clients")) as { name: string }[];
      expect(clients.filter(({ name }) => name === "Token Vault agent")).toHaveLength(1);
      expect(kept).toContain("agent-client");
    },
    2 * minuteMs,
  );

  test("shared with another user: their .tvk is refused by name, in one error", async () => {
    if (process.getuid?.() !== 0) {
      // Only root can become somebody else here; a folder without rights is the next best thing.
      chmodSync(join(project.dir, ".tvk"), 0);
      const { exitCode, text } = await project.tvk(["up"]);
      chmodSync(join(project.dir, ".tvk"), 0o700);
      expect(exitCode).not.toBe(0);
      expect(text).toMatch(/EACCES: permission denied.*\.tvk/);
      return;
    }
    chmodSync(project.dir, 0o755);
    const cache = mkdtempSync(join(tmpdir(), "tvk-nobody-"));
    chmodSync(cache, 0o777);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(project.dir, "cli/tvk.mjs"), "tenant", "status"],
      {
        cwd: project.dir,
        uid: 65_534,
        gid: 65_534,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: cache, TVK_CONFIG_DIR: cache, CI: "true" },
      },
    );
    rmSync(cache, { recursive: true, force: true });
    expect(status, stdout + stderr).not.toBe(0);
    expect(stdout + stderr).toMatch(/EACCES: permission denied.*\.tvk/);
    expect(stdout + stderr).not.toMatch(/\n\s+at /);
  });
});

/** Whether this user may mount a file system. */
function mayMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "tvk-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]).status === 0;
  if (mounted) spawnSync("umount", [dir]);
  rmSync(dir, { recursive: true, force: true });
  return mounted;
}

suite.runIf(mayMount())("a full disk (a tmpfs: only where mounting is permitted)", () => {
  test(
    "is refused before the run, with what is free and what is needed; with room the run goes on",
    async () => {
      const project = await projectFolder();
      const dir = join(project.dir, ".tvk");
      mkdirSync(dir, { mode: 0o700 });
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", dir]);
      try {
        const refused = await project.tvk(["up"]);
        expect(refused.exitCode).not.toBe(0);
        expect(refused.text).toMatch(/Error: only \d+ MB are free where .* needs 50 MB\nMake room/);
        expect(await project.management("GET", "/connections")).toHaveLength(1);
        spawnSync("mount", ["-o", "remount,size=200m", dir]);
        const { exitCode, text } = await project.tvk(["up"]);
        expect(exitCode, text).toBe(0);
      } finally {
        // The mount has to be free before it can go.
        await stopService(project, "dev-helpdesk");
        await project.tvk(["tenant", "stop"]);
        spawnSync("umount", [dir]);
        await project.remove();
      }
    },
    2 * minuteMs,
  );
});

function stopService(project: ProjectFolder, name: string) {
  return project.run("node", ["services/main.ts", "stop"], {
    env: { TVK_SERVICES_DIR: ".tvk/services", TVK_SERVICE: JSON.stringify({ name }) },
  });
}
