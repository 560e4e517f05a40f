/** @module The engine's own list of what a program declares, with the ids of the objects that are there. */
import type { ExistingObjects } from "./existing-objects.ts";

/** One entry of `pulumi preview --import-file`, and of `pulumi import --file`. */
export interface ImportEntry {
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly parent?: string;
  readonly component?: boolean;
  readonly [key: string]: unknown;
}

const myAccountApi = {
  type: "auth0:index/resourceServer:ResourceServer",
  name: "my-account-api",
  parent: "my-account",
};

/**
 * Fills in the ids. What the tenant has not is left out: it is made by the next `up`.
 *
 * @returns The entries, and the names of the resources that are left out.
 */
export function filled(
  entries: readonly ImportEntry[],
  objects: ExistingObjects,
): { entries: ImportEntry[]; missing: string[] } {
  const missing: string[] = [];
  const found = entries.flatMap((each) => {
    if (each.component === true) return [each];
    const id = idOf(each, objects);
    if (id === undefined) missing.push(each.name);
    return id === undefined ? [] : [{ ...each, id }];
  });
  // The program imports this one itself, so the engine's list has it not.
  const { myAccountApiId: id } = objects;
  if (id !== undefined) found.push({ ...myAccountApi, id });
  return { entries: found, missing };
}

function idOf({ type, name }: ImportEntry, objects: ExistingObjects): string | undefined {
  const clientId = String(objects.client["client_id"]);
  const connectionId = String(objects.connection["id"]);
  switch (type.split(":").at(-1)) {
    case "Connection":
      return connectionId;
    case "Client":
    case "ClientCredentials":
      return clientId;
    case "ClientGrant":
      return objects.grantId;
    case "ConnectionClients":
      return objects.enabledClients.length > 0 ? connectionId : undefined;
    case "ConnectionClient": {
      const login = objects.logins.find((each) => name.endsWith(`-${each.name.toLowerCase()}`));
      return login && `${login.id}::${clientId}`;
    }
    default:
      return undefined;
  }
}
