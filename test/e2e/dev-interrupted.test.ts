import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
}, 120_000);
afterAll(() => project?.remove());

/** `tvk dev` without a terminal, and what it has printed so far. */
function dev() {
  const child = spawn(process.execPath, [join(project.dir, "cli/tvk.mjs"), "dev"], {
    cwd: project.dir,
    env: {
      ...process.env,
      TVK_CONFIG_DIR: join(project.dir, "config"),
      TVK_TENANT_PORT: String(project.tenantPort),
      CI: "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = {
    child,
    text: "",
    // A second signal can come when tvk has said all and listens no more: to a shell that is 130 too.
    ended: new Promise<number | null>((end) => {
      child.on("close", (code, signal) => end(signal === "SIGINT" ? 130 : code));
    }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      run.text += piece;
    });
  }
  return run;
}

async function until(run: ReturnType<typeof dev>, text: RegExp): Promise<void> {
  while (!text.test(run.text)) {
    if (run.child.exitCode !== null || run.child.signalCode !== null)
      throw new Error(`it ended before ${text}:\n${run.text}`);
    await sleep(20);
  }
}

suite("tvk dev, interrupted while the stack comes up", () => {
  test("by SIGINT once: the engine finishes what it is at, what was started is stopped, exit 130", async () => {
    const run = dev();
    await until(run, /creating/);
    run.child.kill("SIGINT");
    expect(await run.ended, run.text).toBe(130);
    expect(run.text).toMatch(/Stopped: .*tenant/);
    const state = join(
      project.dir,
      ".tvk/stacks/dev/backend/.pulumi/stacks/token-vault-kit/dev.json",
    );
    const { latest } = JSON.parse(readFileSync(state, "utf8")).checkpoint;
    expect(latest.pending_operations ?? []).toEqual([]);
    expect(await project.json(["tenant", "status"])).toMatchObject({ status: "stopped" });
  }, 120_000);

  test("by SIGINT twice: it ends at once, and the next run goes on from there", async () => {
    const run = dev();
    await until(run, /Stack dev: pulumi up/);
    run.child.kill("SIGINT");
    await sleep(100);
    run.child.kill("SIGINT");
    const ended = await Promise.race([run.ended, sleep(30_000, "it runs on")]);
    expect(ended, run.text).toBe(130);
    const next = await project.tvk(["up"]);
    expect(next.exitCode, next.text).toBe(0);
    const again = await project.tvk(["up", "--", "--expect-no-changes"]);
    expect(again.exitCode, again.text).toBe(0);
  }, 120_000);
});
