/** @module Whether a create has reached the tenant: looked up by identifier, mark or name. */
import type { Management } from "../plugins/auth0/management.ts";
import { bears, marksOf } from "../plugins/auth0/marks.ts";
import type { Plain, PlainMap } from "../plugins/protocol/value.ts";
import type { StateResource } from "./exported-state.ts";
import type { LookUp } from "./pending-creates.ts";
import { listed } from "./tenant-list.ts";

/**
 * Resources without an object of their own: they set something on one that exists, so that creating them
 * again sets it again. A grant is one of them: both plugins take over the one that is there. A `Command`
 * of ours makes sure of something (services/main.ts).
 */
const settings = new Set([
  "auth0:index/clientCredentials:ClientCredentials",
  "auth0:index/clientGrant:ClientGrant",
  "auth0:index/connectionClient:ConnectionClient",
  "auth0:index/connectionClients:ConnectionClients",
]);

/** Looks in this tenant. Lists are read once for all that is looked for. */
export function tenantLookUp(api: Management): LookUp {
  const lists = new Map<string, Promise<PlainMap[]>>();
  const list = (path: string) => {
    const known = lists.get(path) ?? listed(api, path);
    lists.set(path, known);
    return known;
  };
  return async (resource) => {
    const { type, inputs = {} } = resource;
    switch (type) {
      case "auth0:index/client:Client":
        return (await list("/clients"))
          .filter((each) => isMadeBy(inputs, "clientMetadata", each, "client_metadata"))
          .map((each) => String(each["client_id"]));
      case "auth0:index/connection:Connection":
        return (await list("/connections"))
          .filter((each) => isMadeBy(inputs, "metadata", each, "metadata"))
          .map(idOf);
      case "auth0:index/resourceServer:ResourceServer":
        return (await list("/resource-servers"))
          .filter(({ identifier }) => identifier === inputs["identifier"])
          .map(idOf);
      default:
        return settings.has(type) || isOurCommand(resource) ? "again" : undefined;
    }
  };
}

/** By its marks, where the create has set any; else by its name. Another stack's is not this one's. */
function isMadeBy(
  inputs: NonNullable<StateResource["inputs"]>,
  inInputs: string,
  found: PlainMap,
  inFound: string,
): boolean {
  const marks = marksOf(inputs[inInputs] as Plain | undefined);
  if (marks !== undefined) return bears(found[inFound], marks);
  return found["name"] === inputs["name"] && marksOf(found[inFound]) === undefined;
}

function isOurCommand({ type, inputs }: StateResource): boolean {
  const environment = inputs?.["environment"];
  return (
    type === "command:local:Command" &&
    typeof environment === "object" &&
    environment !== null &&
    "TVK_SERVICE" in environment
  );
}

function idOf(each: PlainMap): string {
  return String(each["id"]);
}
