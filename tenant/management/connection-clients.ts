/** @module Which applications a connection is enabled for, asked from either side. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { enabledClients } from "./connection-schema.ts";
import { listedConnection } from "./connections.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent } from "./management-error.ts";
import { checkpointPage, pageFields } from "./page.ts";
import { queryList } from "./validate.ts";

const clientConnectionsQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(),
  strategy: queryList(),
});

const path = "/connections/{id}/clients";

/** Rows that `GET /connections/{id}/clients` may give at once. */
const maxTake = 1_000;

export function connectionClientEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = "") => {
    const connection = store.connections.get(id);
    if (!connection) throw inexistent.connection();
    return connection;
  };
  return [
    endpoint({
      method: "GET",
      path,
      scopes: ["read:connections"],
      query: z.object(pageFields(maxTake)),
      answer({ params, query }) {
        const take = query.take ?? 50;
        const { enabled_clients: ids } = find(params["id"]);
        return checkpointPage(ids, { ...query, take }, "clients", {
          id: (id) => id,
          now: tenant.now(),
          show: (id) => ({ client_id: id }),
        });
      },
    }),
    endpoint({
      method: "GET",
      path: "/clients/{id}/connections",
      scopes: ["read:connections"],
      query: clientConnectionsQuery,
      answer({ params, query, scopes }) {
        const { id = "" } = params;
        if (!store.clients.get(id)) throw inexistent.client();
        const rows = store.connections
          .all()
          .filter(({ enabled_clients: ids }) => ids.includes(id))
          .filter(({ strategy }) => query.strategy?.includes(strategy) ?? true);
        return checkpointPage(rows, query, "connections", {
          id: (row) => row.id,
          now: tenant.now(),
          show: (row) => selectFields(listedConnection(row, scopes), query),
        });
      },
    }),
    endpoint({
      method: "PATCH",
      path,
      scopes: ["update:connections"],
      body: enabledClients,
      logged: "Update the enabled clients of a connection",
      answer({ params, body }) {
        const connection = find(params["id"]);
        const enabled = new Set(connection.enabled_clients);
        for (const { client_id: id, status } of body) {
          // Switching a client off that is gone changes nothing and is not refused (inferred).
          if (status && !store.clients.get(id)) throw inexistent.client();
          if (status) enabled.add(id);
          else enabled.delete(id);
        }
        store.connections.put(connection.id, { ...connection, enabled_clients: [...enabled] });
        return { status: 204 };
      },
    }),
  ];
}
