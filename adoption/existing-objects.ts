/** @module The objects of a Token Vault chain that somebody made by hand, found in the tenant. Changes nothing. */
import { absent } from "../engine/plugins/auth0/absent.ts";
import type { Management } from "../engine/plugins/auth0/management.ts";
import { isPlainMap, type PlainMap } from "../engine/plugins/protocol/value.ts";
import { AdoptionError } from "./adoption-error.ts";
import type { BuiltIn } from "./built-ins.ts";

/** What was found. */
export interface ExistingObjects {
  readonly connection: PlainMap;
  readonly client: PlainMap;
  /** The client's grant for the My Account API, with a user as its subject. */
  readonly grantId: string | undefined;
  readonly myAccountApiId: string | undefined;
  /** Connections besides the one that is adopted through which the client's users sign in: name and id. */
  readonly logins: readonly { readonly name: string; readonly id: string }[];
  /** All clients that the connection is enabled for. */
  readonly enabledClients: readonly string[];
  /** Those of the configuration's `builtInConnections` that the tenant has. */
  readonly builtIns: readonly (JoinedConnection & { readonly strategy: string })[];
}

/** A connection, and all clients that it is enabled for. */
export interface JoinedConnection {
  readonly id: string;
  readonly enabledClients: readonly string[];
}

/** Which ones are meant, where there are several. */
export interface Choice {
  readonly domain: string;
  /** Name of the connection. */
  readonly connection: string | undefined;
  /** Id or name of the client. */
  readonly client: string | undefined;
  /** What the configuration has beside it. */
  readonly builtIns: readonly BuiltIn[];
}

const tokenVaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const perPage = 100;

/**
 * Finds the connection, the client and what belongs to them.
 *
 * @throws {AdoptionError} `not_found`; `ambiguous`, with the candidates.
 */
export async function existingObjects(api: Management, choice: Choice): Promise<ExistingObjects> {
  const connections = await all(api, "/connections");
  const builtIns = choice.builtIns.flatMap((each) => {
    const found = builtInOf(connections, each);
    return found === undefined ? [] : [{ strategy: each.strategy, id: String(found["id"]) }];
  });
  const others = connections.filter(({ id }) => !builtIns.some((each) => each.id === id));
  const connection = chosenConnection(others, choice.connection);
  const enabledClients = await clientsOf(api, String(connection["id"]));
  const client = chosenClient(await all(api, "/clients"), enabledClients, choice.client);
  const clientId = String(client["client_id"]);
  const audience = `https://${choice.domain}/me/`;
  const query = new URLSearchParams({ client_id: clientId, audience, subject_type: "user" });
  const grants = rows(await api.request("GET", `/client-grants?${query}`));
  const myAccount = await api
    .request("GET", `/resource-servers/${encodeURIComponent(audience)}`)
    .catch(absent);
  const logins: { name: string; id: string }[] = [];
  for (const { id, name } of others) {
    if (id === connection["id"] || typeof id !== "string") continue;
    if ((await clientsOf(api, id)).includes(clientId)) logins.push({ name: String(name), id });
  }
  return {
    connection,
    client,
    grantId: grants.map(({ id }) => id).find((id) => typeof id === "string"),
    myAccountApiId: isPlainMap(myAccount) ? String(myAccount["id"]) : undefined,
    logins,
    enabledClients,
    builtIns: await Promise.all(
      builtIns.map(async (each) => ({ ...each, enabledClients: await clientsOf(api, each.id) })),
    ),
  };
}

/** By its name; where the tenant has none of that name and the configuration names none, by its strategy. */
function builtInOf(
  connections: readonly PlainMap[],
  { strategy, name, isNamed }: BuiltIn,
): PlainMap | undefined {
  const named = connections.find((each) => each["name"] === name);
  // Slack's is a custom connection like any other.
  if (named !== undefined || isNamed || strategy === "slack") return named;
  const candidates = connections.filter((each) => each["strategy"] === strategy);
  if (candidates.length < 2) return candidates[0];
  throw new AdoptionError(
    "ambiguous",
    `${candidates.length} could be the ${strategy} connection of builtInConnections: ${namesOf(candidates)}`,
    "Say which one is meant: give it `name` there.",
  );
}

function chosenConnection(connections: readonly PlainMap[], wanted: string | undefined): PlainMap {
  const named = connections.filter(({ name }) => name === wanted);
  const custom = connections.filter(({ strategy }) => strategy === "oauth2");
  const candidates = wanted === undefined ? custom : named;
  return one(candidates, {
    what: "connection",
    none:
      wanted === undefined
        ? "the tenant has no oauth2 connection"
        : `the tenant has no connection "${wanted}"; its oauth2 connections: ${namesOf(custom) || "none"}`,
    flag: "--connection NAME",
    inWords: ({ name, id }) => `${String(name)} (${String(id)})`,
  });
}

/** The client that may exchange at the vault and that the connection is enabled for; or the one that was named. */
function chosenClient(
  clients: readonly PlainMap[],
  enabled: readonly string[],
  wanted: string | undefined,
): PlainMap {
  const vault = clients.filter(
    ({ grant_types: grants }) => Array.isArray(grants) && grants.includes(tokenVaultGrant),
  );
  const joined = vault.filter(({ client_id: id }) => enabled.includes(String(id)));
  const named = clients.filter(({ client_id: id, name }) => id === wanted || name === wanted);
  return one(wanted === undefined ? (joined.length > 0 ? joined : vault) : named, {
    what: "client",
    none:
      wanted === undefined
        ? "the tenant has no client with the Token Vault grant type"
        : `the tenant has no client "${wanted}"`,
    flag: "--client ID",
    inWords: ({ name, client_id: id }) => `${String(name)} (${String(id)})`,
  });
}

function one(
  candidates: readonly PlainMap[],
  about: { what: string; none: string; flag: string; inWords: (each: PlainMap) => string },
): PlainMap {
  const [first] = candidates;
  if (first === undefined) {
    throw new AdoptionError("not_found", about.none, `Say which one is meant: ${about.flag}.`);
  }
  if (candidates.length === 1) return first;
  throw new AdoptionError(
    "ambiguous",
    `${candidates.length} could be the ${about.what}:\n${candidates.map((each) => `  ${about.inWords(each)}`).join("\n")}`,
    `Say which one is meant: ${about.flag}.`,
  );
}

async function clientsOf(api: Management, connection: string): Promise<string[]> {
  const found: string[] = [];
  let from = "";
  do {
    const path = `/connections/${encodeURIComponent(connection)}/clients?take=50${from}`;
    const answer = await api.request("GET", path).catch(absent);
    if (!isPlainMap(answer)) return found;
    found.push(...rows(answer["clients"] ?? null).map(({ client_id: id }) => String(id)));
    from = typeof answer["next"] === "string" ? `&from=${encodeURIComponent(answer["next"])}` : "";
  } while (from !== "");
  return found;
}

async function all(api: Management, path: string): Promise<PlainMap[]> {
  const found: PlainMap[] = [];
  for (let page = 0; ; page++) {
    const list = rows(await api.request("GET", `${path}?page=${page}&per_page=${perPage}`));
    found.push(...list);
    if (list.length < perPage) return found;
  }
}

function rows(answer: PlainMap[string]): PlainMap[] {
  return Array.isArray(answer) ? answer.filter(isPlainMap) : [];
}

function namesOf(list: readonly PlainMap[]): string {
  return list.map(({ name }) => String(name)).join(", ");
}
