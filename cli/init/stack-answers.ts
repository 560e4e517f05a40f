/** @module What `tvk init` must know to write a stack's configuration: from flags, or asked on stderr. */
import { confirm, isCancel, log, select, text } from "@clack/prompts";
import { commaList } from "../comma-list.ts";
import { CliError, exitCodes, inputError } from "../exit-codes.ts";
import { hostProblem, nameProblem, portProblem, urlProblem } from "./answer-problems.ts";
import {
  askService,
  asksForService,
  type ServiceAnswers,
  type ServiceFlags,
  serviceFlagList,
  serviceFromFlags,
} from "./service-answers.ts";

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
  /** A service of one's own in the helpdesk's place. */
  readonly service: ServiceFlags;
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
  /** Undefined where the API is the helpdesk. */
  readonly service: ServiceAnswers | undefined;
}

const flagList =
  "Flags: --tenant local|cloud, --domain HOST, --connection NAME, --helpdesk-url URL, --helpdesk-port N, --scopes a,b, " +
  `--login-connections a,b, --app-name NAME, --stack NAME; for a service of your own ${serviceFlagList}.`;

/**
 * Reads the answers from the flags.
 *
 * @throws {CliError} `init_failed`: `--tenant` is missing, or what a cloud tenant needs.
 * `invalid_input`: a value that is none.
 */
export function answersFromFlags(flags: InitFlags): StackAnswers {
  const { tenant, helpdeskUrl, connection } = flags;
  const service = serviceFromFlags(flags.service);
  if (tenant === undefined) {
    throw initFailed("the questions need a terminal, and --tenant is not given");
  }
  if (tenant !== "local" && tenant !== "cloud") {
    throw inputError("invalid_input", `--tenant is "${tenant}"; it takes local or cloud`, flagList);
  }
  const domain = flags.domain?.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const api = helpdeskUrl ?? service;
  if (tenant === "cloud" && (domain === undefined || api === undefined)) {
    const missing = domain === undefined ? "--domain" : "--helpdesk-url or --service-issuer";
    throw initFailed(`a cloud tenant needs ${missing}`);
  }
  if (service !== undefined) checkService(flags);
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
    service,
  };
}

/** A service has no defaults to fall back on, and no helpdesk beside it. */
function checkService({ connection, scopes, helpdeskUrl, helpdeskPort }: InitFlags): void {
  const wrong = [
    ...(connection === undefined ? ["--connection is missing"] : []),
    ...(commaList(scopes).length === 0 ? ["--scopes is missing"] : []),
    ...(helpdeskUrl === undefined ? [] : ["--helpdesk-url is for the helpdesk"]),
    ...(helpdeskPort === undefined ? [] : ["--helpdesk-port is for the helpdesk"]),
  ];
  if (wrong.length > 0) {
    const message = `with a service of your own, ${wrong.join("; ")}`;
    throw inputError("invalid_input", message, flagList);
  }
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
    log.info("The API must have a public https address: Auth0 calls it.", { output });
  }
  const domain = cloud
    ? await ask(flags.domain, { message: "Tenant domain", validate: hostProblem })
    : undefined;
  const own = asksForService(flags.service) || (await wantsOwn(flags));
  const service = own
    ? await askService(flags.service, (question) => ask(undefined, question))
    : flags.service;
  const helpdeskUrl =
    cloud && !own
      ? await ask(flags.helpdeskUrl, { message: "Helpdesk's address", validate: urlProblem })
      : flags.helpdeskUrl;
  const connection = await ask(flags.connection, {
    message: "Connection's name",
    ...(own ? {} : { initialValue: "acme-helpdesk" }),
    validate: nameProblem,
  });
  const scopes = await ask(flags.scopes, {
    message: "Scopes, separated by commas",
    initialValue: own
      ? "openid,profile,offline_access"
      : "openid,profile,read:tickets,write:tickets",
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
    service,
  });
}

/** The sample API, or one of the person's own. Not asked where a flag speaks of the helpdesk. */
async function wantsOwn({ helpdeskUrl, helpdeskPort }: InitFlags): Promise<boolean> {
  if (helpdeskUrl !== undefined || helpdeskPort !== undefined) return false;
  const options = [
    { value: "helpdesk", label: "Acme Helpdesk", hint: "the sample" },
    { value: "own", label: "A service of your own", hint: "it has an OAuth2 server" },
  ];
  const message = "Which API do agents call?";
  return answered(await select({ message, options, output: process.stderr })) === "own";
}

/** Asks whether a file may be written over. */
export async function mayOverwrite(name: string): Promise<boolean> {
  const message = `${name} is there already. Write over it?`;
  return answered(await confirm({ message, initialValue: false, output: process.stderr }));
}

/** Asks whether a program may be written into a folder that has none. @throws {CliError} `cancelled` */
export async function mayWriteProgram(dir: string): Promise<void> {
  const message = `There is no Pulumi program in ${dir}. Write one to start with?`;
  if (!answered(await confirm({ message, initialValue: true, output: process.stderr }))) {
    throw inputError("cancelled", "nothing was changed");
  }
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
