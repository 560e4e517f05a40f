/** Our docker plugin against a real daemon, over the engine's protocol. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, assert, beforeAll, suite, test } from "vitest";
import { dockerPlugin } from "../../engine/plugins/docker/plugin.ts";
import { type PropertyMap, Secret, UNKNOWN } from "../../engine/plugins/protocol/value.ts";
import {
  openPlugin,
  type PluginClient,
  type ResourceClient,
  type StateEntry,
} from "../engine/plugins/plugin-client.ts";
import { freePort } from "../free-ports.ts";
import { importNodeImage, nodeImage } from "./node-image.ts";
import { type PrivateDaemon, privateDaemon } from "./private-daemon.ts";

let daemon: PrivateDaemon;
let plugin: PluginClient;
let dir: string;
const made: { resource: ResourceClient; entry: StateEntry }[] = [];
beforeAll(async () => {
  daemon = await privateDaemon();
  await importNodeImage(daemon.docker);
  plugin = await openPlugin(dockerPlugin({ env: {}, parentAlive: () => true }));
  await plugin.configure({ host: daemon.host });
  dir = mkdtempSync(join(tmpdir(), "tvk-docker-"));
});
afterEach(async () => {
  for (const { resource, entry } of made.splice(0).reverse()) await resource.delete(entry);
});
afterAll(async () => {
  plugin?.close();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  await daemon?.close();
});

/** Checks and creates, and deletes after the test. */
async function make(resource: ResourceClient, program: PropertyMap): Promise<StateEntry> {
  const entry = await resource.make(program);
  made.push({ resource, entry });
  return entry;
}

const containers = () => plugin.resource("docker:index/container:Container", "box");
const networks = () => plugin.resource("docker:index/network:Network", "net");
const volumes = () => plugin.resource("docker:index/volume:Volume", "data");
const images = () => plugin.resource("docker:index/image:Image", "img");
const idle = ["node", "-e", "setInterval(() => {}, 1000)"];

suite("docker:index/container:Container", () => {
  test("is created, started, read without a difference, and removed", async () => {
    const container = containers();
    const program = {
      image: nodeImage,
      command: idle,
      envs: ["A=1", "B=2"],
      labels: [{ label: "l", value: "v" }],
      ports: [{ internal: 3001, external: await freePort(), ip: "127.0.0.1" }],
      hosts: [{ host: "host.docker.internal", ip: "host-gateway" }],
      tmpfs: { "/tmp": "" },
      memory: 128,
      readOnly: true,
      user: "1000",
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
    };
    const entry = await make(container, program);
    assert.match(entry.id, /^[0-9a-f]{64}$/);
    assert.match(String(entry.outputs["name"]), /^box-[0-9a-f]{7}$/);
    const info = await daemon.docker.getContainer(entry.id).inspect();
    assert.isTrue(info.State.Running);
    const again = await container.check(program, entry.inputs);
    assert.deepEqual(await container.diff(entry, again.inputs), {
      changes: false,
      replaces: [],
      deleteBeforeReplace: false,
      detail: {},
    });
    const read = await container.read(entry.id, entry);
    assert.deepEqual(read, entry);
    await container.delete(entry);
    assert.isUndefined(await container.read(entry.id, entry));
    await container.delete(entry);
  });

  test("keeps the defaults of the official schema in its outputs", async () => {
    const { outputs } = await make(containers(), { image: nodeImage, command: idle });
    const { restart, mustRun, start, wait, waitTimeout, removeVolumes, readOnly } = outputs;
    assert.deepEqual(
      { restart, mustRun, start, wait, waitTimeout, removeVolumes, readOnly },
      {
        restart: "no",
        mustRun: true,
        start: true,
        wait: false,
        waitTimeout: 60,
        removeVolumes: true,
        readOnly: false,
      },
    );
  });

  test("keeps a secret variable secret", async () => {
    const envs = ["PLAIN=1", new Secret("TOKEN=hush-hush-hush")];
    const entry = await make(containers(), { image: nodeImage, command: idle, envs });
    assert.instanceOf(entry.outputs["envs"], Secret);
    const crash = {
      image: nodeImage,
      command: ["node", "-e", "console.log(process.env.TOKEN); process.exit(3)"],
    };
    const error = String(
      await containers()
        .make({ ...crash, envs })
        .catch(String),
    );
    assert.include(error, "ended at its start with exit code 3");
    assert.notInclude(error, "hush");
  });

  test("tells by which property it must be replaced and which it takes as it runs", async () => {
    const container = containers();
    const program = { image: nodeImage, command: idle, envs: ["A=1"], restart: "always" };
    const entry = await make(container, { ...program, name: "fixed" });
    const news = { ...entry.inputs, envs: ["A=2"], restart: "no" };
    assert.deepEqual(await container.diff(entry, news), {
      changes: true,
      replaces: ["envs"],
      deleteBeforeReplace: true,
      detail: { envs: "UPDATE_REPLACE", restart: "UPDATE" },
    });
    const updated = await container.update(entry, { ...entry.inputs, restart: "no" });
    const { HostConfig } = await daemon.docker.getContainer(entry.id).inspect();
    assert.equal(HostConfig.RestartPolicy?.Name, "no");
    assert.isFalse((await container.diff(updated, updated.inputs)).changes);
  });

  test("goes before its successor where both want one port", async () => {
    const ports = [{ internal: 80, external: await freePort(), ip: "127.0.0.1" }];
    const entry = await make(containers(), { image: nodeImage, command: idle, ports });
    const { inputs } = await containers().check({ image: nodeImage, command: ["node"], ports });
    const { deleteBeforeReplace } = await containers().diff(entry, inputs);
    assert.isTrue(deleteBeforeReplace);
  });

  test("is started again when it has stopped, once a refresh has seen it", async () => {
    const container = containers();
    const entry = await make(container, { image: nodeImage, command: idle });
    await daemon.docker.getContainer(entry.id).stop({ t: 0 });
    const read = (await container.read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await container.diff(read, entry.inputs)).detail, { start: "UPDATE" });
    await container.update(read, entry.inputs);
    assert.isTrue((await daemon.docker.getContainer(entry.id).inspect()).State.Running);
  });

  test("sees what somebody has changed", async () => {
    const container = containers();
    const entry = await make(container, { image: nodeImage, command: idle, restart: "always" });
    await daemon.docker.getContainer(entry.id).update({ RestartPolicy: { Name: "no" } });
    const read = (await container.read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await container.diff(read, entry.inputs)).detail, { restart: "UPDATE" });
  });

  test("waits until it is healthy, and not for the first check of the daemon", async () => {
    const entry = await make(containers(), {
      image: nodeImage,
      command: [
        "node",
        "-e",
        'setTimeout(() => require("fs").writeFileSync("/tmp/up", ""), 700); setInterval(() => {}, 1e3)',
      ],
      healthcheck: {
        tests: ["CMD", "node", "-e", 'require("fs").statSync("/tmp/up")'],
        interval: "1h",
      },
      wait: true,
    });
    const { State } = await daemon.docker.getContainer(entry.id).inspect();
    assert.equal(State.Health?.Status, "starting");
  });

  test("leaves nothing when it does not become healthy, and says what its check said", async () => {
    const before = await daemon.docker.listContainers({ all: true });
    const program = {
      image: nodeImage,
      command: ["node", "-e", 'console.log("I am up"); setInterval(() => {}, 1e3)'],
      healthcheck: {
        tests: ["CMD", "node", "-e", 'console.log("not yet"); process.exit(1)'],
        interval: "200ms",
      },
      wait: true,
      waitTimeout: 8,
    };
    const error = String(await containers().make(program).catch(String));
    assert.include(error, "was not healthy within 8 s; its health check says: not yet");
    assert.include(error, "its log ends with:\nI am up");
    assert.lengthOf(await daemon.docker.listContainers({ all: true }), before.length);
  });

  test("names the port that is taken, and leaves nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as { port: number };
    const ports = [{ internal: 80, external: port, ip: "127.0.0.1" }];
    const error = String(
      await containers().make({ image: nodeImage, command: idle, ports }).catch(String),
    );
    assert.include(error, `port ${port} is taken on this machine`);
    assert.lengthOf(await daemon.docker.listContainers({ all: true }), 0);
    server.close();
  });

  test("takes over what a killed run left under its name, and nobody else's", async () => {
    const labels = [{ label: "tvk_urn", value: containers().urn }];
    const program = { image: nodeImage, command: idle, name: "orphan", labels };
    const { id } = await containers().make(program);
    const entry = await make(containers(), program);
    assert.notEqual(entry.id, id);
    const other = { ...program, labels: [{ label: "tvk_urn", value: "urn:other" }] };
    const error = String(await containers().make(other).catch(String));
    assert.match(
      error,
      /a container "orphan" exists already and is not this stack's .*docker rm -f orphan/,
    );
  });

  test("is imported with the inputs that make it", async () => {
    const entry = await make(containers(), {
      image: nodeImage,
      command: idle,
      envs: ["A=1"],
      memory: 64,
    });
    const found = (await containers().read(entry.id)) as StateEntry;
    assert.deepInclude(found.inputs, {
      image: nodeImage,
      command: idle,
      envs: ["A=1"],
      memory: 64,
    });
    const { inputs, failures } = await containers().check(found.inputs);
    assert.deepEqual(failures, []);
    assert.isFalse((await containers().diff(found, inputs)).changes);
  });

  test("says that there is no such image", async () => {
    const error = String(
      await containers().make({ image: "nobody.invalid/nothing:1" }).catch(String),
    );
    assert.match(
      error,
      /there is no image "nobody.invalid\/nothing:1" on this machine, and it can't be pulled/,
    );
  });

  test("refuses what is wrong, each input with its place", async () => {
    const { failures } = await containers().check({
      command: "node",
      ports: [{ internal: "80" }],
      restart: "sometimes",
      gpus: "all",
      colour: "red",
      exitCode: 1,
    });
    assert.sameMembers(
      failures.map((failure) => failure.split(":")[0] ?? ""),
      ["image", "command", "ports[0].internal", "restart", "gpus", "colour", "exitCode"],
    );
    assert.match(failures.join("\n"), /gpus: is not supported .*TVK_PLUGINS=official/);
  });
});

suite("docker:index/volume:Volume and docker:index/network:Network", () => {
  test("hold data and connect containers, and go without a trace", async () => {
    const volume = await make(volumes(), { labels: [{ label: "a", value: "b" }] });
    const network = await make(networks(), {
      name: "testnet",
      options: { "com.docker.network.bridge.name": `${daemon.bridge}n` },
    });
    assert.deepEqual(await volumes().read(volume.id, volume), volume);
    assert.deepEqual(await networks().read(network.id, network), network);
    assert.isFalse((await volumes().diff(volume, volume.inputs)).changes);
    assert.isFalse((await networks().diff(network, network.inputs)).changes);
    const share = {
      image: nodeImage,
      networksAdvanced: [{ name: "testnet", aliases: ["box"] }],
      volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    };
    const serve =
      'require("http").createServer((q, r) => r.end(require("fs").readFileSync("/data/x"))).listen(80)';
    await make(containers(), {
      ...share,
      command: ["node", "-e", `require("fs").writeFileSync("/data/x", "kept"); ${serve}`],
    });
    const ask =
      'fetch("http://box/").then((r) => r.text()).then((t) => process.exit(t === "kept" ? 0 : 1), () => process.exit(2))';
    const asker = plugin.resource("docker:index/container:Container", "asker");
    const entry = await make(asker, {
      image: nodeImage,
      command: ["node", "-e", ask],
      mustRun: false,
      networksAdvanced: [{ name: "testnet" }],
    });
    const { StatusCode } = await daemon.docker.getContainer(entry.id).wait();
    assert.equal(StatusCode, 0);
  });

  test("a volume of somebody else's is not taken", async () => {
    await daemon.docker.createVolume({ Name: "theirs" });
    const error = String(await volumes().make({ name: "theirs" }).catch(String));
    assert.match(error, /a volume "theirs" exists already and is not this stack's.*pulumi import/);
    await daemon.docker.getVolume("theirs").remove();
  });

  test("a change of what can't be changed replaces", async () => {
    const volume = await make(volumes(), { name: "one" });
    const diff = await volumes().diff(volume, { name: "two" });
    assert.deepEqual(diff.detail, { name: "UPDATE_REPLACE" });
    assert.isFalse(diff.deleteBeforeReplace);
  });
});

suite("docker:index/image:Image", () => {
  const files = (name: string, text: string): string => {
    const folder = join(dir, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "Dockerfile"),
      'ARG BASE\nFROM $BASE\nCOPY app.js /app.js\nCMD ["node", "/app.js"]\n',
    );
    writeFileSync(join(folder, "app.js"), text);
    return folder;
  };
  const programOf = (context: string) => ({
    imageName: "tvk-test-app",
    skipPush: true,
    build: { context, args: { BASE: nodeImage } },
  });

  test("is built, not built again while its content is the same, and removed", async () => {
    const program = programOf(files("same", "1"));
    const entry = await make(images(), program);
    assert.equal(entry.id, "tvk-test-app");
    assert.match(String(entry.outputs["repoDigest"]), /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(entry.outputs["platform"], "linux/amd64");
    utimesSync(join(dir, "same/app.js"), 1, 1);
    const { inputs } = await images().check(program, entry.inputs);
    assert.isFalse((await images().diff(entry, inputs)).changes);
    assert.deepEqual(await images().read(entry.id, entry), entry);
    await images().delete(entry);
    assert.isUndefined(await images().read(entry.id, entry));
  });

  test("is built again when a file changes, and the older build goes", async () => {
    const context = files("changing", "1");
    const entry = await make(images(), programOf(context));
    files("changing", "2");
    const { inputs } = await images().check(programOf(context), entry.inputs);
    assert.deepEqual((await images().diff(entry, inputs)).detail, {
      "build.contextDigest": "UPDATE",
    });
    const preview = await images().update(entry, inputs, true);
    assert.equal(preview.outputs["repoDigest"], UNKNOWN);
    const updated = await images().update(entry, inputs);
    assert.notEqual(updated.outputs["repoDigest"], entry.outputs["repoDigest"]);
    const left = await daemon.docker.listImages({
      filters: { label: [`tvk_urn=${images().urn}`] },
    });
    assert.lengthOf(left, 1);
    made.splice(0, 1, { resource: images(), entry: updated });
  });

  test("has the same layers from another folder at another time", async () => {
    const layersOf = async (context: string) => {
      const entry = await make(images(), programOf(context));
      const { RootFS } = await daemon.docker.getImage(entry.id).inspect();
      await images().delete(entry);
      return RootFS.Layers;
    };
    const first = await layersOf(files("here", "same"));
    mkdirSync(join(dir, "there"));
    cpSync(join(dir, "here"), join(dir, "there/again"), { recursive: true });
    renameSync(join(dir, "here"), join(dir, "gone"));
    assert.deepEqual(await layersOf(join(dir, "there/again")), first);
  });

  test("notices that another image has its name", async () => {
    const entry = await make(images(), programOf(files("tagged", "1")));
    await daemon.docker.getImage(nodeImage).tag({ repo: "tvk-test-app", tag: "latest" });
    const read = (await images().read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await images().diff(read, entry.inputs)).detail, {
      "build.contextDigest": "UPDATE",
    });
    await images().update(read, entry.inputs);
  });

  test("shows the end of a failed build", async () => {
    const folder = files("failing", "1");
    writeFileSync(join(folder, "Dockerfile"), `FROM ${nodeImage}\nCOPY nothing /\n`);
    const error = String(await images().make(programOf(folder)).catch(String));
    assert.include(error, "COPY failed: file not found");
    assert.include(error, "Step 2/4 : COPY nothing /");
  });

  test("is refused without its files, or with a push that this plugin does not do", async () => {
    const { failures } = await images().check({ imageName: "x", build: { context: dir } });
    assert.match(failures.join(), /^skipPush: must be true/);
    const error = String(
      await images()
        .check(programOf(join(dir, "none")))
        .catch(String),
    );
    assert.include(error, "is no folder");
  });
});

suite("a daemon that is not there", () => {
  test("is named, with what to do", async () => {
    const other = await openPlugin(
      dockerPlugin({ env: { DOCKER_HOST: "unix:///nowhere.sock" }, parentAlive: () => true }),
    );
    await other.configure();
    const volume = other.resource("docker:index/volume:Volume", "v");
    const error = String(await volume.make({}).catch(String));
    assert.include(
      error,
      "docker: no daemon answers at unix:///nowhere.sock (ENOENT). Start Docker",
    );
    other.close();
  });
});
