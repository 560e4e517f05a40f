/** @module /grants: what users have allowed applications, to be seen and taken back. */
import { z } from "zod";
import { type Consent, consents, deleteConsent } from "../consents.ts";
import type { TenantContext } from "../context.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { offsetPage } from "./page.ts";
import { queryBoolean, queryInteger } from "./validate.ts";

const listQuery = z.strictObject({
  page: queryInteger(0, 1_000_000),
  per_page: queryInteger(1, 100),
  include_totals: queryBoolean(),
  user_id: z.string().optional(),
  client_id: z.string().optional(),
  audience: z.string().optional(),
});

export function userGrantEndpoints(tenant: TenantContext): Endpoint[] {
  const all = () => consents(tenant);
  const end = (given: readonly Consent[]) =>
    tenant.store.transaction(() => {
      for (const consent of given) deleteConsent(tenant, consent);
    });
  return [
    endpoint({
      method: "GET",
      path: "/grants",
      scopes: ["read:grants"],
      query: listQuery,
      answer({ query }) {
        const rows = all().filter(
          ({ userId, clientId, audience }) =>
            (query.user_id === undefined || userId === query.user_id) &&
            (query.client_id === undefined || clientId === query.client_id) &&
            (query.audience === undefined || audience === query.audience),
        );
        return offsetPage(rows, query, "grants", { show });
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/grants",
      scopes: ["delete:grants"],
      query: z.strictObject({ user_id: z.string().min(1) }),
      logged: "Delete the grants of a user",
      answer({ query }) {
        end(all().filter(({ userId }) => userId === query.user_id));
        return { status: 204 };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/grants/{id}",
      scopes: ["delete:grants"],
      logged: "Delete a grant",
      answer({ params }) {
        end(all().filter(({ id }) => id === params["id"]));
        return { status: 204 };
      },
    }),
  ];
}

function show({ id, clientId, userId, audience, scope }: Consent): Record<string, unknown> {
  return { id, clientID: clientId, user_id: userId, audience, scope: scope.split(" ") };
}
