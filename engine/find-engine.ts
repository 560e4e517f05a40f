/** @module Where Pulumi comes from: what is installed, else what was made before, else a new one. */
import { existsSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { holderInWords, LockError, type LockHolder, withLock } from "../locks/file-lock.ts";
import { cacheDir, cachedEngine, cacheUnusable, keepEngine } from "./cache.ts";
import { cliName, type Engine, engineLayout, type Making } from "./engine.ts";
import { EngineError, NotThisWay } from "./engine-error.ts";
import { goBuild } from "./go-build.ts";
import { heartbeat, type Report } from "./heartbeat.ts";
import { officialRelease } from "./official-release.ts";
import { cliVersion, onPath, pathEngine } from "./path-engine.ts";
import { leastCliVersion, leastGoVersion } from "./versions.ts";

/** How to look for an engine. */
export interface FindEngineOptions {
  /** Gets a line at least every second while there is something to wait for. */
  readonly progress?: Report;
  /** Ends the search; the reason is thrown. */
  readonly signal?: AbortSignal;
  /** Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder of URLs with the official releases. Default: Pulumi's own. */
  readonly releases?: string;
}

/**
 * Finds a Pulumi engine that runs, or makes one.
 *
 * In this order: `pulumi` and its Node language host on the PATH; an engine that was made before, in
 * the user's cache; the official release; the official Go modules, built here. Of several processes
 * that look at once, one makes it and the others wait for it.
 *
 * @throws {EngineError} `NO_ENGINE`: no way led to one. `CACHE_UNUSABLE`: it could not be kept.
 */
export async function findEngine(options: FindEngineOptions = {}): Promise<Engine> {
  const { signal, env = process.env, progress: report = () => {} } = options;
  const making: Making = { env, report, signal, cacheDir: cacheDir(env) };
  const tried: string[] = [];
  const own = await attempt(tried, "PATH", () => usersEngine(making));
  if (own !== undefined) return own;
  const kept = await attempt(tried, "cache", () => cachedEngine(making.cacheDir));
  if (kept !== undefined) return kept;
  return alone(making, async () => {
    // Whoever had the lock before us may have made it.
    const made = await attempt([], "cache", () => cachedEngine(making.cacheDir));
    return made ?? (await madeNow(making, tried, options.releases));
  });
}

/** An engine on the PATH, unless it is the one in our cache, whose files are to be checked. */
function usersEngine({ env, cacheDir: cache }: Making): Promise<Engine> {
  const pulumi = onPath(cliName, env);
  const ours = pulumi !== undefined && existsSync(cache) && isWithin(realpathSync(pulumi), cache);
  if (ours) throw new NotThisWay("the one there is our own");
  return pathEngine(env);
}

function isWithin(file: string, dir: string): boolean {
  return file.startsWith(realpathSync(dir) + sep);
}

/** Holds the cache's lock, and says whom it waits for while another has it. */
async function alone(making: Making, work: () => Promise<Engine>): Promise<Engine> {
  const { cacheDir: cache, signal, report } = making;
  let endWait = () => {};
  const waiting = (holder: LockHolder | undefined) => {
    endWait();
    endWait = heartbeat(
      report,
      () => `waiting for ${holderInWords(holder)}, which is making the engine`,
    );
  };
  try {
    // Making one takes minutes: such a wait is told at once.
    const told = { waiting, quietMs: 0 };
    const options = signal === undefined ? told : { ...told, signal };
    return await withLock(join(cache, "engine", "engine.lock"), options, () => {
      endWait();
      return work();
    });
  } catch (error) {
    if (error instanceof LockError) throw cacheUnusable(cache, error);
    throw error;
  } finally {
    endWait();
  }
}

async function madeNow(
  making: Making,
  tried: string[],
  releases: string | undefined,
): Promise<Engine> {
  const ways = [
    ["release", "official release", (dir: string) => officialRelease(dir, making, releases)],
    ["go", "Go modules", (dir: string) => goBuild(dir, making)],
  ] as const;
  for (const [source, title, make] of ways) {
    const made = await attempt(tried, title, () =>
      keepEngine(making.cacheDir, source, async (dir) => {
        const version = await make(dir);
        const found = await cliVersion(engineLayout(dir).pulumi, making.env);
        if (found === version) return version;
        throw new NotThisWay(`it came as version ${found}, not ${version}`);
      }),
    );
    if (made !== undefined) return made;
  }
  throw new EngineError(
    "NO_ENGINE",
    `no Pulumi engine can be had:\n${tried.map((line) => `  ${line}`).join("\n")}`,
    `Install Pulumi ${leastCliVersion} or later (https://www.pulumi.com/docs/install/), or Go ${leastGoVersion} or later, or Python 3 with pip; then run again.`,
  );
}

async function attempt<Result>(
  tried: string[],
  title: string,
  way: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await way();
  } catch (error) {
    if (!(error instanceof NotThisWay)) throw error;
    tried.push(`${title}: ${error.message}`);
    return undefined;
  }
}
