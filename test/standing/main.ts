/**
 * `tvk` and the program in one process that stays: `process.send({ id, args, plugins })` runs the real engine
 * through the same door as `tvk up` (cli/stack/stack.ts, with recovery), a quarter of the time of a run from cold.
 *
 * What is not in it: the start of `tvk`, of the language host and of the program, and, where the plugins are
 * `attached`, theirs. Everything else is what a user's run has.
 */
import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { openStack } from "../../cli/stack/stack.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { auth0Plugin } from "../../engine/plugins/auth0/plugin.ts";
import { commandPlugin } from "../../engine/plugins/command/plugin.ts";
import { servePlugin } from "../../engine/plugins/protocol/server.ts";
import { serveProgram } from "./language-runtime.ts";

/** Whether the plugins serve from this process, or the engine starts them, so that they can be killed. */
export type PluginForm = "attached" | "started";

export interface Order {
  readonly id: number;
  readonly args: readonly string[];
  readonly plugins: PluginForm;
}

export interface Answer {
  readonly id: number;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The process has to go: something of this run would disturb the next. */
  readonly spoilt: boolean;
}

/** The words of a run that take a program. */
const withProgram = new Set(["up", "preview", "destroy", "refresh"]);
const own = { ...process.env };

let spoilt = false;

async function run({ id, args, plugins }: Order): Promise<Omit<Answer, "spoilt">> {
  const notes: string[] = [];
  const progress = {
    stage: () => ({ update() {}, done() {}, failed() {} }),
    note: (line: string) => void notes.push(line),
  };
  const close: (() => void | Promise<void>)[] = [];
  try {
    const open = (env: NodeJS.ProcessEnv) =>
      openStack({ projectDir: process.cwd(), stack: "dev", env, progress });
    let stack = await open(own);
    Object.assign(process.env, stack.environment);
    if (plugins === "attached") {
      if (stack.tenant !== undefined) trustAuthority(stack.tenant.caFile);
      const env = { ...own, ...stack.environment };
      const served = await Promise.all([
        servePlugin(auth0Plugin({ env, parentAlive: () => true })),
        servePlugin(commandPlugin()),
      ]);
      close.push(...served.map((each) => each.close));
      const [auth0, command] = served.map(({ port }) => port);
      stack = await open({ ...own, PULUMI_DEBUG_PROVIDERS: `auth0:${auth0},command:${command}` });
    }
    const program = await serveProgram(resolve("index.ts"));
    close.push(async () => {
      spoilt = !(await program.close());
    });
    const flags = withProgram.has(args[0] ?? "") ? program.flags : [];
    const { exitCode, stdout, stderr } = await stack.pulumi([...args, ...flags], "collect");
    return { id, exitCode, stdout, stderr: [...notes, stderr].join("\n") };
  } catch (error) {
    return { id, exitCode: 1, stdout: "", stderr: [...notes, String(error)].join("\n") };
  } finally {
    for (const each of close) await each();
  }
}

process.on("message", (order: Order) => {
  void run(order).then((answer) => {
    process.send?.({ ...answer, spoilt });
    // It is ended by a kill, after which nothing would be written.
    flushCompileCache();
  });
});
process.on("disconnect", () => process.exit(0));
