/** @module Keeping services alive while somebody watches: what has died is started again, with back-off. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rotateLog } from "./service-log.ts";
import { isAlive, readRecord, type ServiceRecord } from "./service-record.ts";
import type { ServiceSpec } from "./service-spec.ts";
import { supervisor } from "./supervisor.ts";

/** Whom to watch, and whom to tell. */
export interface WatchOptions {
  /** How the services are described now: asked at the begin, and again whenever one has died. */
  readonly specs: () => Promise<readonly ServiceSpec[]>;
  /** Told one plain line about each thing that happened. */
  readonly note: (line: string) => void;
  /** Called when a service has come to another address. What it rejects with is noted. */
  readonly moved?: (name: string, url: string) => Promise<void>;
  /** Ends the watch; a start that is under way is seen through. */
  readonly signal: AbortSignal;
  /** Waits between one death and the next start, in milliseconds; after the last it is left alone. */
  readonly backOffMs?: readonly number[];
  /** A service that has lived for so long after its start is taken for mended, in milliseconds. Default a minute. */
  readonly steadyMs?: number;
}

/** At once, and then ever later: five starts within half a minute. */
const defaultBackOffMs = [0, 1_000, 3_000, 8_000, 15_000];
const defaultSteadyMs = 60_000;
/** How often the records are looked at. */
const lookMs = 500;

/** How long another command has for what it does to a dead service. */
const othersMs = 5_000;

/** What is known of one service. */
interface Watched {
  /** The last run of it that was seen alive, or its dead record. Undefined: somebody has stopped it. */
  seen: ServiceRecord | undefined;
  /** Deaths in a row, without a steady life between. */
  deaths: number;
  /** Process whose death is counted. */
  dead: number | undefined;
  /** When the next start is due, by the clock that never jumps (performance.now()). Undefined while nothing is to be done. */
  startAt: number | undefined;
}

/**
 * Watches the services of `dir` until the signal: a dead one is started again as the same run, so that
 * the stack it belongs to sees no change. One that was stopped by `stop` stays so.
 *
 * Never rejects for what happens to a service.
 */
export async function watchServices(dir: string, options: WatchOptions): Promise<void> {
  const folder = resolve(dir);
  const watched = new Map<string, Watched>();
  for (const { name } of await options.specs()) {
    const seen = readRecord(folder, name);
    watched.set(name, { seen, deaths: 0, dead: undefined, startAt: undefined });
  }
  while (!options.signal.aborted) {
    for (const [name, service] of watched) {
      keepLogSmall(folder, name);
      await look(folder, name, service, options);
    }
    await sleep(lookMs, undefined, { signal: options.signal }).catch(() => {});
  }
}

function keepLogSmall(dir: string, name: string): void {
  try {
    rotateLog(dir, name);
  } catch {
    // No room for the copy: the next look tries again, and the service matters more.
  }
}

async function look(dir: string, name: string, service: Watched, options: WatchOptions) {
  if (options.signal.aborted) return;
  const record = readRecord(dir, name);
  if (record === undefined) {
    if (service.seen !== undefined) options.note(`${name} was stopped; it is not started again.`);
    Object.assign(service, { seen: undefined, deaths: 0, startAt: undefined });
    return;
  }
  if (isAlive(record)) await lives(name, record, service, options);
  else await isDead(dir, record, service, options);
}

async function lives(name: string, record: ServiceRecord, service: Watched, options: WatchOptions) {
  const { seen } = service;
  const livedMs = Date.now() - Date.parse(record.startedAt);
  if (seen?.pid !== record.pid || livedMs >= (options.steadyMs ?? defaultSteadyMs)) {
    service.deaths = 0;
  }
  Object.assign(service, { seen: record, startAt: undefined });
  if (seen === undefined || seen.url === record.url) return;
  options.note(`${name} is at ${record.url} now; it was at ${seen.url}.`);
  await options.moved?.(name, record.url).catch((error) => options.note(message(error)));
}

async function isDead(dir: string, record: ServiceRecord, service: Watched, options: WatchOptions) {
  const { name } = record;
  const waits = options.backOffMs ?? defaultBackOffMs;
  if (service.dead !== record.pid) died(dir, name, service, waits, options);
  Object.assign(service, { seen: record, dead: record.pid });
  if (service.startAt === undefined || performance.now() < service.startAt) return;
  try {
    const spec = (await options.specs()).find((each) => each.name === name);
    if (spec === undefined) throw new Error("nothing says any more how it is started");
    const run = await supervisor(dir, options.note).revive(spec, record);
    // Somebody else is at it: what they make of it is seen at one of the next looks.
    if (run === undefined) service.startAt = performance.now() + othersMs;
    if (run === undefined) return;
    const revived = readRecord(dir, name);
    // The same address is no move, and the deaths count until it has lived for a while.
    Object.assign(service, { seen: revived ?? record, startAt: undefined });
    options.note(`${name} had died and runs again at ${run.url} (process ${run.pid}).`);
  } catch (error) {
    options.note(`${name} has died and could not be started: ${message(error)}`);
    died(dir, name, service, waits, options);
  }
}

/** Counts one death and says when to start again, or that nobody will. */
function died(
  dir: string,
  name: string,
  service: Watched,
  waits: readonly number[],
  { note }: WatchOptions,
): void {
  const waitMs = waits[service.deaths];
  service.deaths += 1;
  service.startAt = waitMs === undefined ? undefined : performance.now() + waitMs;
  if (waitMs === undefined && service.deaths === waits.length + 1) {
    note(
      `${name} has died ${service.deaths} times in a row and is left alone now. Its log: ${dir}/${name}.log. Once that is mended, run tvk up in another terminal.`,
    );
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
