/** @module The official release is used only as it was published, and given up on quickly. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { entryDir } from "../../engine/cache.ts";
import { findEngine } from "../../engine/find-engine.ts";
import { releaseVersion } from "../../engine/versions.ts";
import { eachMachine, engineScripts } from "./stand-in-programs.ts";

const machine = eachMachine();
const system = process.platform === "darwin" ? "darwin" : "linux";
const archiveName = `pulumi-v${releaseVersion}-${system}-${process.arch}.tar.gz`;
const sumsName = `pulumi-${releaseVersion}-checksums.txt`;
let archive: Buffer;
let server: Server;
let releases: string;
/** What the site serves, by file name; a function answers by itself. */
let files: Record<string, string | Buffer | RequestListener>;

beforeEach(async () => {
  // As the real one is packed: a folder `pulumi` with the CLI and its hosts.
  const packed = join(machine.dir, "packed");
  mkdirSync(packed);
  engineScripts(join(packed, "pulumi"), releaseVersion);
  const file = join(machine.dir, archiveName);
  execFileSync("tar", ["-czf", file, "-C", packed, "pulumi"]);
  archive = readFileSync(file);
  const hash = createHash("sha256").update(archive).digest("hex");
  files = {
    [sumsName]: `${"0".repeat(64)}  pulumi-v${releaseVersion}-windows-x64.zip\n${hash}  ${archiveName}\n`,
    [archiveName]: archive,
  };
  server = createServer((request, response) => {
    const found = files[request.url?.split("/").at(-1) ?? ""];
    if (typeof found === "function") found(request, response);
    else response.writeHead(found === undefined ? 404 : 200).end(found);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  releases = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/releases/sdk`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const find = () => findEngine({ env: machine.env, releases });

suite("the official release", () => {
  test("is downloaded, checked, unpacked, and found in the cache from then on", async () => {
    const engine = await find();
    const bin = join(entryDir(machine.cache, "release"), "bin");
    expect(engine).toEqual({
      pulumi: join(bin, "pulumi"),
      bin,
      origin: "release",
      version: releaseVersion,
    });
    expect(execFileSync(engine.pulumi, ["version"], { encoding: "utf8" }).trim()).toBe(
      `v${releaseVersion}`,
    );
    expect(existsSync(join(bin, "pulumi-language-nodejs"))).toBe(true);
    server.close();
    expect(await find()).toEqual({ ...engine, origin: "cache" });
  });

  test("is not unpacked when its SHA-256 is not the published one", async () => {
    files[archiveName] = Buffer.concat([archive, Buffer.from("x")]);
    await expect(find()).rejects.toMatchObject({
      code: "NO_ENGINE",
      message: expect.stringMatching(
        /official release: .* has SHA-256 [0-9a-f]{64}, published is [0-9a-f]{64}/,
      ),
    });
    expect(existsSync(entryDir(machine.cache, "release"))).toBe(false);
  });

  test.each([
    [
      "publishes no checksum for this platform",
      () => ({ [sumsName]: "\n" }),
      "no checksum is published",
    ],
    ["does not have this release", () => ({ [sumsName]: undefined }), "gave 404"],
    ["has the checksums and not the archive", () => ({ [archiveName]: undefined }), "gave 404"],
    [
      "breaks off in the middle of the archive",
      (): typeof files => ({
        [archiveName]: (_, response) => {
          response.writeHead(200, { "content-length": String(archive.length) });
          response.write(archive.subarray(0, 20), () => response.destroy());
        },
      }),
      "can't be reached",
    ],
    [
      "serves another version under this name",
      () => otherVersion(),
      "it came as version 3.1.0, not ",
    ],
  ])("is given up on when the site %s", async (_, change, reason) => {
    Object.assign(files, change());
    await expect(find()).rejects.toThrow(reason);
  });

  test("is given up on when the site does not answer", async () => {
    files[sumsName] = () => {};
    await expect(find()).rejects.toThrow("127.0.0.1:");
  }, 20_000);

  test("is not asked for again once the search was called off", async () => {
    const asked = new AbortController();
    files[sumsName] = () => asked.abort(new Error("called off"));
    await expect(findEngine({ env: machine.env, releases, signal: asked.signal })).rejects.toThrow(
      "called off",
    );
  });
});

function otherVersion(): typeof files {
  const packed = join(machine.dir, "other");
  engineScripts(join(packed, "pulumi"), "3.1.0");
  const file = join(machine.dir, "other.tar.gz");
  execFileSync("tar", ["-czf", file, "-C", packed, "pulumi"]);
  const bytes = readFileSync(file);
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { [sumsName]: `${hash}  ${archiveName}\n`, [archiveName]: bytes };
}
