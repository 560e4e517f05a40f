/** @module A stack's configuration as adopted objects have it. */
import { isPlainMap, type PlainMap } from "../engine/plugins/protocol/value.ts";
import type { ExistingObjects } from "./existing-objects.ts";

/** The keys of the configuration, without their namespace, that say what the objects are. */
export function configOf({ connection, client, logins }: ExistingObjects): Record<string, unknown> {
  const options = optionsOf(connection);
  const { display_name: displayName, authentication } = connection;
  const active = isPlainMap(authentication) ? authentication["active"] : undefined;
  return {
    connectionName: connection["name"],
    ...(typeof displayName === "string" ? { displayName } : {}),
    scopes: scopesOf(options["scope"]),
    ...(active === false ? { vaultOnly: true } : {}),
    clientName: client["name"],
    loginConnections: logins.map(({ name }) => name),
    helpdesk: { mode: "external", url: apiUrl(options) },
  };
}

/** The secret that Auth0 shows at the provider. Undefined where the tenant does not tell it. */
export function providerSecret({ connection }: ExistingObjects): string | undefined {
  const secret = optionsOf(connection)["client_secret"];
  return typeof secret === "string" && secret !== "" ? secret : undefined;
}

/** The address that both endpoints begin with; what does not follow from it is kept as it is. */
function apiUrl(options: PlainMap): string {
  const url = String(options["authorizationURL"] ?? "");
  return url.endsWith("/authorize") ? url.slice(0, -"/authorize".length) : new URL(url).origin;
}

function scopesOf(scope: PlainMap[string] | undefined): string[] {
  const list = Array.isArray(scope) ? scope.map(String) : String(scope ?? "").split(" ");
  return list.filter((each) => each !== "");
}

function optionsOf({ options }: PlainMap): PlainMap {
  return isPlainMap(options) ? options : {};
}
