import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, assert, beforeAll, suite, test } from "vitest";
import { installPlugins } from "../../../engine/plugins/install.ts";
import { connectPlugin } from "./plugin-client.ts";

let root: string;
let home: string;
let cache: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "tvk-install-"));
  home = join(root, "it's a home");
  cache = join(root, "cache");
  await installPlugins(home, undefined, cache);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (name: string, version: string) =>
  join(home, "plugins", `resource-${name}-v${version}`);
const auth0 = () => join(folder("auth0", "3.49.0"), "pulumi-resource-auth0");

/** Starts a program and gives the first line it prints. */
async function firstLine(program: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) return { child, line };
  throw new Error(`${program} printed nothing`);
}

suite("installPlugins()", () => {
  test("puts an executable and one bundle where the engine looks for each plugin", () => {
    for (const [name, version] of [
      ["auth0", "3.49.0"],
      ["command", "4.5.0"],
    ] as const) {
      const files = readdirSync(folder(name, version)).sort();
      assert.match(
        files.join(" "),
        new RegExp(`^plugin-[0-9a-f]{16}\\.mjs pulumi-resource-${name}$`),
      );
      const shim = statSync(join(folder(name, version), `pulumi-resource-${name}`));
      assert.equal(shim.mode & 0o777, 0o755);
    }
  });

  test("installs only the named ones", async () => {
    const other = join(root, "other");
    await installPlugins(other, ["command"], cache);
    assert.deepEqual(readdirSync(join(other, "plugins")), ["resource-command-v4.5.0"]);
  });

  test("makes the same bundle of the same sources, and makes it once", async () => {
    const [first] = readdirSync(cache);
    const again = join(root, "again");
    await installPlugins(join(root, "third"), undefined, again);
    assert.deepEqual(readdirSync(again), readdirSync(cache));
    if (first === undefined) return assert.fail("the cache is empty");
    assert.isTrue(readFileSync(join(again, first)).equals(readFileSync(join(cache, first))));
    const { mtimeMs } = statSync(join(cache, first));
    await installPlugins(join(root, "fourth"), undefined, cache);
    assert.equal(statSync(join(cache, first)).mtimeMs, mtimeMs);
  });

  test("takes the place of an older bundle, which goes an hour later: a shim on its way to it still finds it", async () => {
    const older = join(folder("auth0", "3.49.0"), "plugin-0000000000000000.mjs");
    const longAgo = new Date(Date.now() - 7_200_000);
    writeFileSync(older, "old");
    utimesSync(older, longAgo, longAgo);
    writeFileSync(auth0(), "broken");
    await installPlugins(home, ["auth0"], cache);
    assert.match(readFileSync(auth0(), "utf8"), /^#!\/bin\/sh\n/);
    assert.isTrue(existsSync(older));
    await installPlugins(home, ["auth0"], cache);
    assert.isTrue(existsSync(older));
    utimesSync(older, longAgo, longAgo);
    await installPlugins(home, ["auth0"], cache);
    assert.isFalse(existsSync(older));
  });

  test("takes no harm where another install has just removed an older bundle", async () => {
    // A name in the folder with nothing behind it, as between a listing and a look.
    const gone = join(folder("auth0", "3.49.0"), "plugin-1111111111111111.mjs");
    symlinkSync("/nowhere", gone);
    try {
      await installPlugins(home, ["auth0"], cache);
      writeFileSync(auth0(), "broken");
      await installPlugins(home, ["auth0"], cache);
      assert.match(readFileSync(auth0(), "utf8"), /^#!\/bin\/sh\n/);
    } finally {
      rmSync(gone);
    }
  });

  test("is done right when several install at once", async () => {
    const shared = join(root, "shared");
    await Promise.all([1, 2, 3].map(() => installPlugins(shared, undefined, join(root, "cold"))));
    assert.lengthOf(readdirSync(join(shared, "plugins", "resource-auth0-v3.49.0")), 2);
  });
});

suite("an installed plugin", () => {
  test("prints its port first, and serves on it", async () => {
    const { child, line } = await firstLine(auth0(), ["127.0.0.1:1"]);
    const plugin = connectPlugin(Number(line));
    assert.equal(await plugin.version(), "3.49.0");
    plugin.close();
    child.kill();
  });

  test("does not care for NODE_OPTIONS, which are meant for the program", async () => {
    const env = { ...process.env, NODE_OPTIONS: "--import /nowhere.mjs" };
    const { child, line } = await firstLine(auth0(), [], env);
    child.kill();
    assert.match(line, /^\d+$/);
  });

  test("runs the node on PATH where the one that installed it is gone", async () => {
    const dir = join(root, "moved");
    const bin = join(root, "bin");
    mkdirSync(dir);
    mkdirSync(bin);
    for (const file of readdirSync(folder("auth0", "3.49.0"))) {
      const text = readFileSync(join(folder("auth0", "3.49.0"), file), "utf8");
      writeFileSync(join(dir, file), text.replace(process.execPath, "/gone/node"));
      chmodSync(join(dir, file), 0o755);
    }
    symlinkSync(process.execPath, join(bin, "node"));
    const env = { ...process.env, PATH: `${bin}:/usr/bin:/bin` };
    const { child, line } = await firstLine(join(dir, "pulumi-resource-auth0"), [], env);
    child.kill();
    assert.match(line, /^\d+$/);
  });

  test("ends when the process that started it is killed", async () => {
    // The parent prints the port that its child printed, then does nothing.
    const parent = `
      const child = require("node:child_process").spawn(process.argv[1], [], { stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.once("data", (port) => console.log(String(port)));
      setInterval(() => {}, 1000);`;
    const { child, line } = await firstLine(process.execPath, ["-e", parent, auth0()]);
    assert.isTrue(await serves(Number(line)));
    child.kill("SIGKILL");
    while (await serves(Number(line))) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

/** Whether anybody listens on a port. */
function serves(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
