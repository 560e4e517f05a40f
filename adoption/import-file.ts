/** @module The engine's own list of what a program declares, with the ids of the objects that are there. */
import { AdoptionError } from "./adoption-error.ts";
import type { ExistingObjects, JoinedConnection } from "./existing-objects.ts";

/** One entry of `pulumi preview --import-file`, and of `pulumi import --file`. */
export interface ImportEntry {
  readonly type: string;
  readonly name: string;
  /** The program's name for it, where another resource has the same. */
  readonly logicalName?: string;
  readonly id?: string;
  readonly parent?: string;
  readonly component?: boolean;
  readonly [key: string]: unknown;
}

/** Connections to Google, GitHub and Slack (components/built-in-connection.ts); each is named for its strategy. */
const builtInType = "token-vault-kit:index:BuiltInConnection";

const myAccountApi = {
  type: "auth0:index/resourceServer:ResourceServer",
  name: "my-account-api",
  parent: "my-account",
};

/**
 * Fills in the ids. What the tenant has not is left out: it is made by the next `up`.
 *
 * @returns The entries, and the names of the resources that are left out.
 * @throws {AdoptionError} `ambiguous`
 */
export function filled(
  entries: readonly ImportEntry[],
  objects: ExistingObjects,
): { entries: ImportEntry[]; missing: string[] } {
  const missing: string[] = [];
  const program = programOf(entries, objects);
  const found = entries.flatMap((each) => {
    if (each.component === true) return [each];
    const id = idOf(each, program, objects);
    if (id === undefined) missing.push(each.name);
    return id === undefined ? [] : [{ ...each, id }];
  });
  // The program imports this one itself, so the engine's list has it not.
  const { myAccountApiId: id } = objects;
  if (id !== undefined) found.push({ ...myAccountApi, id });
  return { entries: found, missing };
}

function idOf(
  { type, parent, ...entry }: ImportEntry,
  program: Program,
  objects: ExistingObjects,
): string | undefined {
  const name = called(entry);
  const clientId = String(objects.client["client_id"]);
  switch (type.split(":").at(-1)) {
    case "Connection":
      return program.connectionOf(parent)?.id;
    case "Client":
    case "ClientCredentials":
      return clientId;
    case "ClientGrant":
      return objects.grantId;
    case "ConnectionClients": {
      const joined = program.components.find(
        (each) => name === `${program.nameOf(parent)}-${each}`,
      );
      const connection = program.connectionOf(joined);
      return connection?.enabledClients.length ? connection.id : undefined;
    }
    case "ConnectionClient": {
      const login = objects.logins.find(
        (each) => name === `${program.nameOf(parent)}-${each.name.toLowerCase()}`,
      );
      return login && `${login.id}::${clientId}`;
    }
    default:
      return undefined;
  }
}

/** Which component of a program is which connection of the tenant. */
interface Program {
  /** Names of the components that declare a connection. */
  readonly components: readonly string[];
  nameOf(component: string | undefined): string | undefined;
  /** Undefined where the tenant has none: the next `up` makes it. */
  connectionOf(component: string | undefined): JoinedConnection | undefined;
}

/** @throws {AdoptionError} `ambiguous`: the program declares several that could be the one that was found. */
function programOf(entries: readonly ImportEntry[], objects: ExistingObjects): Program {
  const named = new Map(entries.map((each) => [each.name, called(each)]));
  const nameOf = (component = "") => named.get(component) ?? component;
  const declared = entries.flatMap(({ type, parent }) =>
    type.endsWith(":Connection") && parent !== undefined ? [parent] : [],
  );
  const builtIns = new Set(
    entries.filter(({ type }) => type === builtInType).map(({ name }) => name),
  );
  const own = ownOf(declared.filter((parent) => !builtIns.has(parent)).map(nameOf));
  return {
    components: declared.map(nameOf),
    nameOf,
    connectionOf(component) {
      const name = nameOf(component);
      if (name === own) {
        const { connection, enabledClients } = objects;
        return { id: String(connection["id"]), enabledClients };
      }
      return objects.builtIns.find(({ strategy }) => strategy === name);
    },
  };
}

/** The component whose connection was found: the kit's own program calls it by the key that configures it. */
function ownOf(components: readonly string[]): string | undefined {
  const own = components.filter((each) => each === "helpdesk" || each === "service");
  const candidates = own.length > 0 ? own : components;
  if (candidates.length < 2) return candidates[0];
  throw new AdoptionError(
    "ambiguous",
    `the program declares ${candidates.length} connections of its own: ${candidates.join(", ")}`,
    'Call the component of the one that is meant "helpdesk" or "service".',
  );
}

/** Where two resources have one name, the engine tells them apart by another and gives the program's beside it. */
function called({ name, logicalName }: Pick<ImportEntry, "name" | "logicalName">): string {
  return logicalName ?? name;
}
