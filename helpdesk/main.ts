/** @module The helpdesk as a process: settings from the environment, one line when it listens. */
import module from "node:module";
import type { Helpdesk } from "./helpdesk.ts";

async function main(): Promise<void> {
  // From the second start on, no file is compiled or stripped of its types again: 0.2 s less.
  module.enableCompileCache();
  const [{ readSettings }, { startHelpdesk }] = await Promise.all([
    import("./settings.ts"),
    import("./helpdesk.ts"),
  ]);
  const settings = readSettings(process.env);
  const helpdesk = await startHelpdesk(settings, {
    onServerError: (error) => console.error(error.stack),
  });
  const secretNote = clientSecretNote(helpdesk, process.stdout.isTTY);
  if (secretNote !== undefined) console.log(secretNote);
  if (helpdesk.seeded) {
    const { users, tickets } = helpdesk.seeded;
    console.log(`Seeded ${users} users and ${tickets} tickets.`);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void helpdesk.close().then(() => process.exit(0)));
  }
  // Said last: whoever reads it may end us at once.
  console.log(`acme-helpdesk listening on ${helpdesk.url}`);
  // Now, since a process that is killed writes nothing.
  module.flushCompileCache();
}

/** A generated secret is told to nobody but the file beside the database, or a person's terminal. */
function clientSecretNote({ secrets }: Helpdesk, terminal: boolean): string | undefined {
  if (!secrets.clientSecretGenerated) return undefined;
  const start = "OAUTH2_CLIENT_SECRET was not set:";
  if (secrets.file !== undefined) return `${start} the one in ${secrets.file} is used.`;
  if (terminal) return `${start} until the next start it is ${secrets.clientSecret}`;
  return `${start} nobody knows the generated one. Set it, or set DATABASE to keep one in a file.`;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`acme-helpdesk: ${error.message}`);
  if ("hint" in error) console.error(error.hint);
  process.exitCode = 1;
}
