/** @module Durations as the schema writes them (`1m30s`, `500ms`) and as the daemon counts them (nanoseconds). */

import type { Plain } from "../protocol/value.ts";

const units = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;

/** The nanoseconds of a duration that the program may have left out; the check has seen that it is one. */
export function nanoseconds(duration: Plain | undefined): number | undefined {
  return typeof duration === "string" ? nanosecondsOf(duration) : undefined;
}

/** The nanoseconds that a text stands for; undefined where it is no duration. */
export function nanosecondsOf(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );
}

/** The shortest text of a number of nanoseconds, as the Docker library for Go writes it. */
export function durationText(count: number | undefined): string {
  if (count === undefined || count === 0) return "0s";
  if (count % units.s !== 0) return `${Math.round(count / units.ms)}ms`;
  const seconds = count / units.s;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
