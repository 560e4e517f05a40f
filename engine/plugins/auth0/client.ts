/** @module auth0:index/client:Client. */

import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { clientFields } from "./client-table.ts";
import type { Management } from "./management.ts";
import { NoAnswer, TenantRefusal } from "./management-error.ts";
import { bears, marksOf } from "./marks.ts";
import type { CreateContext, ResourceTable } from "./resource-table.ts";

/** Auth0's largest page of a list. */
const perPage = 100;
/** How often a marked client is asked for whose answer got lost, and how long is waited before, doubled each time. */
const creation = { tries: 3, firstWaitMs: 500 };

export const clientTable: ResourceTable = {
  type: "auth0:index/client:Client",
  fields: () => clientFields,
  path: "/clients",
  idKey: "client_id",
  autoNamed: true,
  defaults: { description: "Managed by Pulumi" },
  stables: ["id", "clientId", "signingKeys"],
  check({ resourceServerIdentifier, appType }) {
    return resourceServerIdentifier === undefined || appType === "resource_server"
      ? []
      : [{ path: ["resourceServerIdentifier"], reason: 'needs appType "resource_server"' }];
  },
  createBody: (inputs) => authMethod(inputs),
  create: createOrAdopt,
};

/** The authentication method that the official provider gives a new client; ClientCredentials changes it. */
function authMethod({ appType, isTokenEndpointIpHeaderTrusted }: PlainMap): PlainMap {
  if (appType === "native" || appType === "spa") return { token_endpoint_auth_method: "none" };
  const confidential = appType === "regular_web" || appType === "non_interactive";
  return confidential || isTokenEndpointIpHeaderTrusted !== undefined
    ? { token_endpoint_auth_method: "client_secret_post" }
    : {};
}

/**
 * Makes a client, or adopts the one that an interrupted run made: it bears the same marks.
 *
 * A client's name is not unique, so a POST whose answer got lost is repeated only where a mark tells whether
 * it had its effect.
 */
async function createOrAdopt(context: CreateContext): Promise<PlainMap> {
  const { management, body, adopt } = context;
  const marks = context.mayAdopt ? marksOf(body["client_metadata"]) : undefined;
  for (let tries = 1; ; tries++) {
    const id = marks && (await findMarked(management, marks, context.known));
    if (id !== undefined) {
      const existing = await management.request("GET", `/clients/${encodeURIComponent(id)}`);
      return adopt(isPlainMap(existing) ? existing : {});
    }
    try {
      const answer = await management.request("POST", "/clients", body, { repeatable: false });
      return isPlainMap(answer) ? answer : {};
    } catch (error) {
      const lost =
        error instanceof NoAnswer || (error instanceof TenantRefusal && error.status >= 500);
      if (!lost || marks === undefined || tries === creation.tries) throw error;
      if (!(await management.pause(creation.firstWaitMs * 2 ** (tries - 1)))) throw error;
    }
  }
}

async function findMarked(
  management: Management,
  marks: PlainMap,
  known: ReadonlySet<string>,
): Promise<string | undefined> {
  for (let page = 0; ; page++) {
    const query = `fields=client_id,client_metadata&include_fields=true&page=${page}&per_page=${perPage}`;
    const clients = await management.request("GET", `/clients?${query}`);
    if (!Array.isArray(clients)) return undefined;
    const found = clients
      .filter(isPlainMap)
      .find(
        ({ client_id, client_metadata }) =>
          bears(client_metadata, marks) && !known.has(String(client_id)),
      );
    if (found !== undefined) return String(found["client_id"]);
    if (clients.length < perPage) return undefined;
  }
}
