/** The whole chain with the helpdesk in a container: the real engine, a real daemon, the local tenant. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { importNodeImage, nodeImage } from "./node-image.ts";
import { type PrivateDaemon, privateDaemon } from "./private-daemon.ts";

const minuteMs = 60_000;
let daemon: PrivateDaemon;
let project: ProjectFolder;
beforeAll(async () => {
  daemon = await privateDaemon();
  await importNodeImage(daemon.docker);
  project = await projectFolder();
  configure({});
}, 5 * minuteMs);
afterAll(async () => {
  await project?.remove();
  await daemon?.close();
});

function configure(helpdesk: Record<string, unknown>, other: Record<string, unknown> = {}): void {
  project.configure("dev", {
    helpdesk: {
      mode: "container",
      port: project.helpdeskPort,
      baseImage: nodeImage,
      ...helpdesk,
    },
    ...other,
  });
}

async function tvk(...args: string[]): Promise<string> {
  const result = await project.tvk(args, { env: { DOCKER_HOST: daemon.host } });
  assert.equal(result.exitCode, 0, result.text);
  return result.text;
}

async function container() {
  const [found, ...others] = await daemon.docker.listContainers({ all: true });
  assert.lengthOf(others, 0);
  assert.isDefined(found);
  return daemon.docker.getContainer(found?.Id ?? "").inspect();
}

suite("helpdesk.mode container", () => {
  test(
    "tvk dev brings it up, connects and fetches the first tickets",
    async () => {
      const text = await tvk("dev");
      assert.match(text, /Fetch through Token Vault/);
      assert.match(text, /#\d+ {2}P[1-4] {2}\w+/);
    },
    5 * minuteMs,
  );

  test("it runs without root and without powers, on loopback alone, with its data in a volume", async () => {
    const { Config, HostConfig, State } = await container();
    assert.isTrue(State.Running);
    assert.equal(Config.User, "1000:1000");
    assert.isTrue(HostConfig.ReadonlyRootfs);
    assert.deepEqual(HostConfig.CapDrop, ["ALL"]);
    assert.equal(HostConfig.RestartPolicy?.Name, "unless-stopped");
    assert.deepEqual(HostConfig.PortBindings, {
      "3001/tcp": [{ HostIp: "127.0.0.1", HostPort: String(project.helpdeskPort) }],
    });
    const { Volumes } = await daemon.docker.listVolumes();
    assert.lengthOf(Volumes, 1);
  });

  test(
    "nothing changes at a second up, and a refresh finds no drift",
    async () => {
      await tvk("up");
      assert.match(await tvk("up", "--", "--expect-no-changes"), /unchanged/);
      assert.match(
        await tvk("pulumi", "--", "refresh", "--yes", "--expect-no-changes"),
        /unchanged/,
      );
    },
    3 * minuteMs,
  );

  test("no secret of it is in the state or in the image", async () => {
    const secrets = Object.values(
      JSON.parse(
        readFileSync(join(project.dir, ".tvk/stacks/dev/helpdesk-secrets.json"), "utf8"),
      ) as Record<string, string>,
    );
    const { Image } = await container();
    const image = JSON.stringify(await daemon.docker.getImage(Image).inspect());
    const backend = join(project.dir, ".tvk/stacks/dev/backend");
    const files = readdirSync(backend, { recursive: true, encoding: "utf8" }).map((name) =>
      join(backend, name),
    );
    for (const secret of secrets) {
      assert.notInclude(image, secret);
      for (const file of files) assert.notInclude(textOf(file), secret, file);
    }
  });

  test(
    "a changed setting replaces the container, and tickets and grants stay",
    async () => {
      const title = "Written before the container was replaced";
      const ticket = { title, description: "d", team: "it", priority: "P3", type: "request" };
      await tvk("fetch", "acme-helpdesk", tickets(), "-X", "POST", "-d", JSON.stringify(ticket));
      const before = await container();
      configure({ bindAddress: "0.0.0.0" });
      assert.match(await tvk("up"), /replaced/);
      const after = await container();
      assert.notEqual(after.Id, before.Id);
      assert.equal(after.HostConfig.PortBindings["3001/tcp"][0].HostIp, "0.0.0.0");
      assert.include(await tvk("fetch", "acme-helpdesk", `${tickets()}?limit=100`), title);
    },
    3 * minuteMs,
  );

  test(
    "a container that somebody has removed is made again after a refresh",
    async () => {
      await (await daemon.docker.getContainer((await container()).Id)).remove({ force: true });
      await tvk("up", "--", "--refresh");
      assert.isTrue((await container()).State.Running);
      assert.include(await tvk("fetch", "acme-helpdesk", tickets()), '"tickets"');
    },
    3 * minuteMs,
  );

  test(
    "the tenant reaches it by another address than the browser, if it is told so",
    async () => {
      const back = `http://127.0.0.1:${project.helpdeskPort}`;
      configure({ backChannelUrl: back });
      await tvk("up");
      const [connection] = (await project.management("GET", "/connections?name=acme-helpdesk")) as [
        { options: Record<string, string> },
      ];
      const { authorizationURL, tokenURL } = connection.options;
      assert.equal(authorizationURL, `http://localhost:${project.helpdeskPort}/authorize`);
      assert.equal(tokenURL, `${back}/token`);
      assert.match(await tvk("dev"), /Fetch through Token Vault/);
    },
    3 * minuteMs,
  );

  test(
    "a port that is taken is named, and the next up goes on from there",
    async () => {
      await tvk("destroy", "--yes");
      const { createServer } = await import("node:net");
      const server = createServer().listen(project.helpdeskPort, "127.0.0.1");
      await new Promise((done) => server.once("listening", done));
      const { exitCode, text } = await project.tvk(["up"], { env: { DOCKER_HOST: daemon.host } });
      server.close();
      assert.notEqual(exitCode, 0);
      assert.include(text, `port ${project.helpdeskPort} is taken on this machine`);
      configure({});
      await tvk("up");
    },
    3 * minuteMs,
  );

  test(
    "destroy leaves no container, volume, image or network",
    async () => {
      const networks = await daemon.docker.listNetworks();
      await tvk("destroy", "--yes");
      assert.deepEqual(await daemon.docker.listContainers({ all: true }), []);
      assert.deepEqual((await daemon.docker.listVolumes()).Volumes ?? [], []);
      const images = await daemon.docker.listImages({ all: true });
      assert.deepEqual(
        images.flatMap(({ RepoTags }) => RepoTags ?? ["an image without a name"]),
        [nodeImage],
      );
      assert.lengthOf(await daemon.docker.listNetworks(), networks.length);
    },
    2 * minuteMs,
  );

  test(
    "without a daemon, up says so and what to do",
    async () => {
      const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
      const { exitCode, text } = await project.tvk(["up"], { env });
      assert.notEqual(exitCode, 0);
      assert.include(text, "docker: no daemon answers at unix:///nowhere/docker.sock");
      assert.include(text, "helpdesk.mode `process` needs none");
      await tvk("destroy", "--yes");
    },
    2 * minuteMs,
  );
});

function tickets(): string {
  return `http://localhost:${project.helpdeskPort}/tickets`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // a folder
  }
}
