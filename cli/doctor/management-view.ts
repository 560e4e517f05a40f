/** @module What the Management API says of the chain: which toggle or grant it is, exactly. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentsHere } from "../../environments/environment-files.ts";
import { askedDelayMs } from "../../runtime/send.ts";
import { inputError } from "../exit-codes.ts";
import { tenantDir } from "../tenant/local-tenant.ts";

/** An object of the Management API, as it came. */
type Row = Readonly<Record<string, unknown>>;

/** The objects that the chain stands on, each read once; undefined where there is none. */
export interface ManagementView {
  /** The scopes that the application was granted; undefined where the tenant does not say. */
  grantedScopes(): Promise<readonly string[] | undefined>;
  /** The tenant's MFA policies; `hidden` from an application that may not read them, undefined where there are none. */
  mfaPolicies(): Promise<readonly string[] | "hidden" | undefined>;
  /** What counts against a plan's limits. */
  planUse(): Promise<PlanUse>;
  client(): Promise<Row | undefined>;
  myAccountApi(): Promise<Row | undefined>;
  /** The client's own grants for the My Account API whose subject is a user. */
  userGrant(): Promise<Row | undefined>;
  connection(name: string): Promise<Row | undefined>;
  /** Client ids that may use the connection. */
  enabledClients(connectionId: string): Promise<readonly string[]>;
}

/** What a tenant tells of its plan, and what it has of what a plan limits. */
export interface PlanUse {
  /** Requests that the Management API takes at once (`x-ratelimit-limit`); undefined where it does not say. */
  readonly rateLimit: number | undefined;
  /** The first hundred. */
  readonly connections: readonly { readonly name: string; readonly strategy: string }[];
  /** APIs that are not Auth0's own. */
  readonly apis: number;
  readonly clientGrants: number;
}

/** Who asks. */
export interface ManagementCredentials {
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** More pages than this is a cursor that runs in a circle. */
const MAX_PAGES = 100;
/** How often one question is asked again that came too fast, and the shortest wait, in milliseconds. */
const MAX_WAITS = 5;
const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/**
 * Finds credentials of the Management API for this tenant: a local tenant's own file in the project
 * folder, or the AUTH0_ variables of `tvk shell` or with `--management`.
 *
 * @throws {CliError} `invalid_input`: `--management` without the variables, or for another tenant.
 */
export function managementCredentials(
  domain: string,
  { env, asked, projectDir }: { env: NodeJS.ProcessEnv; asked: boolean; projectDir: string },
): ManagementCredentials | undefined {
  const { AUTH0_DOMAIN, AUTH0_CLIENT_ID: clientId, AUTH0_CLIENT_SECRET: clientSecret } = env;
  const given = AUTH0_DOMAIN?.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  if (asked || env["TVK_SHELL"] === "1") {
    if (given === domain && clientId && clientSecret) return { domain, clientId, clientSecret };
    if (asked) {
      throw inputError(
        "invalid_input",
        given === undefined || given === domain
          ? "--management needs the credentials of a Management application"
          : `--management: AUTH0_DOMAIN is ${given}, the profile's tenant is ${domain}`,
        `Set AUTH0_DOMAIN=${domain}, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET.`,
      );
    }
  }
  return localTenantOf(domain, projectDir)?.credentials;
}

/** The local tenant of that domain in a project: the project's, or an environment's own. */
export function localTenantOf(
  domain: string,
  projectDir: string,
): { readonly dir: string; readonly credentials: ManagementCredentials } | undefined {
  const own = environmentsHere(projectDir).filter(({ ownTenant }) => ownTenant);
  for (const name of [undefined, ...own.map((each) => each.name)]) {
    const dir = tenantDir(projectDir, name);
    const credentials = credentialsIn(dir);
    if (credentials?.domain === domain) return { dir, credentials };
  }
  return undefined;
}

function credentialsIn(dir: string): ManagementCredentials | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, "management-client.json"), "utf8"));
  } catch {
    // No local tenant there, or not ours to read: the user's own view is what there is.
    return undefined;
  }
}

/** Reads with these credentials. One token serves all; a refusal throws and names the path. */
export function managementView(
  credentials: ManagementCredentials,
  { clientId, timeoutMs }: { clientId: string; timeoutMs: number },
): ManagementView {
  const issuer = `https://${credentials.domain}/`;
  const signal = () => AbortSignal.timeout(timeoutMs);
  const token = once(() => managementToken(credentials, issuer, signal()));
  let rateLimit: number | undefined;
  const ask = async (path: string, waits = MAX_WAITS): Promise<Response> => {
    const response = await fetch(`${issuer}api/v2/${path}`, {
      headers: { authorization: `Bearer ${(await token()).access_token}` },
      signal: signal(),
    });
    const limit = Number(response.headers.get("x-ratelimit-limit") ?? Number.NaN);
    if (!Number.isNaN(limit)) rateLimit = limit;
    // A free plan takes two requests a second, and a look at the chain is more than that.
    if (response.status !== 429 || waits === 0) return response;
    await response.body?.cancel();
    await sleep(untilReset(response));
    return ask(path, waits - 1);
  };
  const get = async (path: string, hidden?: string): Promise<unknown> => {
    const response = await ask(path);
    // 501 is the local tenant's answer for what it has not.
    if (response.status === 404 || response.status === 501) return undefined;
    if (response.status === 403 && hidden !== undefined) return hidden;
    if (!response.ok) throw refused(`the Management API answered ${response.status} to ${path}`);
    return response.json();
  };
  const encoded = encodeURIComponent;
  return {
    grantedScopes: async () => (await token()).scope?.split(" "),
    mfaPolicies: async () =>
      (await get("guardian/policies", "hidden")) as string[] | "hidden" | undefined,
    planUse: once(async () => {
      const page = "per_page=100&page=0";
      const connections = ((await get(`connections?${page}&fields=name,strategy`)) ??
        []) as PlanUse["connections"];
      const apis = ((await get(`resource-servers?${page}`)) ?? []) as Row[];
      const grants = ((await get(`client-grants?${page}`)) ?? []) as Row[];
      const own = apis.filter(({ is_system: system }) => system !== true);
      return { rateLimit, connections, apis: own.length, clientGrants: grants.length };
    }),
    client: once(async () => (await get(`clients/${encoded(clientId)}`)) as Row | undefined),
    myAccountApi: once(
      async () => (await get(`resource-servers/${encoded(`${issuer}me/`)}`)) as Row | undefined,
    ),
    userGrant: once(async () => {
      const audience = `${issuer}me/`;
      const path = `client-grants?client_id=${encoded(clientId)}&audience=${encoded(audience)}`;
      const rows = ((await get(path)) ?? []) as Row[];
      return rows.find((row) => row["audience"] === audience && row["subject_type"] === "user");
    }),
    connection: async (name) => {
      const rows = ((await get(`connections?name=${encoded(name)}`)) ?? []) as Row[];
      return rows.find((row) => row["name"] === name);
    },
    enabledClients: async (id) => {
      const all: string[] = [];
      let from = "";
      for (let page = 0; page < MAX_PAGES; page++) {
        const { clients = [], next } = ((await get(
          `connections/${encoded(id)}/clients?take=50${from}`,
        )) ?? {}) as { clients?: { client_id: string }[]; next?: string };
        all.push(...clients.map(({ client_id: each }) => each));
        if (!next) break;
        from = `&from=${encoded(next)}`;
      }
      return all;
    },
  };
}

/** Milliseconds until there is room again, as the answer says. */
function untilReset(response: Response): number {
  const wait = askedDelayMs({ now: Date.now }, response);
  if (Number.isNaN(wait)) return SHORTEST_WAIT_MS;
  return Math.min(Math.max(wait, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

async function managementToken(
  { clientId, clientSecret }: ManagementCredentials,
  issuer: string,
  signal: AbortSignal,
): Promise<{ access_token: string; scope?: string }> {
  const response = await fetch(`${issuer}oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      audience: `${issuer}api/v2/`,
    }),
    signal,
  });
  if (!response.ok)
    throw refused(`the tenant refused the Management application (${response.status})`);
  return (await response.json()) as { access_token: string; scope?: string };
}

function refused(message: string) {
  return inputError(
    "management_refused",
    message,
    "Check its secret and its Management API scopes.",
  );
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}
