/** @module `tvk init` in a folder without a program: one to start with, and what it needs. */
import { inputError } from "../exit-codes.ts";
import { type Globals, mayAsk } from "../globals.ts";
import { printResult, say } from "../output.ts";
import { portProblem } from "./answer-problems.ts";
import { installPeers, missingPeers } from "./peer-packages.ts";
import { type InitFlags, mayWriteProgram } from "./stack-answers.ts";
import { writeStarter } from "./starter-program.ts";

/**
 * Writes the starter program and installs what it needs. On a terminal it asks first.
 *
 * @param install False leaves the installation to the user, and says the command.
 * @throws {CliError} `no_program`: flags that the starter does not have. `invalid_input`,
 * `file_exists`, `install_failed`.
 */
export async function startProgram(
  stack: string,
  flags: InitFlags,
  { env, confirm }: Globals,
  install: boolean,
): Promise<void> {
  const { tenant, helpdeskPort, service, ...others } = flags;
  const unfit = [...Object.values(service), ...Object.values(others)];
  if (unfit.some((flag) => flag !== undefined) || (tenant ?? "local") !== "local") {
    throw inputError(
      "no_program",
      "this folder has no Pulumi program (no Pulumi.yaml), and the one that tvk init can write is local and has its own names",
      "Give no more than --stack, --tenant local and --helpdesk-port here, and change index.ts afterwards; or run this in a clone of the kit, or in a program of your own (docs/components.md in the package). To use a tenant that others set up, set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET and run tvk login.",
    );
  }
  const wrong = helpdeskPort === undefined ? undefined : portProblem(helpdeskPort);
  if (wrong !== undefined) {
    throw inputError("invalid_input", `--helpdesk-port is "${helpdeskPort}": give ${wrong}`);
  }
  const asks = mayAsk(env);
  if (asks && !confirm) await mayWriteProgram(process.cwd());
  const dir = process.cwd();
  const port = helpdeskPort === undefined ? undefined : Number(helpdeskPort);
  const written = writeStarter(dir, { stack, helpdeskPort: port });
  say(`Wrote ${written.join(", ")}.`);
  const peers = missingPeers(dir);
  if (install && peers.length > 0) await installPeers(dir, peers);
  const dev = stack === "dev" ? "npx tvk dev" : `npx tvk dev --stack ${stack}`;
  const next = install || peers.length === 0 ? [dev] : [`npm install ${peers.join(" ")}`, dev];
  const installed = install ? peers : [];
  printResult({ status: "program_written", stack, written, installed, next }, () =>
    [
      "This folder has a Pulumi program now: a local tenant, a sample API, and a client whose users' tokens the vault exchanges.",
      `Next: ${next.join(", then ")}`,
    ].join("\n"),
  );
}
