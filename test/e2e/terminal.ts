/** A command on a real pseudo-terminal, by util-linux's `script`: keys, signals, and a terminal that closes. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export interface Terminal {
  /** Pid of the command itself, once it has printed anything. */
  pid(): Promise<number>;
  /** What is on the screen so far, both streams in one. */
  readonly text: string;
  /** As typed on the keyboard; `\x03` is Ctrl-C. */
  type(keys: string): void;
  /** Closes the terminal, as a window or a broken ssh connection does. */
  hangUp(): void;
  /** Waits for something to appear. Rejects when the command ends before. */
  until(what: RegExp): Promise<RegExpExecArray>;
  /** Exit code of the command, as `script` passes it on. */
  readonly ended: Promise<number | null>;
}

/**
 * Runs a command on a terminal of its own.
 *
 * @throws There is no `script` of util-linux (Debian: `bsdutils`): these tests can't be run without one.
 */
export function onTerminal(
  words: readonly string[],
  where: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Terminal {
  requireScript();
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["-qec", `echo "PID $$"; exec ${quoted}`, "/dev/null"], {
    cwd: where.cwd,
    env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm", ...where.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  return terminal(child as ChildProcess & { stdin: NodeJS.WritableStream });
}

function terminal(child: ChildProcess & { stdin: NodeJS.WritableStream }): Terminal {
  let hasEnded = false;
  const ended = new Promise<number | null>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      hasEnded = true;
      settle(code);
    });
  });
  const run = { text: "" };
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
    run.text += piece;
  });
  const until = async (what: RegExp) => {
    for (;;) {
      const found = what.exec(run.text);
      if (found !== null) return found;
      if (hasEnded) throw new Error(`it ended before ${what}:\n${run.text}`);
      await sleep(20);
    }
  };
  return {
    get text() {
      return run.text;
    },
    until,
    pid: async () => Number((await until(/PID (\d+)/))[1]),
    type: (keys) => void child.stdin.write(keys),
    // The only holder of the other end: the kernel hangs up on who is left.
    hangUp: () => void child.kill("SIGKILL"),
    ended,
  };
}

function requireScript(): void {
  try {
    const version = execFileSync("script", ["--version"], { encoding: "utf8" });
    if (version.includes("util-linux")) return;
  } catch {
    // Told below, with the next step.
  }
  throw new Error(
    "no `script` of util-linux on PATH (Debian: bsdutils): no test of a terminal runs",
  );
}
