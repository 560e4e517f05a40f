/** @module The official release: downloaded from Pulumi's site, checked against its published checksum. */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import http, { type setGlobalProxyFromEnv } from "node:http";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sha256 } from "./cache.ts";
import { engineLayout, type Making } from "./engine.ts";
import { NotThisWay } from "./engine-error.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { runCommand } from "./run-command.ts";
import { releaseVersion } from "./versions.ts";

/** Where the releases lie. */
const officialReleases = "https://get.pulumi.com/releases/sdk";

/** How long the site has to answer: without the internet, the next way must not wait for long. */
const answerMs = 4_000;
/** How long a download may stand still. */
const stallMs = 15_000;

const platforms: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "darwin" };

/**
 * Downloads the release into `dir`: its `pulumi` folder becomes `bin`.
 *
 * Two GETs: the checksums, then the archive. Nothing is unpacked before its checksum fits.
 *
 * @param releases Default Pulumi's own.
 * @returns The CLI's version.
 * @throws {NotThisWay} No answer, no such release, or an archive that is not the published one.
 */
export async function officialRelease(
  dir: string,
  making: Making,
  releases: string = officialReleases,
): Promise<string> {
  const system = platforms[process.platform];
  if (system === undefined || !["x64", "arm64"].includes(process.arch)) {
    throw new NotThisWay(`there is none for ${process.platform} ${process.arch}`);
  }
  const name = `pulumi-v${releaseVersion}-${system}-${process.arch}.tar.gz`;
  const restore = useProxies(making.env);
  try {
    await fetchChecked(dir, name, making, releases);
  } finally {
    restore();
  }
  await unpack(dir, join(dir, name), making);
  return releaseVersion;
}

async function fetchChecked(
  dir: string,
  name: string,
  making: Making,
  releases: string,
): Promise<void> {
  const sums = await published(`${releases}/pulumi-${releaseVersion}-checksums.txt`, making);
  const wanted = checksum(sums, name);
  const archive = join(dir, name);
  await download(`${releases}/${name}`, archive, making);
  const found = await sha256(archive);
  if (found !== wanted)
    throw new NotThisWay(`${name} has SHA-256 ${found}, published is ${wanted}`);
}

/** Sends requests through the proxies that the environment names, where this Node can. */
function useProxies(env: NodeJS.ProcessEnv): () => void {
  const set: typeof setGlobalProxyFromEnv | undefined = http.setGlobalProxyFromEnv;
  return set === undefined ? () => {} : set(env);
}

async function published(url: string, making: Making): Promise<string> {
  making.report(`asking ${new URL(url).host} for the official release`);
  const response = await ask(url, making, AbortSignal.timeout(answerMs));
  return response.text();
}

/** The line `HASH  NAME` of a checksums file. */
function checksum(sums: string, name: string): string {
  const line = sums.split("\n").find((each) => each.trim().split(/\s+\*?/)[1] === name);
  const [hash = ""] = line?.trim().split(/\s+/) ?? [];
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new NotThisWay(`no checksum is published for ${name}`);
  return hash;
}

async function download(url: string, file: string, making: Making): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error("the download stands still")), stallMs);
  let bytes = 0;
  let total = "";
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      timer.refresh();
      done(null, chunk);
    },
  });
  const describe = () => `downloading Pulumi ${releaseVersion}: ${megabytes(bytes)}${total} MB`;
  await withHeartbeat(making.report, describe, async () => {
    try {
      const response = await ask(url, making, stalled.signal);
      const length = Number(response.headers.get("content-length") ?? 0);
      if (length > 0) total = ` of ${megabytes(length)}`;
      if (response.body === null) throw new NotThisWay(`${url} is empty`);
      await pipeline(Readable.fromWeb(response.body), count, createWriteStream(file));
    } catch (error) {
      throw refused(url, error, making);
    } finally {
      clearTimeout(timer);
    }
  });
}

async function ask(url: string, making: Making, limit: AbortSignal): Promise<Response> {
  const signals = making.signal === undefined ? [limit] : [limit, making.signal];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new NotThisWay(`${url} gave ${response.status}`);
  } catch (error) {
    throw refused(url, error, making);
  }
}

/** What the user asked for stays what it is; anything else means that this way is closed. */
function refused(url: string, error: unknown, making: Making): unknown {
  if (making.signal?.aborted === true) return making.signal.reason;
  if (error instanceof NotThisWay) return error;
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const reason = cause instanceof Error && cause.message !== "" ? cause.message : message;
  return new NotThisWay(`${new URL(url).host} can't be reached (${reason})`, { cause: error });
}

async function unpack(dir: string, archive: string, making: Making): Promise<void> {
  const { env, signal, report } = making;
  const describe = () => `unpacking Pulumi ${releaseVersion}`;
  await withHeartbeat(report, describe, () =>
    runCommand("tar", ["-xzf", archive, "-C", dir], { env, signal }),
  );
  await rm(archive);
  await mkdir(dir, { recursive: true });
  await rename(join(dir, "pulumi"), engineLayout(dir).bin);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}
