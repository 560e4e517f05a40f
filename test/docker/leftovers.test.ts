/** What a kill leaves on a Docker daemon and in no state: the real engine, a real daemon. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, assert, beforeAll, beforeEach, suite, test } from "vitest";
import { allProcesses } from "../../engine/recovery/process-table.ts";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { retainingProgram } from "../e2e/retaining-program.ts";
import { importNodeImage, nodeImage } from "./node-image.ts";
import { type PrivateDaemon, privateDaemon } from "./private-daemon.ts";

const minuteMs = 60_000;
/** Another folder's stack of the same name, on the same daemon. */
const theirs = "tvk-dev-helpdesk-00000000";
let daemon: PrivateDaemon;
let project: ProjectFolder;
let retaining: ReturnType<typeof retainingProgram>;

beforeAll(async () => {
  daemon = await privateDaemon();
  await importNodeImage(daemon.docker);
  project = await projectFolder();
  retaining = retainingProgram(project.dir);
  const Labels = { tvk_stack: "token-vault-kit/dev", tvk_tenant: "localhost:1" };
  await daemon.docker.createVolume({ Name: theirs, Labels });
  await daemon.docker.createContainer({ name: theirs, Image: nodeImage, Cmd: ["node"], Labels });
}, 5 * minuteMs);
afterAll(async () => {
  await project?.remove();
  await daemon?.close();
});
beforeEach(inContainer);

function inContainer(): void {
  retaining();
  const { helpdeskPort: port } = project;
  project.configure("dev", { helpdesk: { mode: "container", port, baseImage: nodeImage } });
}

/** What a test that failed has left. */
afterEach(() => project.tvk(["destroy", "--yes"], { env: env() }));

const env = () => ({ DOCKER_HOST: daemon.host });

async function tvk(...args: string[]): Promise<string> {
  const result = await project.tvk(args, { env: env() });
  assert.equal(result.exitCode, 0, result.text);
  return result.text;
}

/** Names of all containers and volumes, and of images. */
async function onDaemon(): Promise<string[]> {
  const containers = await daemon.docker.listContainers({ all: true });
  const { Volumes } = await daemon.docker.listVolumes();
  const images = await daemon.docker.listImages();
  return [
    ...containers.map(({ Names }) => `container ${Names[0]?.slice(1)}`),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...images.flatMap(({ RepoTags }) =>
      (RepoTags ?? ["an older build"]).map((tag) => `image ${tag}`),
    ),
  ].sort();
}

const untouched = [`container ${theirs}`, `image ${nodeImage}`, `volume ${theirs}`];

/** How far the `up` has come when it is killed. */
const reached = {
  "the image is built": (names: string[]) => names.length > untouched.length,
  "the container starts": (names: string[]) =>
    names.some((name) => name.startsWith("container tvk-dev") && !name.endsWith(theirs)),
};

/** Kills an `up` at a moment at which the state can't know yet what the daemon has. */
async function killedUp(
  victim: "tvk and engine" | "docker plugin",
  moment: keyof typeof reached = "the container starts",
): Promise<void> {
  const child = spawn(process.execPath, [join(project.dir, "cli/tvk.mjs"), "up"], {
    cwd: project.dir,
    env: {
      ...{ ...process.env, ...env(), CI: "true", TVK_CONFIG_DIR: join(project.dir, "config") },
      TVK_TENANT_PORT: String(project.tenantPort),
    },
    stdio: "ignore",
  });
  const ended = new Promise<void>((done) => child.on("exit", () => done()));
  for (let tries = 0; !reached[moment](await onDaemon()); tries++) {
    assert.isBelow(tries, 6_000, "the up made nothing");
    await sleep(5);
  }
  const ofProject = allProcesses().filter(({ words }) =>
    words.some((word) => word.includes(`${project.dir}/`)),
  );
  const plugin = ofProject.find(({ words }) => words.some((word) => /resource-docker/.test(word)));
  assert.isDefined(plugin);
  const engine = plugin?.parent ?? 0;
  for (const pid of victim === "docker plugin" ? [plugin?.pid ?? 0] : [child.pid ?? 0, engine])
    process.kill(pid, "SIGKILL");
  await ended;
}

suite.runIf(process.platform === "linux")("after a kill in a container's first up", () => {
  test.each(["tvk and engine", "docker plugin"] as const)(
    "of %s, destroy leaves nothing of this folder's stack, and all of another folder's",
    async (victim) => {
      await killedUp(victim);
      const text = await tvk("destroy", "--yes");
      assert.match(text, /Removed what a killed run had left: .*container "tvk-dev-helpdesk-/);
      assert.deepEqual(await onDaemon(), untouched);
    },
    5 * minuteMs,
  );

  test(
    "while its image is built, destroy leaves no layer of it",
    async () => {
      await killedUp("tvk and engine", "the image is built");
      await tvk("destroy", "--yes");
      assert.deepEqual(await onDaemon(), untouched);
    },
    5 * minuteMs,
  );

  test.each(["tvk and engine", "docker plugin"] as const)(
    "of %s, an up that wants no container any more removes what the killed one had made",
    async (victim) => {
      await killedUp(victim);
      project.configure("dev");
      await tvk("up");
      assert.deepEqual(await onDaemon(), untouched);
      await tvk("destroy", "--yes");
    },
    5 * minuteMs,
  );

  test(
    "an up goes on with what is there, and removes nothing",
    async () => {
      await killedUp("tvk and engine");
      await tvk("up");
      assert.lengthOf(await onDaemon(), untouched.length + 3);
      await tvk("up", "--", "--expect-no-changes");
      await tvk("destroy", "--yes");
      assert.deepEqual(await onDaemon(), untouched);
    },
    5 * minuteMs,
  );
});

suite("an environment whose state is gone", () => {
  test(
    "loses its container, volume and image with its objects in the tenant",
    async () => {
      await tvk("env", "create", "pr-7");
      assert.lengthOf(await onDaemon(), untouched.length + 3);
      for (const folder of ["stacks", "environments"]) {
        rmSync(join(project.dir, ".tvk", folder, "pr-7"), { recursive: true });
      }
      const text = await tvk("env", "destroy", "pr-7");
      assert.match(text, /by its marks/);
      assert.match(text, /removed container "tvk-pr-7-helpdesk-/);
      assert.deepEqual(await onDaemon(), untouched);
    },
    5 * minuteMs,
  );
});

suite("a volume with retainOnDelete", () => {
  test(
    "outlives destroy, and the next up takes it over",
    async () => {
      retaining("docker:index/volume:Volume");
      await tvk("up");
      await tvk("destroy", "--yes");
      const left = (await onDaemon()).filter((name) => !untouched.includes(name));
      assert.match(left.join(), /^volume tvk-dev-helpdesk-[0-9a-f]{8}$/);
      await tvk("destroy", "--yes");
      assert.includeMembers(await onDaemon(), left);
      retaining();
      await tvk("up");
      await tvk("destroy", "--yes");
      assert.deepEqual(await onDaemon(), untouched);
    },
    5 * minuteMs,
  );
});
