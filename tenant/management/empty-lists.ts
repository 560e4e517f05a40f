/**
 * @module Lists of what no connection here ever has. Tools that carry a whole tenant read them before they write
 * a connection, and the clients under them try again for ten seconds after a 501.
 */
import { z } from "zod";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { pageFields } from "./page.ts";
import { queryBoolean } from "./validate.ts";

/** @see Auth0's Management API, `get_actions`: 20 a page. */
const actionRows = 20;

export function emptyListEndpoints(): Endpoint[] {
  const { page, per_page, include_totals, from, take } = pageFields();
  return [
    endpoint({
      method: "GET",
      path: "/actions/actions",
      scopes: ["read:actions"],
      query: z.strictObject({
        ...{ page, per_page, include_totals },
        triggerId: z.string().optional(),
        actionName: z.string().optional(),
        deployed: queryBoolean(),
        installed: queryBoolean(),
      }),
      answer({ query }) {
        const { page: number = 0, per_page: rows = actionRows } = query;
        return { status: 200, body: { actions: [], total: 0, page: number, per_page: rows } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/connections-directory-provisionings",
      scopes: ["read:directory_provisionings"],
      query: z.strictObject({ from, take }),
      answer: () => ({ status: 200, body: { directory_provisionings: [] } }),
    }),
  ];
}
