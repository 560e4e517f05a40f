/** @module auth0:index/connection:Connection. */

import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";
import { connectionFields, strategies } from "./connection-table.ts";
import { type Fields, wireName } from "./field.ts";
import type { Management } from "./management.ts";
import { TenantRefusal } from "./management-error.ts";
import { bears, marksOf } from "./marks.ts";
import type { CreateContext, ResourceTable, UpdateContext } from "./resource-table.ts";
import { noteConnection } from "./seen-connections.ts";

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
      : [{ path: ["strategy"], reason: unsupportedStrategy, seen: strategy }],
  updateBody,
  async create(context) {
    const connection = await createOrAdopt(context);
    noteConnection(context.management, connection);
    return connection;
  },
};

const unsupportedStrategy = `must be one of ${strategies.join(", ")} with the kit's auth0 plugin (set TVK_PLUGINS=official to use the official plugin)`;

/**
 * The body of an update. PATCH replaces `options` as a whole, so where one changes all of them are sent again:
 * those of the program and those that are not the program's but there. A display name that is left out is
 * reset to the name, so one that the tenant has is repeated: as it is there now, not as the state knows it.
 */
async function updateBody(body: PlainMap, update: UpdateContext): Promise<PlainMap> {
  const { inputs, changes, there } = update;
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const { authentication, connected_accounts, metadata, options, ...rest } = body;
  const result: PlainMap = { ...rest };
  const named = inputs["displayName"] !== undefined;
  const { options: now = null, display_name: displayName } =
    named && !changed.has("options") ? {} : await there();
  if (changed.has("options")) {
    const field = connectionFields(String(inputs["strategy"]))["options"];
    result["options"] = withOthers(options ?? {}, now, field?.fields ?? {});
  }
  if (changed.has("authentication")) result["authentication"] = authentication ?? null;
  if (changed.has("connectedAccounts")) result["connected_accounts"] = connected_accounts ?? null;
  if (changed.has("metadata")) result["metadata"] = metadata ?? {};
  if (!named && typeof displayName === "string" && displayName !== "") {
    result["display_name"] = displayName;
  }
  return result;
}

/** What is sent, and beside it what is there and not the program's: the tenant's own, and what no table knows. */
function withOthers(sent: Plain, there: Plain, fields: Fields): Plain {
  if (!isPlainMap(sent) || !isPlainMap(there)) return sent;
  const result: PlainMap = { ...sent };
  for (const [name, value] of Object.entries(there)) {
    const field = Object.entries(fields).find(
      ([property, each]) => each.kind !== "unsupported" && wireName(property, each) === name,
    )?.[1];
    const own = result[name];
    if (own === undefined) {
      if (field === undefined || (field.computed === true && field.writeOnly !== true))
        result[name] = value;
    } else if (field?.kind === "block") result[name] = withOthers(own, value, field.fields ?? {});
  }
  return result;
}

/** How often and how long a name is waited for that the tenant has not finished deleting, doubled each time. */
const deletion = { tries: 5, firstWaitMs: 1000 };

/**
 * Makes a connection, or adopts the one of that name which an interrupted run made: it bears the same marks.
 *
 * Auth0 deletes a connection with its users in the background; until then its name is taken by nothing that
 * can be found, and the create is tried again.
 */
async function createOrAdopt(context: CreateContext): Promise<PlainMap> {
  const { management, body } = context;
  for (let tries = 1; ; tries++) {
    try {
      const answer = await management.request("POST", "/connections", body);
      return isPlainMap(answer) ? answer : {};
    } catch (error) {
      if (!(error instanceof TenantRefusal) || error.status !== 409) throw error;
      const found = await findByName(management, String(body["name"]));
      if (found !== undefined) return adoptOrRefuse(context, found, error);
      const waitMs = deletion.firstWaitMs * 2 ** (tries - 1);
      if (tries === deletion.tries || !(await management.pause(waitMs))) throw error;
    }
  }
}

async function findByName(management: Management, name: string): Promise<PlainMap | undefined> {
  const list = await management.request("GET", `/connections?name=${encodeURIComponent(name)}`);
  return (Array.isArray(list) ? list.filter(isPlainMap) : []).find((item) => item["name"] === name);
}

function adoptOrRefuse(
  { inputs, body, adopt, known, mayAdopt }: CreateContext,
  found: PlainMap,
  error: TenantRefusal,
): Promise<PlainMap> {
  const id = String(found["id"]);
  const marks = mayAdopt && !known.has(id) ? marksOf(body["metadata"]) : undefined;
  const ours = marks !== undefined && bears(found["metadata"], marks);
  if (ours && found["strategy"] === inputs["strategy"]) return adopt(found);
  throw new PluginError(
    error.message,
    `The tenant has it as ${id}: give this one another name, or take it over with: pulumi import ${connectionTable.type} NAME ${id}`,
    { cause: error },
  );
}
