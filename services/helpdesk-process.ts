/** @module How a stack starts its helpdesk on this machine, and the secrets it is given. */
import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { supervisor } from "./supervisor.ts";

/** What the `Helpdesk` component takes as `process`, and the secret that the connection is given. */
export interface HelpdeskProcessSettings {
  readonly port: number;
  readonly supervisor: string;
  readonly command: readonly string[];
  readonly servicesDir: string;
  readonly database: string;
  readonly instance: string;
  readonly clientSecret: string;
  readonly sessionSecret: string;
  readonly tokenSecret: string;
}

/** The project's own folder for what lives on this machine only (docs/architecture.md, "Disk"). */
const localDir = ".tvk";

/**
 * Settings of the stack's helpdesk process. Reads the supervisor's record, and makes the stack's
 * three secrets on first use: they stay in `.tvk/`, so that every run gives the same.
 *
 * Every path is relative to the project's folder: they become inputs of a resource, and a state
 * must not tie a stack to one machine's folders.
 */
export function helpdeskProcess(stack: string, port: number): HelpdeskProcessSettings {
  const servicesDir = join(localDir, "services");
  const stackDir = join(localDir, "stacks", stack);
  const live = supervisor(servicesDir).live(`${stack}-helpdesk`);
  return {
    port,
    supervisor: `node ${fromHere(new URL("./main.ts", import.meta.url))}`,
    command: ["node", fromHere(new URL("../helpdesk/main.ts", import.meta.url))],
    servicesDir,
    database: join(stackDir, "helpdesk.db"),
    instance: live?.instance ?? randomUUID(),
    ...secrets(stackDir),
  };
}

type Secrets = Pick<HelpdeskProcessSettings, "clientSecret" | "sessionSecret" | "tokenSecret">;

function secrets(stackDir: string): Secrets {
  mkdirSync(stackDir, { recursive: true, mode: 0o700 });
  const file = join(stackDir, "helpdesk-secrets.json");
  const kept = read(file);
  if (kept !== undefined) return kept;
  const secret = () => randomBytes(32).toString("hex");
  const made: Secrets = {
    clientSecret: secret(),
    sessionSecret: secret(),
    tokenSecret: secret(),
  };
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(made)}\n`, { mode: 0o600 });
  try {
    // A link, not a rename: of two first runs at once, both must end with the same secrets.
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return read(file) ?? made;
}

function read(file: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const value = parsed(text);
  if (isSecrets(value)) return value;
  throw new Error(`${file} does not hold the helpdesk's three secrets; remove it to have new ones`);
}

/** The parser's message would quote the text, and the text holds secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSecrets(value: unknown): value is Secrets {
  const names = ["clientSecret", "sessionSecret", "tokenSecret"] as const;
  const record = value as Record<string, unknown> | null;
  return (
    typeof record === "object" &&
    record !== null &&
    names.every((name) => typeof record[name] === "string")
  );
}

/** Path of one of the kit's own files, from the project's folder. */
function fromHere(file: URL): string {
  return relative(process.cwd(), fileURLToPath(file));
}
