/** @module auth0:index/clientGrant:ClientGrant. */

import type { Failure } from "../protocol/plugin.ts";
import { isPlainMap, type PlainMap } from "../protocol/value.ts";
import { clientGrantFields } from "./client-grant-table.ts";
import type { CreateContext, ResourceTable } from "./resource-table.ts";

export const clientGrantTable: ResourceTable = {
  type: "auth0:index/clientGrant:ClientGrant",
  fields: () => clientGrantFields,
  path: "/client-grants",
  idKey: "id",
  stables: ["id", "audience", "clientId", "subjectType"],
  check,
  create: createOrAdopt,
};

function check({ clientId, defaultFor, scopes, allowAllScopes }: PlainMap): Failure[] {
  const failures: Failure[] = [];
  if (clientId === undefined && defaultFor === undefined) {
    failures.push({ path: ["clientId"], reason: "is required, or else defaultFor" });
  }
  if (clientId !== undefined && defaultFor !== undefined) {
    failures.push({ path: ["defaultFor"], reason: "cannot be set together with clientId" });
  }
  if (scopes === undefined && allowAllScopes === undefined) {
    failures.push({ path: ["scopes"], reason: "is required, or else allowAllScopes" });
  }
  if (Array.isArray(scopes) && scopes.length > 0 && allowAllScopes === true) {
    failures.push({ path: ["scopes"], reason: "cannot be set together with allowAllScopes" });
  }
  return failures;
}

/**
 * Makes a grant, or adopts the one that exists: a client has at most one per API and subject type.
 *
 * The official provider adopts it with the scopes it has; here it gets the wanted ones.
 */
async function createOrAdopt({
  management,
  inputs,
  body,
  adopt,
}: CreateContext): Promise<PlainMap> {
  const { clientId, audience, subjectType } = inputs;
  if (clientId !== undefined) {
    const query = new URLSearchParams({
      audience: String(audience),
      client_id: String(clientId),
      include_totals: "true",
      per_page: "50",
    });
    const answer = await management.request("GET", `/client-grants?${query}`);
    const list = isPlainMap(answer) ? answer["client_grants"] : answer;
    const existing = (Array.isArray(list) ? list.filter(isPlainMap) : []).find(
      (grant) => (grant["subject_type"] ?? "client") === (subjectType ?? "client"),
    );
    if (existing !== undefined) return adopt(existing);
  }
  const answer = await management.request("POST", "/client-grants", body);
  return isPlainMap(answer) ? answer : {};
}
