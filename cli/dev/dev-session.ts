/** @module The whole chain in one go: engine, tenant, stack, sign-in, connect, first tickets. */
import { z } from "zod";
import { runConnect } from "../connections/run-connect.ts";
import { CliError, exitCodes } from "../exit-codes.ts";
import { allowedDomainsOf, openSession, vaultOf } from "../profiles/session.ts";
import { signedInUser } from "../profiles/signed-in-user.ts";
import { type ShownOutputs, saveStackProfile } from "../profiles/stack-profile.ts";
import type { Progress } from "../progress.ts";
import type { Visit } from "../sign-in/browser.ts";
import { runLogin } from "../sign-in/run-login.ts";
import { type OpenStack, openStack } from "../stack/stack.ts";
import { projectSupervisor } from "../tenant/local-tenant.ts";

/** How to run the chain. */
export interface DevSessionOptions {
  readonly projectDir: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** Aborted when the user ends the run: the stage at hand is left, the next does not begin. */
  readonly signal: AbortSignal;
  /** Brings the user to a page: a person's browser, or the scripted user. */
  readonly visit: (purpose: string) => Visit;
  /** Signs in and connects even where that was done before. */
  readonly always: boolean;
  /** Told what has been started, as it is started, so that it can be stopped whatever comes after. */
  readonly started: StartedServices;
}

/** What a run came to. */
export interface DevSession {
  readonly stack: OpenStack;
  readonly outputs: ShownOutputs;
  readonly user: string;
  readonly tickets: readonly Ticket[];
}

const ticketSchema = z.object({
  id: z.union([z.number(), z.string()]),
  title: z.string(),
  status: z.string(),
  priority: z.string(),
  team: z.string(),
});

/** A ticket of the helpdesk, as far as a list shows it. */
export type Ticket = z.infer<typeof ticketSchema>;

/** Runs every stage in order. Throws at the first that fails. */
export async function runDevSession(options: DevSessionOptions): Promise<DevSession> {
  const { progress, signal, started, projectDir } = options;
  const stack = await openStack(options);
  const { tenant } = stack;
  if (tenant !== undefined && tenant.outcome !== "adopted") started.add(tenant.service);
  signal.throwIfAborted();

  progress.note(`- Stack ${options.stack}: pulumi up, provider plugins: ${stack.plugins}`);
  for (const name of [`${options.stack}-tunnel`, `${options.stack}-helpdesk`]) {
    if (projectSupervisor(projectDir).live(name) === undefined) started.add(name);
  }
  const { exitCode } = await stack.pulumi(["up", "--yes", "--skip-preview"], "stderr");
  signal.throwIfAborted();
  if (exitCode !== 0) {
    throw new CliError("up_failed", `pulumi up ended with ${exitCode}; what it said is above`, {
      exitCode: exitCodes.general,
      hint: "Mend what it names and run the command again: it goes on from there.",
    });
  }
  const { profile, outputs } = await saveStackProfile(stack);
  const user = await signedIn(options, profile);
  await connected(options, profile, outputs);
  return { stack, outputs, user, tickets: await openTickets(options, profile, outputs) };
}

async function signedIn(
  { env, progress, signal, visit, always }: DevSessionOptions,
  profile: string,
): Promise<string> {
  const session = openSession({ profile, env });
  const { auth0 } = session.profile;
  if (auth0?.refreshToken !== undefined && !always) {
    const { email, sub } = signedInUser(auth0.idToken);
    return email ?? sub ?? "the user of the last run";
  }
  const stage = progress.stage("Sign in");
  try {
    const user = await abortable(runLogin({ session, visit: visit("sign in") }), signal);
    stage.done(user.email ?? user.sub);
    return user.email ?? user.sub;
  } catch (error) {
    stage.failed();
    throw error;
  }
}

async function connected(
  options: DevSessionOptions,
  profile: string,
  outputs: ShownOutputs,
): Promise<void> {
  const { env, progress, signal, visit, always } = options;
  const session = openSession({ profile, env });
  const vault = vaultOf(session, outputs.allowedDomains);
  const { connectionName: service, scopes } = outputs;
  const accounts = always ? [] : await vault.connections();
  if (accounts.some(({ connection }) => connection === service)) return;
  const stage = progress.stage(`Connect ${service}`);
  try {
    const connecting = runConnect({ session, service, scopes, visit: visit(`connect ${service}`) });
    stage.done((await abortable(connecting, signal)).scopes.join(" "));
  } catch (error) {
    stage.failed();
    throw error;
  }
}

async function openTickets(
  options: DevSessionOptions,
  profile: string,
  outputs: ShownOutputs,
): Promise<Ticket[]> {
  // A program of one's own may have another API: then being connected is all there is to show.
  if (outputs.helpdeskUrl === undefined) return [];
  const stage = options.progress.stage("Fetch through Token Vault");
  const session = openSession({ profile, env: options.env });
  const service = outputs.connectionName;
  const vault = vaultOf(session, allowedDomainsOf(session.profile, service));
  const url = `${outputs.helpdeskUrl}/tickets?assignee=me&status=open`;
  try {
    const response = await vault.fetch(service, url);
    if (!response.ok) {
      throw new CliError("service_error", `${new URL(url).origin} answered ${response.status}`, {
        exitCode: exitCodes.service,
        hint: "Run: tvk tenant logs",
      });
    }
    const { tickets } = z.object({ tickets: z.array(ticketSchema) }).parse(await response.json());
    stage.done(`${tickets.length} open tickets`);
    return tickets;
  } catch (error) {
    stage.failed();
    throw error;
  }
}

/** A wait for a browser ends when the user ends the run; its listener goes with the process. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
  ]);
}

/** The services that a run has started, to be stopped when it ends. */
export class StartedServices {
  readonly #projectDir: string;
  readonly #names = new Set<string>();

  constructor(projectDir: string) {
    this.#projectDir = projectDir;
  }

  add(name: string): void {
    this.#names.add(name);
  }

  /** Stops them, the last first: what runs may still need the tenant. Returns the names of those that ran. */
  async stop(): Promise<string[]> {
    const stopped: string[] = [];
    for (const name of [...this.#names].reverse()) {
      if (await projectSupervisor(this.#projectDir).stop(name)) stopped.push(name);
    }
    this.#names.clear();
    return stopped;
  }
}
