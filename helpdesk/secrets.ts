/** @module The helpdesk's three secrets: given, found beside the database, or generated. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { HelpdeskSettings } from "./settings.ts";

interface Secrets {
  readonly clientSecret: string;
  readonly sessionSecret: string;
  readonly tokenSecret: string;
}

export interface FoundSecrets extends Secrets {
  /** The 0600 file that holds what was not given; none for a database in memory. */
  readonly file?: string;
  /** Whether the tenant's secret is one that was not given. */
  readonly clientSecretGenerated: boolean;
}

const names = ["clientSecret", "sessionSecret", "tokenSecret"] as const;

/**
 * Completes the secrets of the settings.
 *
 * With a database file, what was not given is kept in `DATABASE.secrets.json` (mode 0600) and read
 * from there at the next start: cookies and tokens stay good. In memory, new ones are made each time.
 *
 * @throws {Error} The file is there but holds something else; it is never overwritten.
 */
export function findSecrets(settings: HelpdeskSettings): FoundSecrets {
  const clientSecretGenerated = settings.clientSecret === undefined;
  const allGiven = names.every((name) => settings[name] !== undefined);
  if (allGiven || settings.database === undefined) {
    return { ...complete(settings, newSecrets()), clientSecretGenerated };
  }
  const file = `${settings.database}.secrets.json`;
  return { ...complete(settings, keptSecrets(file)), file, clientSecretGenerated };
}

function complete(given: Pick<HelpdeskSettings, keyof Secrets>, others: Secrets): Secrets {
  return {
    clientSecret: given.clientSecret ?? others.clientSecret,
    sessionSecret: given.sessionSecret ?? others.sessionSecret,
    tokenSecret: given.tokenSecret ?? others.tokenSecret,
  };
}

function newSecrets(): Secrets {
  const [clientSecret, sessionSecret, tokenSecret] = [32, 32, 32].map((bytes) =>
    randomBytes(bytes).toString("hex"),
  ) as [string, string, string];
  return { clientSecret, sessionSecret, tokenSecret };
}

function keptSecrets(file: string): Secrets {
  return readSecrets(file) ?? writeSecrets(file, newSecrets());
}

function readSecrets(file: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const content = parsed(text);
  if (names.every((name) => typeof content[name] === "string"))
    return content as unknown as Secrets;
  throw new Error(
    `${file} does not hold the helpdesk's three secrets: move it away to get new ones`,
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === "object" && content !== null ? { ...content } : {};
  } catch {
    return {};
  }
}

/** A link fails where the file is there by now, so of two starts at once one wins and both agree. */
function writeSecrets(file: string, secrets: Secrets): Secrets {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(temporary, file);
    return secrets;
  } catch (error) {
    const winner = readSecrets(file);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    rmSync(temporary, { force: true });
  }
}
