/** @module What GET /clients takes as `q`. */
import type { TenantContext } from "../context.ts";
import type { ClientRow } from "../models/client.ts";
import { ManagementError } from "./management-error.ts";
import type { PageQuery } from "./page.ts";

/** The query of the list, `q` among it. */
interface ClientSearch extends PageQuery {
  q: string;
  is_global?: boolean | undefined;
  is_first_party?: boolean | undefined;
  app_type?: string | undefined;
  external_client_id?: string | undefined;
}

/**
 * What `q` asks for here is about client grants alone, goes with no other filter, and is paged by `take` and
 * `from`. There are no organizations on this tenant.
 */
export function clientsOfGrants(tenant: TenantContext, query: ClientSearch): ClientRow[] {
  const refuse = (reason: string) =>
    new ManagementError(
      400,
      `Query validation error: '${reason}' on property q.`,
      "invalid_query_string",
    );
  const { q, is_global: global, is_first_party: first, app_type: type, take, from } = query;
  const [, field] = /^client_grant\.(organization_id|allow_any_organization):\S+$/.exec(q) ?? [];
  if (field === undefined) {
    throw refuse(
      "permitted are client_grant.organization_id and client_grant.allow_any_organization",
    );
  }
  if ([global, first, type, query.external_client_id].some((filter) => filter !== undefined)) {
    throw refuse("it can't be combined with other filters");
  }
  if (take === undefined && from === undefined) throw refuse("it needs take or from");
  if (field === "organization_id") return [];
  const any = new Set(
    tenant.store.clientGrants
      .all()
      .filter((grant) => grant.allow_any_organization === true)
      .map((grant) => grant.client_id),
  );
  return tenant.store.clients.all().filter(({ client_id: id }) => any.has(id));
}
