/** Our plugin's Image against a real daemon, over the engine's protocol. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, assert, beforeAll, suite, test } from "vitest";
import { UNKNOWN } from "../../engine/plugins/protocol/value.ts";
import type { StateEntry } from "../engine/plugins/plugin-client.ts";
import { nodeImage } from "./node-image.ts";
import { type PluginBench, pluginBench } from "./plugin-bench.ts";

let bench: PluginBench;
let dir: string;
beforeAll(async () => {
  bench = await pluginBench();
  dir = mkdtempSync(join(tmpdir(), "tvk-docker-"));
});
afterEach(() => bench.clear());
afterAll(async () => {
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  await bench?.close();
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
    const entry = await bench.make(bench.images(), program);
    assert.equal(entry.id, "tvk-test-app");
    assert.match(String(entry.outputs["repoDigest"]), /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(entry.outputs["platform"], "linux/amd64");
    utimesSync(join(dir, "same/app.js"), 1, 1);
    const { inputs } = await bench.images().check(program, entry.inputs);
    assert.isFalse((await bench.images().diff(entry, inputs)).changes);
    assert.deepEqual(await bench.images().read(entry.id, entry), entry);
    await bench.images().delete(entry);
    assert.isUndefined(await bench.images().read(entry.id, entry));
  });

  test("is built again when a file changes, and the older build goes", async () => {
    const context = files("changing", "1");
    const entry = await bench.make(bench.images(), programOf(context));
    files("changing", "2");
    const { inputs } = await bench.images().check(programOf(context), entry.inputs);
    assert.deepEqual((await bench.images().diff(entry, inputs)).detail, {
      "build.contextDigest": "UPDATE",
    });
    const preview = await bench.images().update(entry, inputs, true);
    assert.equal(preview.outputs["repoDigest"], UNKNOWN);
    const updated = await bench.images().update(entry, inputs);
    assert.notEqual(updated.outputs["repoDigest"], entry.outputs["repoDigest"]);
    const left = await bench.daemon.docker.listImages({
      filters: { label: [`tvk_urn=${bench.images().urn}`] },
    });
    assert.lengthOf(left, 1);
    bench.keep(bench.images(), updated);
  });

  test("says on every layer whose it is, and leaves the image of another folder's stack", async () => {
    const program = { ...programOf(files("mine", "1")), imageName: "tvk-test-theirs" };
    const theirs = await bench.images().make(program);
    const entry = await bench.make(bench.images(), programOf(files("mine", "2")));
    const mark = (await bench.daemon.docker.getImage(entry.id).inspect()).Config.Labels;
    assert.equal(
      mark?.["tvk_built_by"],
      bench.images().urn.split("::").slice(0, 2).reverse().join("/").replace("urn:pulumi:", ""),
    );
    const { Config } = await bench.daemon.docker.getImage(entry.id).inspect();
    assert.include(Object.keys(Config.Labels ?? {}), "tvk_urn");
    const layers = await bench.daemon.docker.listImages({
      all: true,
      filters: { label: [`tvk_built_by=${mark?.["tvk_built_by"]}`] },
    });
    // One after each step, the last two named.
    assert.isAbove(layers.length, 4);
    assert.isDefined(await bench.images().read(theirs.id, theirs));
    await bench.images().delete(theirs);
  });

  test("has the same layers from another folder at another time", async () => {
    const layersOf = async (context: string) => {
      const entry = await bench.make(bench.images(), programOf(context));
      const { RootFS } = await bench.daemon.docker.getImage(entry.id).inspect();
      await bench.images().delete(entry);
      return RootFS.Layers;
    };
    const first = await layersOf(files("here", "same"));
    mkdirSync(join(dir, "there"));
    cpSync(join(dir, "here"), join(dir, "there/again"), { recursive: true });
    renameSync(join(dir, "here"), join(dir, "gone"));
    assert.deepEqual(await layersOf(join(dir, "there/again")), first);
  });

  test("notices that another image has its name", async () => {
    const entry = await bench.make(bench.images(), programOf(files("tagged", "1")));
    await bench.daemon.docker.getImage(nodeImage).tag({ repo: "tvk-test-app", tag: "latest" });
    const read = (await bench.images().read(entry.id, entry)) as StateEntry;
    assert.deepEqual((await bench.images().diff(read, entry.inputs)).detail, {
      "build.contextDigest": "UPDATE",
    });
    await bench.images().update(read, entry.inputs);
  });

  test("shows the end of a failed build", async () => {
    const folder = files("failing", "1");
    writeFileSync(join(folder, "Dockerfile"), `FROM ${nodeImage}\nCOPY nothing /\n`);
    const error = String(await bench.images().make(programOf(folder)).catch(String));
    assert.include(error, "COPY failed: file not found");
    assert.include(error, "Step 3/5 : COPY nothing /");
  });

  test("is refused without its files, or with a push that this plugin does not do", async () => {
    const { failures } = await bench.images().check({ imageName: "x", build: { context: dir } });
    assert.match(failures.join(), /^skipPush: must be true/);
    const error = String(
      await bench
        .images()
        .check(programOf(join(dir, "none")))
        .catch(String),
    );
    assert.include(error, "is no folder");
  });
});
