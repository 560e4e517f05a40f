/** @module One start of a service: port free, process recorded, let go, ready. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "../locks/process-start.ts";
import { inheritedEnvironment } from "./inherited-environment.ts";
import {
  freePort,
  groupsStartedWith,
  isPortTaken,
  loopbackPort,
  type PortOwner,
  portOwner,
  startedWith,
} from "./port-owner.ts";
import { readPublicUrl } from "./public-url.ts";
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
  wanted: ServiceSpec,
  instance: string,
): Promise<ServiceRecord> {
  const spec = await withPort(wanted);
  const cwd = existingFolder(spec);
  await makeRoom(dir, spec, wanted !== spec);
  const log = openLog(dir, spec.name);
  try {
    const env = {
      ...inheritedEnvironment(process.env),
      ...spec.env,
      [marks.record]: recordFile(dir, spec.name),
      [marks.instance]: instance,
    };
    const started = await spawnGated(spec.command, { cwd, env, log: log.fd });
    const record = recordOf(spec, instance, started, specHash(wanted));
    try {
      writeRecord(dir, record);
      started.open();
      const url = await untilReady(dir, spec, started, log);
      if (url === record.url) return record;
      const reached = { ...record, url };
      writeRecord(dir, reached);
      return reached;
    } catch (error) {
      await stopProcess(started);
      removeRecord(dir, spec.name);
      throw error;
    }
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

/** The spec with a free port where it says `{port}`; the same object where it says none. */
async function withPort(spec: ServiceSpec): Promise<ServiceSpec> {
  const { name, command, ready, publicUrl } = spec;
  const parts = JSON.stringify({
    command,
    ready,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  });
  if (!parts.includes("{port}")) return spec;
  const port = String(await freePort());
  return { ...spec, ...JSON.parse(parts.replaceAll("{port}", port)), name };
}

/** Ends runs of this very service whose record was lost, and refuses to take a stranger's place. */
async function makeRoom(dir: string, spec: ServiceSpec, anyPort: boolean): Promise<void> {
  const { name, ready } = spec;
  if (!anyPort && ready.through !== true) return clearPort(dir, spec);
  for (const group of groupsStartedWith(marks.record, recordFile(dir, name))) {
    await stopProcess({ pid: group, processStart: processStart(group) ?? "" });
  }
  if (ready.through !== true || !(await isReady(ready))) return;
  throw new ServiceError(
    "PORT_TAKEN",
    `${ready.url} answers already, before the service "${name}" has been started: another tunnel leads there`,
    "End that tunnel (it may run on another machine), or give this one another port and URL.",
  );
}

/** Refuses a port that a stranger has, and ends a run of this very service whose record was lost. */
async function clearPort(dir: string, { name, ready }: ServiceSpec): Promise<void> {
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

function recordOf(
  spec: ServiceSpec,
  instance: string,
  started: GatedProcess,
  hash: string,
): ServiceRecord {
  const { publicUrl } = spec;
  return {
    name: spec.name,
    pid: started.pid,
    processStart: started.processStart,
    instance,
    specHash: hash,
    url: typeof publicUrl === "string" ? publicUrl : new URL(spec.ready.url).origin,
    ready: spec.ready,
    ...(typeof publicUrl === "object" ? { publicUrl } : {}),
    startedAt: new Date().toISOString(),
  };
}

async function untilReady(
  dir: string,
  spec: ServiceSpec,
  started: GatedProcess,
  log: OpenLog,
): Promise<string> {
  const timeoutMs = spec.timeoutMs ?? startMs;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const ready = (await isReady(spec.ready)) && answersItself(dir, spec);
    const url = ready ? await reachedAt(spec) : undefined;
    const ended = started.ended();
    if (ended !== undefined) {
      throw new ServiceError(
        "SERVICE_DIED",
        `the service "${spec.name}" ended at its start (${ended}); ${quoted(spec, log)}`,
        `The whole log is ${log.file}.`,
      );
    }
    if (url !== undefined) return url;
    if (performance.now() >= deadline) {
      throw new ServiceError(
        "SERVICE_NOT_READY",
        `the service "${spec.name}" gave no ${typeof spec.publicUrl === "object" ? "public URL" : "2xx"} at ${askedAt(spec)} within ${timeoutMs / 1000} s; ${quoted(spec, log)}`,
        `It was stopped. The whole log is ${log.file}.`,
      );
    }
    await sleep(askEveryMs);
  }
}

/** Where others reach a service that is ready; undefined while its agent does not know yet. */
async function reachedAt({ publicUrl, ready }: ServiceSpec): Promise<string | undefined> {
  if (typeof publicUrl === "object") return readPublicUrl(publicUrl);
  return publicUrl ?? new URL(ready.url).origin;
}

/** Guards against an answer from a stranger who took the port after we looked. */
function answersItself(dir: string, { name, ready }: ServiceSpec): boolean {
  if (ready.through === true) return true;
  const port = loopbackPort(ready.url);
  const owner = port === undefined ? undefined : portOwner(port);
  return owner === undefined || isRunOf(recordFile(dir, name), owner);
}

function askedAt({ publicUrl, ready }: ServiceSpec): string {
  return typeof publicUrl === "object" ? publicUrl.url : ready.url;
}

/** True for the process that was started for this record, and for those that it started. */
function isRunOf(record: string, owner: PortOwner): boolean {
  return startedWith(owner.pid, marks.record) === record;
}

function quoted(spec: ServiceSpec, log: OpenLog): string {
  const lines = redact(log.excerpt(), spec.env);
  return lines === "" ? "its log is empty" : `its log ends with:\n${lines}`;
}
