/** Machines whose folders, network or disk are not as one would wish. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { cacheDir } from "../../engine/cache.ts";
import { type KillBench, killBench } from "./kill-bench.ts";
import { inNamespaces, mayUnshare } from "./namespaces.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

const minutesMs = 180_000;
/** A port on which nothing ever listens. */
const deadProxy = "http://127.0.0.1:9";
const readOnly = (dir: string) =>
  `mount --bind "${dir}" "${dir}" && mount -o remount,ro,bind "${dir}"`;

let project: ProjectFolder;
beforeAll(async () => {
  project = await projectFolder();
}, minutesMs);
afterAll(() => project?.remove());

const tvk = (...args: string[]) => [process.execPath, join(project.dir, "cli/tvk.mjs"), ...args];

async function isUp(): Promise<void> {
  for (const args of [["up"], ["up", "--", "--expect-no-changes"]]) {
    const { exitCode, text } = await project.tvk(args);
    expect(exitCode, text).toBe(0);
  }
}

suite.runIf(mayUnshare())("a machine (Linux namespaces: only where they are permitted)", () => {
  async function within(setup: string, args: string[], net = false) {
    const [command = "", ...words] = inNamespaces(setup, tvk(...args), net);
    return project.run(command, words, { env: { TVK_CACHE_DIR: cacheDir(process.env) } });
  }

  test(
    "with a project folder that is read-only, new and used: one error names it, and the next run goes on",
    async () => {
      for (const fresh of [true, false]) {
        const { exitCode, text } = await within(readOnly(project.dir), ["up"]);
        expect(exitCode).toBe(1);
        expect(text).toMatch(
          /Error: EROFS: read-only file system, .*\/\.tvk.*\nThat file system is read-only/,
        );
        expect(text).not.toMatch(/\n\s+at /);
        if (fresh) await isUp();
      }
      await isUp();
    },
    minutesMs,
  );

  test(
    "with an engine cache that is read-only: the engine in it runs",
    async () => {
      const args = ["up", "--", "--expect-no-changes"];
      const { exitCode, text } = await within(readOnly(cacheDir(process.env)), args);
      expect(exitCode, text).toBe(0);
    },
    minutesMs,
  );

  test(
    "whose localhost is ::1 alone: the whole chain runs",
    async () => {
      await project.tvk(["tenant", "stop"]);
      const hosts = join(project.dir, "hosts");
      writeFileSync(hosts, "::1 localhost\n");
      const { exitCode, text } = await within(`mount --bind "${hosts}" /etc/hosts`, ["dev"]);
      expect(exitCode, text).toBe(0);
      expect(text).toMatch(/#42 {2}P2 {2}payments/);
    },
    minutesMs,
  );

  test(
    "whose loopback has no 127.0.0.1: one error says what needs it and how to have it",
    async () => {
      const setup = "ip link set lo up && ip addr del 127.0.0.1/8 dev lo";
      const { exitCode, text } = await within(setup, ["up"], true);
      expect(exitCode).toBe(1);
      expect(text).toMatch(
        /^Error: Pulumi's processes talk on 127\.0\.0\.1, which this machine does not have: .*\nGive its loopback the address .*\n$/,
      );
      await isUp();
    },
    minutesMs,
  );
});

suite("a machine", () => {
  test(
    "with a proxy that is dead, in small and capital letters: loopback is reached without it",
    async () => {
      const env = {
        http_proxy: deadProxy,
        https_proxy: deadProxy,
        HTTP_PROXY: deadProxy,
        HTTPS_PROXY: deadProxy,
        no_proxy: undefined,
        NO_PROXY: undefined,
      };
      const { exitCode, text } = await project.tvk(["dev"], { env });
      expect(exitCode, text).toBe(0);
      expect(text).toMatch(/#42 {2}P2 {2}payments/);
    },
    minutesMs,
  );

  test(
    "that tells Node to use a dead proxy: one line says so and what to set, and with that the run goes on",
    async () => {
      const env = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: deadProxy, NO_PROXY: undefined };
      const { exitCode, text } = await project.tvk(["up"], { env });
      expect(exitCode).not.toBe(0);
      expect(text).toMatch(
        /NODE_USE_ENV_PROXY is set: .* set NO_PROXY=localhost,127\.0\.0\.1,::1\./,
      );
      const excepted = { ...env, NO_PROXY: "localhost,127.0.0.1,::1" };
      const next = await project.tvk(["up"], { env: excepted });
      expect(next.exitCode, next.text).toBe(0);
      expect(next.text).not.toContain("NODE_USE_ENV_PROXY");
    },
    minutesMs,
  );

  test("after all that: the next up ends right, and the one after is a no-op", isUp, minutesMs);
});

/** Whether this user may mount a file system. */
function mayMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "tvk-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]).status === 0;
  if (mounted) spawnSync("umount", [dir]);
  rmSync(dir, { recursive: true, force: true });
  return mounted;
}

function free(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

suite.runIf(mayMount())(
  "a disk that fills up in mid-run (a tmpfs: only where mounting is permitted)",
  () => {
    let bench: KillBench;
    let backend: string;
    beforeAll(async () => {
      bench = await killBench();
      backend = join(bench.project.dir, ".tvk/stacks/dev");
      await bench.count();
      await bench.reset();
      rmSync(backend, { recursive: true, force: true });
      mkdirSync(backend, { recursive: true, mode: 0o700 });
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=96m,mode=700", "tmpfs", backend]);
    }, minutesMs);
    afterAll(async () => {
      // The helpdesk has its database there: it ends before the mount can go.
      await bench?.reset();
      spawnSync("umount", [backend]);
      await bench?.close();
    });

    test(
      "the run that could not write its state is ended; with room the next up makes nothing twice",
      async () => {
        const createClient = bench.proxy.seen.indexOf("POST /api/v2/clients") + 1;
        const there = bench.proxy.stopAt(createClient, "applied");
        const run = bench.start(["up"]);
        await there;
        const filler = join(backend, "filler");
        onTestFinished(() => rmSync(filler, { force: true }));
        expect(() => writeFileSync(filler, Buffer.alloc(free(backend) + 1_048_576))).toThrow(
          "ENOSPC",
        );
        bench.proxy.release("pass");
        // The engine tries for minutes. The user does not wait so long.
        await sleep(5_000);
        process.kill(run.pid, "SIGINT");
        await sleep(500);
        process.kill(run.pid, "SIGINT");
        const { exitCode } = await run.ended;
        expect(exitCode).not.toBe(0);
        const refused = await bench.start(["up"]).ended;
        expect(refused.exitCode).not.toBe(0);
        expect(refused.text).toMatch(/Error: only \d+ MB are free where .*\nMake room there/);
        rmSync(filler);
        const next = await bench.start(["up"]).ended;
        expect(next.exitCode, next.text).toBe(0);
        expect(await bench.problems()).toEqual([]);
        const again = await bench.project.tvk(["up", "--", "--expect-no-changes"]);
        expect(again.exitCode, again.text).toBe(0);
      },
      minutesMs,
    );
  },
);
