/** Our plugin's Container against a real daemon, over the engine's protocol. */
import { createServer } from "node:net";
import { afterAll, afterEach, assert, beforeAll, suite, test } from "vitest";
import { Secret } from "../../engine/plugins/protocol/value.ts";
import type { StateEntry } from "../engine/plugins/plugin-client.ts";
import { freePort } from "../free-ports.ts";
import { nodeImage } from "./node-image.ts";
import { idle, type PluginBench, pluginBench } from "./plugin-bench.ts";

let bench: PluginBench;
beforeAll(async () => {
  bench = await pluginBench();
});
afterEach(() => bench.clear());
afterAll(() => bench?.close());

suite("docker:index/container:Container", () => {
  test("is created, started, read without a difference, and removed", async () => {
    const container = bench.containers();
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
    const entry = await bench.make(container, program);
    assert.match(entry.id, /^[0-9a-f]{64}$/);
    assert.match(String(entry.outputs["name"]), /^box-[0-9a-f]{7}$/);
    const info = await bench.daemon.docker.getContainer(entry.id).inspect();
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

  test("may repeat a variable and a label of its image: it has them, and that is no difference", async () => {
    const container = bench.containers();
    const mother = await container.make({ image: nodeImage, command: idle });
    const image = "tvk-test-labelled:1";
    const [repo, tag] = image.split(":");
    const changes = 'LABEL role="desk" other="image\'s"';
    await bench.daemon.docker.getContainer(mother.id).commit({ repo, tag, changes });
    await container.delete(mother);
    const program = {
      image,
      command: idle,
      envs: ["PATH=/usr/local/bin", "A=1"],
      labels: [
        { label: "role", value: "desk" },
        { label: "l", value: "v" },
      ],
    };
    const entry = await bench.make(container, program);
    const { inputs } = await container.check(program, entry.inputs);
    assert.deepEqual((await container.diff(entry, inputs)).detail, {});
    assert.deepEqual(await container.read(entry.id, entry), entry);
    // What it has from its image alone is the image's.
    const found = (await container.read(entry.id)) as StateEntry;
    assert.deepEqual(found.inputs["envs"], ["A=1"]);
    assert.deepEqual(found.inputs["labels"], [{ label: "l", value: "v" }]);
  });

  test.each(["1m", "60s", "90s", "1h", "1h0m0s", "500ms", "1m30s", "0s"])(
    "takes %s for the time that it is, however the daemon writes it",
    async (interval) => {
      const container = bench.containers();
      const program = {
        image: nodeImage,
        command: idle,
        healthcheck: { tests: ["NONE"], interval, timeout: "120s", startPeriod: "60m" },
      };
      const entry = await bench.make(container, program);
      assert.deepEqual((await container.diff(entry, entry.inputs)).detail, {});
      assert.deepEqual(await container.read(entry.id, entry), entry);
    },
  );

  test("keeps the defaults of the official schema in its outputs", async () => {
    const { outputs } = await bench.make(bench.containers(), { image: nodeImage, command: idle });
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
    const entry = await bench.make(bench.containers(), { image: nodeImage, command: idle, envs });
    assert.instanceOf(entry.outputs["envs"], Secret);
    const crash = {
      image: nodeImage,
      command: ["node", "-e", "console.log(process.env.TOKEN); process.exit(3)"],
    };
    const error = String(
      await bench
        .containers()
        .make({ ...crash, envs })
        .catch(String),
    );
    assert.include(error, "ended at its start with exit code 3");
    assert.notInclude(error, "hush");
  });

  test("tells by which property it must be replaced and which it takes as it runs", async () => {
    const container = bench.containers();
    const program = { image: nodeImage, command: idle, envs: ["A=1"], restart: "always" };
    const entry = await bench.make(container, { ...program, name: "fixed" });
    const news = { ...entry.inputs, envs: ["A=2"], restart: "no" };
    assert.deepEqual(await container.diff(entry, news), {
      changes: true,
      replaces: ["envs"],
      deleteBeforeReplace: true,
      detail: { envs: "UPDATE_REPLACE", restart: "UPDATE" },
    });
    const updated = await container.update(entry, { ...entry.inputs, restart: "no" });
    const { HostConfig } = await bench.daemon.docker.getContainer(entry.id).inspect();
    assert.equal(HostConfig.RestartPolicy?.Name, "no");
    assert.isFalse((await container.diff(updated, updated.inputs)).changes);
  });

  test("goes before its successor where both want one port", async () => {
    const ports = [{ internal: 80, external: await freePort(), ip: "127.0.0.1" }];
    const entry = await bench.make(bench.containers(), { image: nodeImage, command: idle, ports });
    const { inputs } = await bench
      .containers()
      .check({ image: nodeImage, command: ["node"], ports });
    const { deleteBeforeReplace } = await bench.containers().diff(entry, inputs);
    assert.isTrue(deleteBeforeReplace);
  });

  test("is started again when it has stopped, once a refresh has seen it", async () => {
    const container = bench.containers();
    const entry = await bench.make(container, { image: nodeImage, command: idle });
    await bench.daemon.docker.getContainer(entry.id).stop({ t: 0 });
    const read = (await container.read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await container.diff(read, entry.inputs)).detail, { start: "UPDATE" });
    await container.update(read, entry.inputs);
    assert.isTrue((await bench.daemon.docker.getContainer(entry.id).inspect()).State.Running);
  });

  test("sees what somebody has changed", async () => {
    const container = bench.containers();
    const entry = await bench.make(container, {
      image: nodeImage,
      command: idle,
      restart: "always",
    });
    await bench.daemon.docker.getContainer(entry.id).update({ RestartPolicy: { Name: "no" } });
    const read = (await container.read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await container.diff(read, entry.inputs)).detail, { restart: "UPDATE" });
  });

  test("waits until it is healthy, and not for the first check of the daemon", async () => {
    const entry = await bench.make(bench.containers(), {
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
    const { State } = await bench.daemon.docker.getContainer(entry.id).inspect();
    assert.equal(State.Health?.Status, "starting");
  });

  test("leaves nothing when it does not become healthy, and says what its check said", async () => {
    const before = await bench.daemon.docker.listContainers({ all: true });
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
    const error = String(await bench.containers().make(program).catch(String));
    assert.include(error, "was not healthy within 8 s; its health check says: not yet");
    assert.include(error, "its log ends with:\nI am up");
    assert.lengthOf(await bench.daemon.docker.listContainers({ all: true }), before.length);
  });

  test("names the port that is taken, and leaves nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as { port: number };
    const ports = [{ internal: 80, external: port, ip: "127.0.0.1" }];
    const error = String(
      await bench.containers().make({ image: nodeImage, command: idle, ports }).catch(String),
    );
    assert.include(error, `port ${port} is taken on this machine`);
    assert.lengthOf(await bench.daemon.docker.listContainers({ all: true }), 0);
    server.close();
  });

  test("takes over what a killed run left under its name, and nobody else's", async () => {
    const labels = [{ label: "tvk_urn", value: bench.containers().urn }];
    const program = { image: nodeImage, command: idle, name: "orphan", labels };
    const { id } = await bench.containers().make(program);
    const entry = await bench.make(bench.containers(), program);
    assert.notEqual(entry.id, id);
    const other = { ...program, labels: [{ label: "tvk_urn", value: "urn:other" }] };
    const error = String(await bench.containers().make(other).catch(String));
    assert.match(
      error,
      /a container "orphan" exists already and is not this stack's .*docker rm -f orphan/,
    );
  });

  test("is imported with the inputs that make it", async () => {
    const entry = await bench.make(bench.containers(), {
      image: nodeImage,
      command: idle,
      envs: ["A=1"],
      memory: 64,
    });
    const found = (await bench.containers().read(entry.id)) as StateEntry;
    assert.deepInclude(found.inputs, {
      image: nodeImage,
      command: idle,
      envs: ["A=1"],
      memory: 64,
    });
    const { inputs, failures } = await bench.containers().check(found.inputs);
    assert.deepEqual(failures, []);
    assert.isFalse((await bench.containers().diff(found, inputs)).changes);
  });

  test("says that there is no such image", async () => {
    const error = String(
      await bench.containers().make({ image: "nobody.invalid/nothing:1" }).catch(String),
    );
    assert.match(
      error,
      /there is no image "nobody.invalid\/nothing:1" on this machine, and it can't be pulled/,
    );
  });

  test("refuses what is wrong, each input with its place", async () => {
    const { failures } = await bench.containers().check({
      command: "node",
      ports: [{ internal: "80" }],
      restart: "sometimes",
      gpus: "all",
      colour: "red",
      exitCode: 1,
      healthcheck: { tests: [], interval: "5 minutes", timeout: 3 },
    });
    assert.sameMembers(
      failures.map((failure) => failure.split(":")[0] ?? ""),
      [
        ...["image", "command", "ports[0].internal", "restart", "gpus", "colour", "exitCode"],
        ...["healthcheck.interval", "healthcheck.timeout"],
      ],
    );
    assert.match(failures.join("\n"), /gpus: is not supported .*TVK_PLUGINS=official/);
  });
});
