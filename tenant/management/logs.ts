/** @module /logs: what happened on the tenant. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { findLogEntry, logEntries } from "../log-entries.ts";
import type { LogRow } from "../models/log-entry.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent } from "./management-error.ts";
import { offsetPage, pageFields } from "./page.ts";
import { searchQuery } from "./search-query.ts";

const scopes = ["read:logs", "read:logs_users"];

const sortPattern =
  /^(date|connection|client_id|client_name|ip|user_id|user_name|description|user_agent|type|details|strategy|strategy_type):(1|-1)$/;

const listQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(),
  sort: z.string().regex(sortPattern).optional(),
  search: z.string().optional(),
  // The document calls it `search`; Auth0's SDKs and pages send `q`.
  q: z.string().optional(),
});

const userQuery = z.object({ ...pageFields(), sort: z.string().regex(sortPattern).optional() });

export function logEndpoints(tenant: TenantContext): Endpoint[] {
  const all = (): LogRow[] => {
    tenant.flushLog();
    return logEntries(tenant.store);
  };
  return [
    endpoint({
      method: "GET",
      path: "/logs",
      scopes,
      query: listQuery,
      answer({ query }) {
        const show = (row: LogRow) => selectFields(row, query, ["log_id"]);
        if (query.from !== undefined || query.take !== undefined) {
          return { status: 200, body: after(all(), query.from, query.take).map(show) };
        }
        const rows = all().filter(searchQuery(query.q ?? query.search ?? ""));
        return offsetPage(sorted(rows, query.sort), query, "logs", { show, length: true });
      },
    }),
    endpoint({
      method: "GET",
      path: "/logs/{id}",
      scopes,
      answer({ params }) {
        tenant.flushLog();
        const row = findLogEntry(tenant.store, params["id"] ?? "");
        if (!row) throw inexistent.log();
        return { status: 200, body: row };
      },
    }),
    endpoint({
      method: "GET",
      path: "/users/{id}/logs",
      scopes,
      query: userQuery,
      answer({ params, query }) {
        const rows = all().filter((row) => row.user_id === params["id"]);
        return offsetPage(sorted(rows, query.sort), query, "logs", { length: true });
      },
    }),
  ];
}

/** Checkpoint style: what came after an entry, oldest first, in a bare array. */
function after(rows: LogRow[], from: string | undefined, take = 50): LogRow[] {
  return rows.filter(({ log_id: id }) => !from || id > from).slice(0, take);
}

/** Newest first unless another order was asked for (inferred). */
function sorted(rows: LogRow[], sort = "date:-1"): LogRow[] {
  const [field = "", direction] = sort.split(":");
  const key = (row: LogRow) => (field === "date" ? row.log_id : String(row[field] ?? ""));
  const ascending = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  return direction === "-1" ? ascending.reverse() : ascending;
}
