/** @module An engine in the cache is used only as long as it is what was put there. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, suite, test } from "vitest";
import { cacheDir, cachedEngine, entryDir, keepEngine } from "../../engine/cache.ts";
import { engineLayout } from "../../engine/engine.ts";
import { eachMachine, engineScripts } from "./stand-in-programs.ts";

const machine = eachMachine();
const make = async (dir: string) => {
  engineScripts(engineLayout(dir).bin, "3.245.0");
  return "3.245.0";
};
const keep = () => keepEngine(machine.cache, "go", make);

suite("cacheDir()", () => {
  test("is TVK_CACHE_DIR where that is set", () => {
    expect(cacheDir({ TVK_CACHE_DIR: "/own", XDG_CACHE_HOME: "/xdg", HOME: "/home/a" })).toBe(
      "/own",
    );
  });

  test.runIf(process.platform === "linux")(
    "XDG Base Directory: is in XDG_CACHE_HOME, else in ~/.cache; a relative one is ignored (Linux)",
    () => {
      expect(cacheDir({ XDG_CACHE_HOME: "/xdg", HOME: "/home/a" })).toBe("/xdg/token-vault-kit");
      expect(cacheDir({ HOME: "/home/a" })).toBe("/home/a/.cache/token-vault-kit");
      expect(cacheDir({ XDG_CACHE_HOME: "xdg", HOME: "/home/a" })).toBe(
        "/home/a/.cache/token-vault-kit",
      );
    },
  );
});

suite("keepEngine()", () => {
  test("puts a new engine in place, and the next look finds it", async () => {
    const made = await keep();
    const { bin, pulumi } = engineLayout(entryDir(machine.cache, "go"));
    expect(made).toEqual({ pulumi, bin, origin: "go", version: "3.245.0" });
    expect(await cachedEngine(machine.cache)).toEqual({ ...made, origin: "cache" });
  });

  test("lets every user read what it keeps", async () => {
    await keep();
    expect(statSync(entryDir(machine.cache, "go")).mode & 0o777).toBe(0o755);
  });

  test("leaves nothing behind when the making fails", async () => {
    const fail = () => Promise.reject(new Error("no disk"));
    await expect(keepEngine(machine.cache, "go", fail)).rejects.toThrow("no disk");
    expect(readdirSync(join(machine.cache, "engine"))).toEqual([]);
  });

  test("removes what a killed maker left half done", async () => {
    const left = join(machine.cache, "engine", "making-abc", "bin");
    mkdirSync(left, { recursive: true });
    await keep();
    expect(existsSync(left)).toBe(false);
  });

  test("replaces a damaged engine", async () => {
    const { pulumi } = await keep();
    writeFileSync(pulumi, "");
    await keep();
    expect((await cachedEngine(machine.cache)).pulumi).toBe(pulumi);
  });
});

suite("cachedEngine()", () => {
  let pulumi: string;
  beforeEach(async () => {
    ({ pulumi } = await keep());
  });

  test("finds none in a cache that does not exist", async () => {
    await expect(cachedEngine(join(machine.dir, "nowhere"))).rejects.toThrow("holds none");
  });

  test("refuses a truncated file", async () => {
    truncateSync(pulumi, 5);
    await expect(cachedEngine(machine.cache)).rejects.toThrow(`${pulumi} has 5 bytes, not `);
  });

  test("refuses a file of the same size with other content", async () => {
    const bytes = readFileSync(pulumi);
    bytes[3] = 0;
    writeFileSync(pulumi, bytes);
    await expect(cachedEngine(machine.cache)).rejects.toThrow(
      `${pulumi} has changed since it was made`,
    );
  });

  test("refuses an engine of which a file is missing", async () => {
    rmSync(engineLayout(entryDir(machine.cache, "go")).host);
    await expect(cachedEngine(machine.cache)).rejects.toThrow("is not whole");
  });

  test.each(["", "{", "{}"])("refuses an engine whose record is %j", async (text) => {
    writeFileSync(join(entryDir(machine.cache, "go"), "engine.json"), text);
    await expect(cachedEngine(machine.cache)).rejects.toThrow("is not whole");
  });

  test("takes files that have another time and the same content", async () => {
    utimesSync(pulumi, 1_000, 1_000);
    expect((await cachedEngine(machine.cache)).pulumi).toBe(pulumi);
  });

  test("prefers the official release, and falls back on the built engine when that is damaged", async () => {
    const official = await keepEngine(machine.cache, "release", make);
    expect((await cachedEngine(machine.cache)).pulumi).toBe(official.pulumi);
    truncateSync(official.pulumi, 0);
    expect((await cachedEngine(machine.cache)).pulumi).toBe(pulumi);
  });
});
