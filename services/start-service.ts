/** @module One start of a service: port free, process recorded, let go, ready. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "../locks/process-start.ts";
import { inheritedEnvironment } from "./inherited-environment.ts";
import { isPortTaken, loopbackPort, type PortOwner, portOwner, startedWith } from "./port-owner.ts";
import { isReady } from "./readiness.ts";
import { redact } from "./redact.ts";
import { ServiceError } from "./service-error.ts";
import { type OpenLog, openLog } from "./service-log.ts";
import { recordFile, removeRecord, type ServiceRecord, writeRecord } from "./service-record.ts";
import { type ServiceSpec, specHash } from "./service-spec.ts";
import { type GatedProcess, spawnGated } from "./spawn-gated.ts";
import { stopProcess } from "./stop-process.ts";

/** How long a start may take where the spec doesn't say, in milliseconds. */
export const startMs = 30_000;
/** How often a starting service is asked whether it is ready. */
const askEveryMs = 50;
/** Variables that a service is started with, by which it is known when its record is lost. */
const marks = { record: "TVK_SERVICE_RECORD", instance: "TVK_INSTANCE" } as const;

/**
 * Starts a service and waits until it answers. The caller holds the service's lock and has made
 * sure that no recorded process of it runs.
 *
 * @throws {ServiceError} `PORT_TAKEN`, `SERVICE_DIED` or `SERVICE_NOT_READY`: nothing is left running.
 */
export async function startService(
  dir: string,
  spec: ServiceSpec,
  instance: string,
): Promise<ServiceRecord> {
  const cwd = existingFolder(spec);
  await freePort(dir, spec);
  const log = openLog(dir, spec.name);
  try {
    const env = {
      ...inheritedEnvironment(process.env),
      ...spec.env,
      [marks.record]: recordFile(dir, spec.name),
      [marks.instance]: instance,
    };
    const started = await spawnGated(spec.command, { cwd, env, log: log.fd });
    const record = recordOf(spec, instance, started);
    try {
      writeRecord(dir, record);
      started.open();
      await untilReady(dir, spec, started, log);
    } catch (error) {
      await stopProcess(started);
      removeRecord(dir, spec.name);
      throw error;
    }
    return record;
  } finally {
    log.close();
  }
}

function existingFolder({ name, cwd }: ServiceSpec): string {
  const folder = resolve(cwd);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new ServiceError(
    "SPEC_WRONG",
    `the service "${name}" starts in ${folder}, which is no folder`,
    "Name an existing folder as `cwd`.",
  );
}

/** Refuses a port that a stranger has, and ends a run of this very service whose record was lost. */
async function freePort(dir: string, { name, ready }: ServiceSpec): Promise<void> {
  const port = loopbackPort(ready.url);
  if (port === undefined || !(await isPortTaken(port))) return;
  const owner = portOwner(port);
  if (owner !== undefined && isRunOf(recordFile(dir, name), owner)) {
    await stopProcess({ pid: owner.group, processStart: processStart(owner.group) ?? "" });
    if (!(await isPortTaken(port))) return;
  }
  const who = owner === undefined ? "another process" : `process ${owner.pid} (${owner.command})`;
  throw new ServiceError(
    "PORT_TAKEN",
    `port ${port} of the service "${name}" is taken by ${who}`,
    owner === undefined
      ? `Find it with \`lsof -i :${port}\`, end it or choose another port, and run again.`
      : `End process ${owner.pid} or choose another port, and run again.`,
  );
}

function recordOf(spec: ServiceSpec, instance: string, started: GatedProcess): ServiceRecord {
  return {
    name: spec.name,
    pid: started.pid,
    processStart: started.processStart,
    instance,
    specHash: specHash(spec),
    url: new URL(spec.ready.url).origin,
    ready: spec.ready,
    startedAt: new Date().toISOString(),
  };
}

async function untilReady(
  dir: string,
  spec: ServiceSpec,
  started: GatedProcess,
  log: OpenLog,
): Promise<void> {
  const timeoutMs = spec.timeoutMs ?? startMs;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const ready = (await isReady(spec.ready)) && answersItself(dir, spec);
    const ended = started.ended();
    if (ended !== undefined) {
      throw new ServiceError(
        "SERVICE_DIED",
        `the service "${spec.name}" ended at its start (${ended}); ${quoted(spec, log)}`,
        `The whole log is ${log.file}.`,
      );
    }
    if (ready) return;
    if (Date.now() >= deadline) {
      throw new ServiceError(
        "SERVICE_NOT_READY",
        `the service "${spec.name}" gave no 2xx at ${spec.ready.url} within ${timeoutMs / 1000} s; ${quoted(spec, log)}`,
        `It was stopped. The whole log is ${log.file}.`,
      );
    }
    await sleep(askEveryMs);
  }
}

/** Guards against an answer from a stranger who took the port after we looked. */
function answersItself(dir: string, { name, ready }: ServiceSpec): boolean {
  const port = loopbackPort(ready.url);
  const owner = port === undefined ? undefined : portOwner(port);
  return owner === undefined || isRunOf(recordFile(dir, name), owner);
}

/** True for the process that was started for this record, and for those that it started. */
function isRunOf(record: string, owner: PortOwner): boolean {
  return startedWith(owner.pid, marks.record) === record;
}

function quoted(spec: ServiceSpec, log: OpenLog): string {
  const lines = redact(log.excerpt(), spec.env);
  return lines === "" ? "its log is empty" : `its log ends with:\n${lines}`;
}
