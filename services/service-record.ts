/** @module What is written down about a running service, so that the next caller finds it. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { namesIfThere } from "../locks/if-there.ts";
import { processStart } from "../locks/process-start.ts";
import { replaceFile } from "../locks/whole-file.ts";
import type { PublicUrlApi } from "./public-url.ts";

/** One run of a service. Holds no secret: of the environment, only a hash over the whole spec. */
export interface ServiceRecord {
  readonly name: string;
  readonly pid: number;
  /** Tells the process from a later one with its pid. */
  readonly processStart: string;
  readonly instance: string;
  readonly specHash: string;
  /** Where others reach the service: its origin, or a tunnel's public URL. */
  readonly url: string;
  readonly ready: { readonly url: string; readonly caFile?: string; readonly through?: boolean };
  /** Where a tunnel's agent tells its public URL. */
  readonly publicUrl?: PublicUrlApi;
  /** ISO 8601. */
  readonly startedAt: string;
}

const suffix = ".json";

/** Where the record of a service lies. */
export function recordFile(dir: string, name: string): string {
  return join(dir, `${name}${suffix}`);
}

/** The record of a service, whether it lives or not. Undefined where there is none that can be read. */
export function readRecord(dir: string, name: string): ServiceRecord | undefined {
  try {
    const record: ServiceRecord = JSON.parse(readFileSync(recordFile(dir, name), "utf8"));
    return record.name === name && typeof record.pid === "number" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** True when the very process of the record runs: a later one with its pid does not count. */
export function isAlive(record: ServiceRecord): boolean {
  return processStart(record.pid) === record.processStart;
}

/** Writes a record whole or not at all. */
export function writeRecord(dir: string, record: ServiceRecord): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = recordFile(dir, record.name);
  replaceFile(file, `${JSON.stringify(record)}\n`);
}

/** Removes a record, if it is there. */
export function removeRecord(dir: string, name: string): void {
  rmSync(recordFile(dir, name), { force: true });
}

/** Every record of a folder. */
export function readRecords(dir: string): ServiceRecord[] {
  return namesIfThere(dir)
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => readRecord(dir, file.slice(0, -suffix.length)))
    .filter((record) => record !== undefined);
}
