/** @module auth0:index/resourceServer:ResourceServer. */

import { PluginError } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { TenantRefusal } from "./management-error.ts";
import { resourceServerFields } from "./resource-server-table.ts";
import type { CreateContext, ResourceTable, UpdateContext } from "./resource-table.ts";

/** The tenant names its own APIs itself, and ignores any other name. */
const myAccountName = "Auth0 My Account API";
const managementName = "Auth0 Management API";
/** All that can be changed of the Management API. */
const managementWritable = [
  "token_lifetime",
  "skip_consent_for_verifiable_first_party_clients",
  "subject_type_authorization",
];

export const resourceServerTable: ResourceTable = {
  type: "auth0:index/resourceServer:ResourceServer",
  fields: () => resourceServerFields,
  path: "/resource-servers",
  idKey: "id",
  unique: "identifier",
  autoNamed: true,
  stables: ["id", "identifier", "isSystem"],
  ignores: ({ path }, { isSystem }) => isSystem === true && path[0] === "name",
  updateBody,
  create: createOrAdopt,
  deletable: ({ isSystem, name }) => isSystem !== true || name !== managementName,
};

function updateBody(body: PlainMap, { outputs }: UpdateContext): PlainMap {
  if (outputs["isSystem"] !== true) return body;
  if (outputs["name"] === managementName) {
    return Object.fromEntries(
      Object.entries(body).filter(([key]) => managementWritable.includes(key)),
    );
  }
  return { ...body, name: myAccountName };
}

/**
 * Makes an API. One that exists is taken over only if it is the tenant's own (the My Account API, which any
 * number of stacks share); any other belongs to somebody.
 */
async function createOrAdopt({
  management,
  inputs,
  body,
  adopt,
}: CreateContext): Promise<PlainMap> {
  try {
    const answer = await management.request("POST", "/resource-servers", body);
    return isPlainMap(answer) ? answer : {};
  } catch (error) {
    if (!(error instanceof TenantRefusal) || error.status !== 409) throw error;
    const identifier = encodeURIComponent(String(inputs["identifier"]));
    const found = await management.request("GET", `/resource-servers/${identifier}`);
    if (!isPlainMap(found)) throw error;
    if (found["is_system"] === true) return adopt(found);
    throw new PluginError(
      error.message,
      `The tenant has it as ${String(found["id"])}: take it over with: pulumi import auth0:index/resourceServer:ResourceServer NAME ${String(found["id"])}`,
      { cause: error },
    );
  }
}
