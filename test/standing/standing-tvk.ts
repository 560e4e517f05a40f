/** The test's end of test/standing/main.ts: a `tvk` that stays between runs. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { RunResult } from "../e2e/project-folder.ts";
import type { Answer, Order, PluginForm } from "./main.ts";

export interface StandingTvk {
  /** Runs the engine once. Runs of one stack take turns, as those of `tvk` do. */
  run(args: readonly string[], plugins?: PluginForm): Promise<RunResult>;
  /** Ends the process, whatever it does; the next run has a new one. */
  renew(): Promise<void>;
}

const main = join(import.meta.dirname, "main.ts");
const compileCache = join(import.meta.dirname, "../../node_modules/.cache/standing-tvk");
/** Each run loads the program anew and Node forgets none: after so many a new process is cheaper. */
const runsOfOneProcess = 200;

/**
 * @param dir The project folder.
 * @param env Laid upon this process's own; undefined takes a variable out.
 */
export function standingTvk(
  dir: string,
  env: Readonly<Record<string, string | undefined>>,
): StandingTvk {
  let child: ChildProcess | undefined;
  let runs = 0;
  let said = "";
  const start = () => {
    runs = 0;
    said = "";
    const started = fork(main, {
      cwd: dir,
      // The engine lives for half a second: what it collects in that time is a tenth of its work.
      env: { ...process.env, GOGC: "off", NODE_COMPILE_CACHE: compileCache, ...env },
      // Each run loads the program anew: what it leaves is young garbage.
      execArgv: ["--max-semi-space-size=64"],
      silent: true,
    });
    for (const stream of [started.stdout, started.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    // One that a kill has broken ends, perhaps only after its run.
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    return started;
  };
  const standing: StandingTvk = {
    async run(args, plugins = "attached") {
      if (runs >= runsOfOneProcess) await standing.renew();
      child ??= start();
      runs += 1;
      const order = { id: runs, args, plugins };
      const { id: _, spoilt, ...answer } = await ask(child, order, () => said);
      if (spoilt) await standing.renew();
      return { ...answer, text: `${answer.stdout}\n${answer.stderr}` };
    },
    async renew() {
      const old = child;
      child = undefined;
      if (old === undefined || old.exitCode !== null || old.signalCode !== null) return;
      const gone = new Promise((resolve) => old.once("exit", resolve));
      old.kill("SIGKILL");
      await gone;
    },
  };
  return standing;
}

function ask(child: ChildProcess, order: Order, said: () => string): Promise<Answer> {
  return new Promise((resolve) => {
    const hear = (answer: Answer) => {
      if (answer.id === order.id) settle(answer);
    };
    const end = () =>
      settle({ id: order.id, exitCode: -1, stdout: "", stderr: said(), spoilt: true });
    const settle = (answer: Answer) => {
      child.off("message", hear).off("exit", end);
      resolve(answer);
    };
    child.on("message", hear).once("exit", end);
    child.send(order);
  });
}
