/** @module `tvk dev`: everything, from the engine to the first tickets. `npm start` is this. */

import { isLocal } from "../../engine/stack-config.ts";
import { command } from "../command.ts";
import { keepServices } from "../dev/dev-services.ts";
import { type DevSession, runDevSession, StartedServices } from "../dev/dev-session.ts";
import { CliError } from "../exit-codes.ts";
import { printResult, say } from "../output.ts";
import { progressOn } from "../progress.ts";
import { personVisit } from "../sign-in/browser.ts";
import { alice, demoVisitor } from "../sign-in/demo-user.ts";
import { enginesEnded } from "../stack/engine-run.ts";
import { stackArgs } from "../stack/stack-args.ts";

/** What a shell gives a program that SIGINT ended. */
const interruptedExit = 130;

export const dev = command({
  description: "Bring up the whole chain and show the first tickets (npm start)",
  args: {
    ...stackArgs,
    demo: { type: "boolean", description: "A scripted user signs in and connects" },
    keep: { type: "boolean", description: "Leave everything running at the end" },
  },
  failure: "dev_failed",
  async run({ args, globals }) {
    const projectDir = process.cwd();
    const { env } = globals;
    const person = process.stdin.isTTY === true && !env["CI"] && args.demo !== true;
    const started = new StartedServices(projectDir);
    const ended = new AbortController();
    const end = () => {
      // Twice is at once; only an engine that is on its way out is waited for.
      if (ended.signal.aborted) void enginesEnded().then(() => process.exit(interruptedExit));
      ended.abort(new CliError("interrupted", "ended by the user", { exitCode: 1 }));
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
    // Comes on top of another where a session ends: not a second wish.
    process.on("SIGHUP", () => {
      if (!ended.signal.aborted) end();
    });
    try {
      if (!person && !isLocal(projectDir, args.stack)) {
        throw new CliError(
          "no_person",
          `the stack "${args.stack}" is not local and nobody is here to sign in`,
          {
            exitCode: 2,
            hint: "The scripted user is for local stacks. Run tvk up here, and tvk login where a person is.",
          },
        );
      }
      const scripted = demoVisitor(alice);
      if (person)
        say(
          `To sign in, press "Continue with …", then ${alice.email}, ${alice.password}; or sign up.`,
        );
      const session = await runDevSession({
        projectDir,
        stack: args.stack,
        env,
        progress: progressOn(process.stderr, env),
        signal: ended.signal,
        visit: (purpose) => (person ? personVisit(purpose, globals.browser, env) : scripted),
        always: !person,
        started,
      });
      print(session);
      if (person && args.keep !== true) await untilEnded(session, projectDir, ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    } finally {
      if (args.keep === true && !ended.signal.aborted)
        say("Left running: tvk destroy removes the stack, tvk tenant stop ends the tenant.");
      else await stopAll(started);
    }
    return ended.signal.aborted && !person ? leave() : undefined;
  },
});

function print({ stack, outputs, tickets, user }: DevSession): void {
  const { domain, connectionName, helpdeskUrl } = outputs;
  const facts = {
    status: "ready",
    tenant: `https://${domain}/`,
    plugins: stack.plugins,
    engine: { version: stack.engine.version, origin: stack.engine.origin },
    helpdesk: helpdeskUrl,
    connection: connectionName,
    user,
    tickets,
  };
  printResult(facts, () =>
    [
      "",
      `Tenant      https://${domain}/`,
      ...(helpdeskUrl === undefined ? [] : [`Helpdesk    ${helpdeskUrl}`]),
      `Plugins     ${stack.plugins} (engine ${stack.engine.version}, ${stack.engine.origin})`,
      `Connection  ${connectionName}, connected by ${user}`,
      ...(tickets.length > 0 ? ["", "Open tickets, fetched through Token Vault:"] : []),
      ...tickets.map(
        ({ id, priority, team, title }) => `  #${id}  ${priority}  ${team.padEnd(10)}  ${title}`,
      ),
    ].join("\n"),
  );
}

async function untilEnded(
  { outputs, stack }: DevSession,
  projectDir: string,
  signal: AbortSignal,
): Promise<void> {
  const { connectionName, helpdeskUrl } = outputs;
  const page = helpdeskUrl === undefined ? "URL" : `"${helpdeskUrl}/tickets?team=platform"`;
  say(`\nEverything is up. In another terminal:\n  npx tvk fetch ${connectionName} ${page}`);
  say("Ctrl-C stops what this command started.");
  await keepServices(stack, projectDir, signal);
}

async function stopAll(started: StartedServices): Promise<void> {
  const names = await started.stop();
  if (names.length > 0) say(`Stopped: ${names.join(", ")}. The data stays in .tvk/.`);
}

function leave(): undefined {
  process.exitCode = interruptedExit;
  return undefined;
}
