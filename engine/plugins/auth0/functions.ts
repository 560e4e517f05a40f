/** @module The look-ups that a program calls: getClient, getConnection, getResourceServer. */

import type { Invocation } from "../protocol/plugin.ts";
import { PluginError } from "../protocol/plugin.ts";
import { seal } from "../protocol/secrets.ts";
import { isPlainMap, type Plain, type PlainMap, type PropertyMap } from "../protocol/value.ts";
import { clientFields } from "./client-table.ts";
import { connectionFields } from "./connection-table.ts";
import { enabledClients } from "./enabled-clients.ts";
import type { Field, Fields } from "./field.ts";
import type { Management } from "./management.ts";
import { resourceServerFields } from "./resource-server-table.ts";
import { noteConnection } from "./seen-connections.ts";
import { fromWire } from "./wire.ts";

export function functions(tenant: () => Management): { readonly [token: string]: Invocation } {
  return {
    "auth0:index/getResourceServer:getResourceServer": async (args) => {
      const { identifier, resourceServerId } = args;
      const key = oneOf(args, "resourceServerId", "identifier");
      const answer = await tenant().request("GET", `/resource-servers/${encodeURIComponent(key)}`);
      const server = isPlainMap(answer) ? answer : {};
      const scopes = Array.isArray(server["scopes"]) ? server["scopes"].filter(isPlainMap) : [];
      return {
        ...listed(fromWire(server, resourceServerFields), resourceServerFields),
        ...(identifier === undefined ? {} : { identifier }),
        ...(resourceServerId === undefined ? {} : { resourceServerId }),
        id: server["id"] ?? "",
        scopes: scopes.map(({ value = "", description = "" }) => ({ name: value, description })),
      };
    },

    "auth0:index/getConnection:getConnection": async (args) => {
      const connection = await findConnection(tenant(), args);
      noteConnection(tenant(), connection);
      const fields = connectionFields(String(connection["strategy"]));
      const id = String(connection["id"]);
      const clients = args["skipEnabledClients"] === true ? [] : await enabledClients(tenant(), id);
      const outputs = listed(fromWire(connection, fields), fields);
      const [options] = Array.isArray(outputs["options"]) ? outputs["options"] : [];
      return {
        ...args,
        ...outputs,
        showAsButton: outputs["showAsButton"] === true,
        options: isPlainMap(options)
          ? [seal(options, [["clientSecret"], ["configuration"], ["twilioToken"]])]
          : [],
        connectionId: id,
        id,
        enabledClients: clients ?? [],
      } satisfies PropertyMap;
    },

    "auth0:index/getClient:getClient": async (args) => {
      const client = await findClient(tenant(), args);
      const outputs = {
        ...args,
        ...listed(fromWire(client, clientFields), clientFields),
        id: client["client_id"] ?? "",
        clientSecret: client["client_secret"] ?? "",
        tokenEndpointAuthMethod: client["token_endpoint_auth_method"] ?? "",
        clientAuthenticationMethods: [],
        signedRequestObjects: [],
      };
      return seal(outputs, [["clientSecret"], ["signingKeys"]]);
    },
  };
}

async function findConnection(management: Management, args: PlainMap): Promise<PlainMap> {
  const { connectionId, name } = args;
  oneOf(args, "connectionId", "name");
  if (typeof connectionId === "string") {
    const answer = await management.request(
      "GET",
      `/connections/${encodeURIComponent(connectionId)}`,
    );
    return isPlainMap(answer) ? answer : {};
  }
  const list = await management.request(
    "GET",
    `/connections?name=${encodeURIComponent(String(name))}`,
  );
  const found = (Array.isArray(list) ? list.filter(isPlainMap) : []).find(
    (item) => item["name"] === name,
  );
  if (found === undefined) {
    throw new PluginError(
      `GET /api/v2/connections: the tenant has no connection named "${String(name)}" (404)`,
    );
  }
  return found;
}

async function findClient(management: Management, args: PlainMap): Promise<PlainMap> {
  const { clientId, name } = args;
  oneOf(args, "clientId", "name");
  if (typeof clientId === "string") {
    const answer = await management.request("GET", `/clients/${encodeURIComponent(clientId)}`);
    return isPlainMap(answer) ? answer : {};
  }
  for (let page = 0; ; page++) {
    const list = await management.request("GET", `/clients?page=${page}&per_page=100`);
    const clients = Array.isArray(list) ? list.filter(isPlainMap) : [];
    const found = clients.find((client) => client["name"] === name && client["global"] !== true);
    if (found !== undefined) return found;
    if (clients.length < 100) break;
  }
  throw new PluginError(
    `GET /api/v2/clients: the tenant has no client named "${String(name)}" (404)`,
  );
}

/** The first argument that is given, of those by which an object can be named. */
function oneOf(args: PlainMap, ...names: string[]): string {
  const given = names
    .map((name) => args[name])
    .find((value) => typeof value === "string" && value !== "");
  if (typeof given === "string") return given;
  throw new PluginError(`one of the arguments ${names.join(", ")} is required`);
}

/** In the result of a function each block is a list of at most one, under its plural name. */
function listed(outputs: PlainMap, fields: Fields): PlainMap {
  return Object.fromEntries(
    Object.entries(outputs).map(([property, value]) => {
      const field = fields[property];
      const block = field?.kind === "block" || (field?.kind === "unsupported" && value === null);
      if (field === undefined || !block) return [property, eachListed(value, field)];
      return [plural(property), isPlainMap(value) ? [listed(value, field.fields ?? {})] : []];
    }),
  );
}

function eachListed(value: Plain, field: Field | undefined): Plain {
  const { fields } = field ?? {};
  if (fields === undefined || !Array.isArray(value)) return value;
  return value.map((item) => (isPlainMap(item) ? listed(item, fields) : item));
}

function plural(name: string): string {
  if (name.endsWith("s")) return name;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return name.endsWith("sh") ? `${name}es` : `${name}s`;
}
