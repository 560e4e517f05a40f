/** @module A sign of life while long work goes on. */

/** Receives one line of progress at a time; a later one replaces an earlier one. */
export type Report = (detail: string) => void;

/** Often enough that a log that shows a line every five seconds always has a new one. */
const beatMs = 1_000;

/**
 * Reports what `describe` says now, and again every second with the seconds that have passed.
 *
 * @returns Ends it.
 */
export function heartbeat(report: Report, describe: () => string): () => void {
  const started = performance.now();
  report(describe());
  const timer = setInterval(() => {
    report(`${describe()}, ${Math.round((performance.now() - started) / 1000)} s`);
  }, beatMs);
  return () => clearInterval(timer);
}

/** Runs `work` with a {@link heartbeat}. */
export async function withHeartbeat<Result>(
  report: Report,
  describe: () => string,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = heartbeat(report, describe);
  try {
    return await work();
  } finally {
    end();
  }
}
