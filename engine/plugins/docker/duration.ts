/** @module Durations as the schema writes them (`1m30s`, `500ms`) and as the daemon counts them (nanoseconds). */

import { PluginError } from "../protocol/plugin.ts";
import type { Plain } from "../protocol/value.ts";

const units = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;

/** @throws {PluginError} The text is no duration. */
export function nanoseconds(duration: Plain | undefined): number | undefined {
  if (duration === undefined || duration === null) return undefined;
  const text = String(duration);
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new PluginError(`"${text}" is no duration; write it like 30s or 1m30s`);
  }
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
