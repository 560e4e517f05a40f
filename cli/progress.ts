/** @module What a person sees while long work goes on: a moving line on a terminal, plain lines elsewhere. */

/** One piece of work that takes its time. */
export interface Stage {
  /** What is happening now; replaces the last such line on a terminal. */
  update(detail: string): void;
  /** The work is done; what came of it. */
  done(result: string): void;
  /** The work failed; its error is printed by whoever catches it. */
  failed(): void;
}

/** Where progress goes. Always standard error: standard output is for results. */
export interface Progress {
  stage(title: string): Stage;
  /** A line that stays. */
  note(line: string): void;
}

const frames = ["◐", "◓", "◑", "◒"];
/** How often a plain log is told that work goes on: a CI log that is silent for long looks dead. */
const plainEveryMs = 5_000;

/** Progress for `stream`: moving if it is a terminal and nobody asked for plain output. */
export function progressOn(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Progress {
  const moving = stream.isTTY === true && env["CI"] === undefined && env["TERM"] !== "dumb";
  const write = (text: string) => {
    if (!stream.destroyed) stream.write(text);
  };
  return {
    stage: (title) => (moving ? movingStage(title, stream, write) : plainStage(title, write)),
    note: (line) => write(`${line}\n`),
  };
}

function movingStage(
  title: string,
  stream: NodeJS.WriteStream,
  write: (text: string) => void,
): Stage {
  const started = Date.now();
  let detail = "";
  let frame = 0;
  const draw = () => {
    const text = `${frames[frame++ % frames.length]} ${title}${detail === "" ? "" : `: ${detail}`} (${seconds(started)})`;
    write(`\r\x1b[2K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
  };
  draw();
  const timer = setInterval(draw, 120);
  timer.unref();
  const end = (line: string) => {
    clearInterval(timer);
    write(`\r\x1b[2K${line}\n`);
  };
  return {
    update: (text) => {
      detail = text;
    },
    done: (result) => end(`✔ ${title}: ${result} (${seconds(started)})`),
    failed: () => end(`✖ ${title} (${seconds(started)})`),
  };
}

function plainStage(title: string, write: (text: string) => void): Stage {
  const started = Date.now();
  let last = started;
  let shown = "";
  write(`- ${title} …\n`);
  return {
    update: (detail) => {
      if (Date.now() - last < plainEveryMs || detail === shown) return;
      last = Date.now();
      shown = detail;
      write(`  ${title}: ${detail} (${seconds(started)})\n`);
    },
    done: (result) => write(`✔ ${title}: ${result} (${seconds(started)})\n`),
    failed: () => write(`✖ ${title} (${seconds(started)})\n`),
  };
}

function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
