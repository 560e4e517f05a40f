/** @module The log of a service: opened for its output, and quoted when its start fails. */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
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

/** A log that has grown beyond this many bytes is put aside at the next start, as `NAME.log.1`. */
const rotateBytes = 5 * 1024 * 1024;
const excerptLines = 20;
const excerptBytes = 8 * 1024;

/** Opens the log of a service for appending, readable by its owner alone. */
export function openLog(dir: string, name: string): OpenLog {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${name}.log`);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateBytes) renameSync(file, `${file}.1`);
  const fd = openSync(file, "a+", 0o600);
  fchmodSync(fd, 0o600);
  const start = fstatSync(fd).size;
  return { file, fd, close: () => closeSync(fd), excerpt: () => tail(fd, start) };
}

function tail(fd: number, start: number): string {
  const { size } = fstatSync(fd);
  const from = Math.max(start, size - excerptBytes);
  const bytes = Buffer.alloc(Math.max(0, size - from));
  readSync(fd, bytes, 0, bytes.length, from);
  return bytes.toString("utf8").trimEnd().split("\n").slice(-excerptLines).join("\n");
}
