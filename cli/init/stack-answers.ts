/** @module What `tvk init` must know to write a stack's configuration: from flags, or asked on stderr. */
import { confirm, isCancel, log, select, text } from "@clack/prompts";
import { commaList } from "../comma-list.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";

/** The flags of `tvk init`, as text. */
export interface InitFlags {
  readonly tenant: string | undefined;
  readonly domain: string | undefined;
  readonly connection: string | undefined;
  readonly helpdeskUrl: string | undefined;
  readonly helpdeskPort: string | undefined;
  readonly scopes: string | undefined;
  readonly loginConnections: string | undefined;
  readonly appName: string | undefined;
}

/** What goes into `Pulumi.STACK.yaml`; undefined leaves the program's default. */
export interface StackAnswers {
  readonly tenant: "local" | "cloud";
  /** Of a cloud stack. */
  readonly domain: string | undefined;
  readonly connectionName: string | undefined;
  /** A public address of a helpdesk that runs already; undefined starts one here. */
  readonly helpdeskUrl: string | undefined;
  /** Where one that is started here listens; undefined leaves 3001. */
  readonly helpdeskPort: number | undefined;
  readonly scopes: readonly string[];
  readonly loginConnections: readonly string[];
  readonly clientName: string | undefined;
}

const HOST = /^[a-z0-9.-]+(:\d+)?$/i;
const flagList =
  "Flags: --tenant local|cloud, --domain HOST, --connection NAME, --helpdesk-url URL, --helpdesk-port N, --scopes a,b, " +
  "--login-connections a,b, --app-name NAME, --stack NAME.";

/**
 * Reads the answers from the flags.
 *
 * @throws {CliError} `init_failed`: `--tenant` is missing, or what a cloud tenant needs.
 * `invalid_input`: a value that is none.
 */
export function answersFromFlags(flags: InitFlags): StackAnswers {
  const { tenant, helpdeskUrl, connection } = flags;
  if (tenant === undefined) {
    throw initFailed("the questions need a terminal, and --tenant is not given");
  }
  if (tenant !== "local" && tenant !== "cloud") {
    throw inputError("invalid_input", `--tenant is "${tenant}"; it takes local or cloud`, flagList);
  }
  const domain = flags.domain?.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  if (tenant === "cloud" && (domain === undefined || helpdeskUrl === undefined)) {
    const missing = domain === undefined ? "--domain" : "--helpdesk-url";
    throw initFailed(`a cloud tenant needs ${missing}`);
  }
  if (tenant === "local" && domain !== undefined) {
    throw inputError("invalid_input", "--domain is for --tenant cloud: a local one has its own");
  }
  refuse("--domain", domain, hostProblem);
  refuse("--helpdesk-url", helpdeskUrl, urlProblem);
  refuse("--connection", connection, nameProblem);
  refuse("--helpdesk-port", flags.helpdeskPort, portProblem);
  return {
    tenant,
    domain,
    connectionName: connection,
    helpdeskUrl,
    helpdeskPort: flags.helpdeskPort === undefined ? undefined : Number(flags.helpdeskPort),
    scopes: commaList(flags.scopes),
    loginConnections: commaList(flags.loginConnections),
    clientName: flags.appName,
  };
}

/** Asks a person for what the flags do not say. @throws {CliError} `cancelled`: they gave up. */
export async function askAnswers(flags: InitFlags): Promise<StackAnswers> {
  const output = process.stderr;
  const ask = async (given: string | undefined, question: Question) =>
    given ?? answered(await text({ ...question, output }));
  const tenant =
    flags.tenant ??
    answered(
      await select({
        message: "Which tenant?",
        options: [
          { value: "local", label: "Local", hint: "on this machine, no account needed" },
          { value: "cloud", label: "Auth0", hint: "a tenant of yours" },
        ],
        output,
      }),
    );
  const cloud = tenant === "cloud";
  if (cloud) {
    log.info("The helpdesk must have a public https address: Auth0 calls it.", { output });
  }
  const domain = cloud
    ? await ask(flags.domain, { message: "Tenant domain", validate: hostProblem })
    : undefined;
  const helpdeskUrl = cloud
    ? await ask(flags.helpdeskUrl, { message: "Helpdesk's address", validate: urlProblem })
    : flags.helpdeskUrl;
  const connection = await ask(flags.connection, {
    message: "Connection's name",
    initialValue: "acme-helpdesk",
    validate: nameProblem,
  });
  const scopes = await ask(flags.scopes, {
    message: "Scopes, separated by commas",
    initialValue: "openid,profile,read:tickets,write:tickets",
  });
  const loginConnections = await ask(flags.loginConnections, {
    message: "Connections through which users sign in",
    initialValue: "Username-Password-Authentication",
  });
  const appName = await ask(flags.appName, {
    message: "Application's name",
    initialValue: "Token Vault agent",
  });
  return answersFromFlags({
    tenant,
    domain,
    helpdeskUrl,
    helpdeskPort: flags.helpdeskPort,
    connection,
    scopes,
    loginConnections,
    appName,
  });
}

/** Asks whether a file may be written over. */
export async function mayOverwrite(name: string): Promise<boolean> {
  const message = `${name} is there already. Write over it?`;
  return answered(await confirm({ message, initialValue: false, output: process.stderr }));
}

/** The failure of a wizard that can't ask: names every flag. */
function initFailed(message: string): CliError {
  return new CliError("init_failed", message, { exitCode: exitCodes.general, hint: flagList });
}

interface Question {
  message: string;
  initialValue?: string;
  validate?: (answer: string | undefined) => string | undefined;
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw inputError("cancelled", "nothing was changed");
  return answer as Exclude<T, symbol>;
}

function refuse(
  flag: string,
  value: string | undefined,
  problem: (answer: string | undefined) => string | undefined,
) {
  const seen = value === undefined ? undefined : problem(value);
  if (seen !== undefined)
    throw inputError("invalid_input", `${flag} is "${value}"`, `Give ${seen}.`);
}

function hostProblem(answer: string | undefined) {
  return HOST.test(answer?.trim() ?? "") ? undefined : "a host, like acme.eu.auth0.com";
}

function urlProblem(answer: string | undefined) {
  const url = URL.canParse(answer ?? "") ? new URL(answer ?? "") : undefined;
  const loopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url?.hostname ?? "");
  const good = url?.protocol === "https:" || (url?.protocol === "http:" && loopback);
  return good ? undefined : "an https URL, like https://desk.example.com";
}

function portProblem(answer: string | undefined) {
  const port = /^\d{1,5}$/.test(answer ?? "") ? Number(answer) : 0;
  return port >= 1 && port <= 65_535 ? undefined : "a number from 1 to 65535";
}

function nameProblem(answer: string | undefined) {
  return /^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/.test(answer ?? "") && (answer ?? "").length <= 128
    ? undefined
    : "letters, digits and single dashes";
}
