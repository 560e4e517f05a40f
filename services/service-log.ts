/** @module The log of a service: opened for its output, kept to a size, and quoted when its start fails. */
import {
  closeSync,
  copyFileSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";

/** A log that is ready to be written to. */
export interface OpenLog {
  readonly file: string;
  /** File descriptor; the service gets a copy of it. */
  readonly fd: number;
  close(): void;
  /** The last lines that came since it was opened. */
  excerpt(): string;
}

/** A log that has grown beyond this many bytes is put aside as `NAME.log.1`; the one before it goes. */
const rotateBytes = 5 * 1024 * 1024;
const excerptLines = 20;
const excerptBytes = 8 * 1024;

/** Opens the log of a service for appending, readable by its owner alone. */
export function openLog(dir: string, name: string): OpenLog {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${name}.log`);
  if (sizeOf(file) > rotateBytes) renameSync(file, `${file}.1`);
  const fd = openSync(file, "a+", 0o600);
  fchmodSync(fd, 0o600);
  const start = fstatSync(fd).size;
  return { file, fd, close: () => closeSync(fd), excerpt: () => tail(fd, start) };
}

/**
 * Puts a grown log aside while its service writes on: a copy is made and the log begins anew, since the
 * service holds the file itself. A line that is written between the two is lost. Called by whoever looks
 * after the service: `ensure`, and a watch.
 */
export function rotateLog(dir: string, name: string): void {
  const file = join(dir, `${name}.log`);
  if (sizeOf(file) <= rotateBytes) return;
  const temporary = `${file}.1.${process.pid}`;
  copyFileSync(file, temporary);
  renameSync(temporary, `${file}.1`);
  // The service appends (openLog): its next line goes to the new end.
  truncateSync(file);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function tail(fd: number, start: number): string {
  const { size } = fstatSync(fd);
  const from = Math.max(start, size - excerptBytes);
  const bytes = Buffer.alloc(Math.max(0, size - from));
  readSync(fd, bytes, 0, bytes.length, from);
  return bytes.toString("utf8").trimEnd().split("\n").slice(-excerptLines).join("\n");
}
