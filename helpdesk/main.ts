/** @module The helpdesk as a process: settings from the environment, one line when it listens. */
import { type Helpdesk, startHelpdesk } from "./helpdesk.ts";
import { readSettings } from "./settings.ts";

async function main(): Promise<void> {
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
  console.log(`acme-helpdesk listening on ${helpdesk.url}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void helpdesk.close().then(() => process.exit(0)));
  }
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
