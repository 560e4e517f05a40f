/** @module auth0:index/connection:Connection. */

import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { connectionFields, strategies } from "./connection-table.ts";
import { TenantRefusal } from "./management-error.ts";
import { bears, marksOf } from "./marks.ts";
import type { CreateContext, ResourceTable, UpdateContext } from "./resource-table.ts";

export const connectionTable: ResourceTable = {
  type: "auth0:index/connection:Connection",
  fields: ({ strategy }) => connectionFields(typeof strategy === "string" ? strategy : ""),
  path: "/connections",
  idKey: "id",
  unique: "name",
  autoNamed: true,
  stables: ["id", "name", "strategy"],
  check: ({ strategy }) =>
    typeof strategy !== "string" || strategies.includes(strategy)
      ? []
      : [{ path: ["strategy"], reason: unsupportedStrategy(strategy) }],
  updateBody,
  create: createOrAdopt,
};

function unsupportedStrategy(strategy: string): string {
  const own = strategies.join(" and ");
  return `"${strategy}" is not supported by the kit's auth0 plugin, only ${own} are. Set TVK_PLUGINS=official to use the official plugin`;
}

/**
 * The body of an update. PATCH replaces `options` as a whole, so all of them are sent again; a display name
 * that is left out is reset to the name, so one that the tenant has is repeated.
 */
function updateBody(body: PlainMap, { inputs, outputs, changes }: UpdateContext): PlainMap {
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const { authentication, connected_accounts, metadata, ...rest } = body;
  const result: PlainMap = { ...rest };
  if (changed.has("authentication")) result["authentication"] = authentication ?? null;
  if (changed.has("connectedAccounts")) result["connected_accounts"] = connected_accounts ?? null;
  if (changed.has("metadata")) result["metadata"] = metadata ?? {};
  const { displayName } = outputs;
  if (
    inputs["displayName"] === undefined &&
    typeof displayName === "string" &&
    displayName !== ""
  ) {
    result["display_name"] = displayName;
  }
  return result;
}

/** Makes a connection, or adopts the one of that name which an interrupted run made: it bears the same marks. */
async function createOrAdopt(context: CreateContext): Promise<PlainMap> {
  const { management, inputs, body, adopt, known } = context;
  try {
    const answer = await management.request("POST", "/connections", body);
    return isPlainMap(answer) ? answer : {};
  } catch (error) {
    if (!(error instanceof TenantRefusal) || error.status !== 409) throw error;
    const name = String(inputs["name"]);
    const list = await management.request("GET", `/connections?name=${encodeURIComponent(name)}`);
    const found = (Array.isArray(list) ? list.filter(isPlainMap) : []).find(
      (item) => item["name"] === name,
    );
    if (found === undefined) throw error;
    const marks = context.mayAdopt ? marksOf(body["metadata"]) : undefined;
    const sameKind = found["strategy"] === inputs["strategy"];
    if (
      marks !== undefined &&
      sameKind &&
      bears(found["metadata"], marks) &&
      !known.has(String(found["id"]))
    ) {
      return adopt(found);
    }
    throw new PluginError(
      error.message,
      `The tenant has it as ${String(found["id"])}: give this one another name, or take it over with: pulumi import auth0:index/connection:Connection NAME ${String(found["id"])}`,
      { cause: error },
    );
  }
}
