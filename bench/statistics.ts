/** @module What a row of measurements says: its median, with the interval in which the true one lies. */

export interface Interval {
  median: number;
  /** The 95 % interval by bootstrap. */
  low: number;
  high: number;
}

export function interval(values: readonly number[]): Interval {
  const medians = Array.from({ length: 2_000 }, () =>
    median(values.map(() => values[Math.floor(Math.random() * values.length)] ?? 0)),
  ).sort((a, b) => a - b);
  return { median: median(values), low: medians[50] ?? 0, high: medians[1949] ?? 0 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const middle = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? middle : (middle + (sorted[half - 1] ?? 0)) / 2;
}

/** One line: what was measured, the interval, and whether it is within the aim. */
export function line(
  what: string,
  { median, low, high }: Interval,
  { unit = "", digits = 1, atMost = Infinity, atLeast = -Infinity },
): string {
  const [middle, from, to] = [median, low, high].map((value) => value.toFixed(digits));
  const aim =
    atMost < Infinity ? `at most ${atMost}` : atLeast > -Infinity ? `at least ${atLeast}` : "";
  const verdict =
    high <= atMost && low >= atLeast
      ? "met"
      : low > atMost || high < atLeast
        ? "MISSED"
        : "not decided by these rounds";
  const text = `${what}: ${middle}${unit} (95 %: ${from} to ${to})`;
  return aim ? `${text}; aim ${aim}: ${verdict}` : text;
}
