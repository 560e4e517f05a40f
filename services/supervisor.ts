/** @module The one who starts, adopts, replaces, watches and stops the services of a project. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holderInWords, type LockHolder, withLock } from "../locks/file-lock.ts";
import { isReady } from "./readiness.ts";
import { rotateLog } from "./service-log.ts";
import {
  isAlive,
  readRecord,
  readRecords,
  removeRecord,
  type ServiceRecord,
  writeRecord,
} from "./service-record.ts";
import { readServiceName, readServiceSpec, type ServiceSpec, specHash } from "./service-spec.ts";
import { startMs, startService } from "./start-service.ts";
import { stopProcess } from "./stop-process.ts";

/** A service that answers. */
export interface EnsuredService {
  readonly name: string;
  /** Where others reach it: its origin, or a tunnel's public URL. */
  readonly url: string;
  readonly pid: number;
  readonly instance: string;
  /** `adopted`: it ran as described. `replaced`: another run of it was stopped first. */
  readonly outcome: "started" | "adopted" | "replaced";
}

/** A process that runs; whether it answers was not asked. */
export interface LiveService {
  readonly pid: number;
  readonly instance: string;
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What is known of a service that was started and not stopped. */
export interface ServiceStatus extends LiveService {
  readonly name: string;
  /** Its process runs. */
  readonly alive: boolean;
  /** It answers, too. */
  readonly ready: boolean;
  /** File that its output goes to. */
  readonly log: string;
}

/** The services of one folder. */
export interface Supervisor {
  /**
   * Makes sure that the service runs as described, and answers.
   *
   * @throws {ServiceError} It can't be started, or the description is wrong.
   */
  ensure(spec: ServiceSpec): Promise<EnsuredService>;
  /**
   * Starts a dead service again, as the run that its record names; as a new one where it has come to
   * another address, as a tunnel may. Does nothing where by now it lives,
   * was stopped, or is another run than `dead`.
   *
   * @returns Undefined where it did nothing.
   * @throws {ServiceError} It can't be started: its record stays that of a dead service.
   */
  revive(spec: ServiceSpec, dead: ServiceRecord): Promise<EnsuredService | undefined>;
  /**
   * Stops the service. Given an instance, it stops that one and leaves any other alone.
   *
   * @returns False when there was nothing to stop.
   */
  stop(name: string, options?: { readonly instance?: string | undefined }): Promise<boolean>;
  /**
   * Gives a running service another instance, so that a program which asks for the live one asks for another
   * than its state has, and its settings are looked at again. Nothing is started or stopped.
   *
   * @param known Whether the state knows this very process; then nothing is done.
   * @returns False where nothing was done.
   */
  renew(name: string, known: (pid: number) => boolean): Promise<boolean>;
  /** Every service that was started and not stopped, those that died among them. */
  status(): Promise<ServiceStatus[]>;
  /** The running process of a service. One look at the disk; never throws. */
  live(name: string): LiveService | undefined;
}

/** How long an adopted service that is past its start may take to answer, in milliseconds. */
const adoptMs = 3_000;
/** How long to wait for another ensure or stop of the same service, beyond its own start. */
const turnMs = 30_000;

/**
 * The supervisor of the services whose records and logs lie in `dir`. Makes nothing by itself.
 *
 * @param note Is told one line about whoever makes a call wait. Default: nobody is told.
 */
export function supervisor(dir: string, note: (line: string) => void = () => {}): Supervisor {
  const folder = resolve(dir);
  const inTurn = <Result>(name: string, work: () => Promise<Result>, timeoutMs = startMs) => {
    const waiting = (holder: LockHolder | undefined) =>
      note(`Waiting for ${holderInWords(holder)}, which starts or stops the service "${name}".`);
    const wait = { timeoutMs: timeoutMs + turnMs, waiting };
    return withLock(join(folder, `${name}.lock`), wait, work);
  };
  return {
    async ensure(wanted) {
      const spec = readServiceSpec(wanted);
      return inTurn(spec.name, () => ensure(folder, spec), spec.timeoutMs);
    },
    async revive(wanted, dead) {
      const spec = readServiceSpec(wanted);
      return inTurn(spec.name, () => revive(folder, spec, dead), spec.timeoutMs);
    },
    async stop(name, { instance } = {}) {
      readServiceName({ name });
      if (!existsSync(folder)) return false;
      return inTurn(name, () => stop(folder, name, instance));
    },
    async renew(name, known) {
      readServiceName({ name });
      if (!existsSync(folder)) return false;
      // An ensure of a killed run may still be at it.
      return inTurn(name, async () => {
        const record = readRecord(folder, name);
        if (record === undefined || !isAlive(record) || known(record.pid)) return false;
        writeRecord(folder, { ...record, instance: randomUUID() });
        return true;
      });
    },
    status: () => Promise.all(readRecords(folder).map((record) => statusOf(folder, record))),
    live(name) {
      const record = readRecord(folder, name);
      return record && isAlive(record) ? liveService(record) : undefined;
    },
  };
}

async function ensure(dir: string, spec: ServiceSpec): Promise<EnsuredService> {
  const found = readRecord(dir, spec.name);
  const running = found && isAlive(found) ? found : undefined;
  if (running && fits(running, spec) && (await answers(running, spec))) {
    rotateLog(dir, spec.name);
    return ensured(running, "adopted");
  }
  const replaced = running !== undefined && (await stopProcess(running));
  const record = await startService(dir, spec, spec.instance ?? randomUUID());
  return ensured(record, replaced ? "replaced" : "started");
}

async function revive(
  dir: string,
  spec: ServiceSpec,
  dead: ServiceRecord,
): Promise<EnsuredService | undefined> {
  const found = readRecord(dir, spec.name);
  if (found === undefined || isAlive(found) || found.instance !== dead.instance) return undefined;
  if (spec.instance !== undefined && spec.instance !== found.instance) return undefined;
  try {
    const run = await startService(dir, spec, found.instance);
    if (run.url === found.url) return ensured(run, "started");
    // At another address it is another run, so that the stack sees the change.
    const moved = { ...run, instance: randomUUID() };
    writeRecord(dir, moved);
    return ensured(moved, "started");
  } catch (error) {
    // Without a record it would count as stopped.
    writeRecord(dir, found);
    throw error;
  }
}

async function stop(dir: string, name: string, instance: string | undefined): Promise<boolean> {
  const found = readRecord(dir, name);
  if (found === undefined || (instance !== undefined && found.instance !== instance)) return false;
  const stopped = await stopProcess(found);
  removeRecord(dir, name);
  return stopped;
}

function fits(record: ServiceRecord, spec: ServiceSpec): boolean {
  if (spec.instance !== undefined && spec.instance !== record.instance) return false;
  return record.specHash === specHash(spec);
}

/** Waits for a service whose start another caller began and did not live to see through. */
async function answers(record: ServiceRecord, spec: ServiceSpec): Promise<boolean> {
  const wholeMs = spec.timeoutMs ?? startMs;
  const leftMs = Date.parse(record.startedAt) + wholeMs - Date.now();
  // A clock that was moved since makes no wait longer than a whole start.
  const deadline = performance.now() + Math.min(wholeMs, Math.max(leftMs, adoptMs));
  while (isAlive(record) && performance.now() < deadline) {
    if (await isReady(record.ready)) return isAlive(record);
    await sleep(50);
  }
  return false;
}

async function statusOf(dir: string, record: ServiceRecord): Promise<ServiceStatus> {
  const alive = isAlive(record);
  return {
    name: record.name,
    ...liveService(record),
    alive,
    ready: alive && (await isReady(record.ready)),
    log: join(dir, `${record.name}.log`),
  };
}

function liveService({ pid, instance, url, startedAt }: ServiceRecord): LiveService {
  return { pid, instance, url, startedAt };
}

function ensured(record: ServiceRecord, outcome: EnsuredService["outcome"]): EnsuredService {
  const { name, url, pid, instance } = record;
  return { name, url, pid, instance, outcome };
}
