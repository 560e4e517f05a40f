/** Our plugin's Volume and Network against a real daemon, over the engine's protocol; and one that is not there. */
import { afterAll, afterEach, assert, beforeAll, suite, test } from "vitest";
import { dockerPlugin } from "../../engine/plugins/docker/plugin.ts";
import { openPlugin } from "../engine/plugins/plugin-client.ts";
import { nodeImage } from "./node-image.ts";
import { type PluginBench, pluginBench } from "./plugin-bench.ts";

let bench: PluginBench;
beforeAll(async () => {
  bench = await pluginBench();
});
afterEach(() => bench.clear());
afterAll(() => bench?.close());

suite("docker:index/volume:Volume and docker:index/network:Network", () => {
  test("hold data and connect containers, and go without a trace", async () => {
    const volume = await bench.make(bench.volumes(), { labels: [{ label: "a", value: "b" }] });
    const network = await bench.make(bench.networks(), {
      name: "testnet",
      options: { "com.docker.network.bridge.name": `${bench.daemon.bridge}n` },
    });
    assert.deepEqual(await bench.volumes().read(volume.id, volume), volume);
    assert.deepEqual(await bench.networks().read(network.id, network), network);
    assert.isFalse((await bench.volumes().diff(volume, volume.inputs)).changes);
    assert.isFalse((await bench.networks().diff(network, network.inputs)).changes);
    const share = {
      image: nodeImage,
      networksAdvanced: [{ name: "testnet", aliases: ["box"] }],
      volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    };
    const serve =
      'require("http").createServer((q, r) => r.end(require("fs").readFileSync("/data/x"))).listen(80)';
    await bench.make(bench.containers(), {
      ...share,
      command: ["node", "-e", `require("fs").writeFileSync("/data/x", "kept"); ${serve}`],
    });
    const ask =
      'fetch("http://box/").then((r) => r.text()).then((t) => process.exit(t === "kept" ? 0 : 1), () => process.exit(2))';
    const asker = bench.plugin.resource("docker:index/container:Container", "asker");
    const entry = await bench.make(asker, {
      image: nodeImage,
      command: ["node", "-e", ask],
      mustRun: false,
      networksAdvanced: [{ name: "testnet" }],
    });
    const { StatusCode } = await bench.daemon.docker.getContainer(entry.id).wait();
    assert.equal(StatusCode, 0);
  });

  test("a volume of somebody else's is not taken", async () => {
    await bench.daemon.docker.createVolume({ Name: "theirs" });
    const error = String(await bench.volumes().make({ name: "theirs" }).catch(String));
    assert.match(error, /a volume "theirs" exists already and is not this stack's.*pulumi import/);
    await bench.daemon.docker.getVolume("theirs").remove();
  });

  test("a change of what can't be changed replaces", async () => {
    const volume = await bench.make(bench.volumes(), { name: "one" });
    const diff = await bench.volumes().diff(volume, { name: "two" });
    assert.deepEqual(diff.detail, { name: "UPDATE_REPLACE" });
    assert.isFalse(diff.deleteBeforeReplace);
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
