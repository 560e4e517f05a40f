/** @module Lengths of time as a person types them: 90s, 15m, 2h, 30d, with a minus for back. */

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds; undefined when it is no length of time. */
export function durationSeconds(text: string): number | undefined {
  const [, sign = "", number, unit = "s"] = /^(-?)(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(`${sign}${number}`) * (units[unit === "" ? "s" : unit] ?? 1);
}
