/** @module /connections: sources of users and providers of Token Vault. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { ConnectionRow } from "../models/connection.ts";
import { newConnection } from "../models/new-connection.ts";
import { completedOptions } from "../strategies/built-in.ts";
import { deleteConnection, deleteUser } from "./cascade.ts";
import { checkConnection } from "./connection-rules.ts";
import {
  type ConnectionUpdate,
  connectionCreate,
  connectionUpdate,
  inertConnectionFields,
  optionsSchema,
} from "./connection-schema.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent, ManagementError } from "./management-error.ts";
import { anyPage, pageFields } from "./page.ts";
import { queryList, validate } from "./validate.ts";
import { withoutNulls, withoutUndefined } from "./without.ts";

const fieldNames = [
  ...["name", "display_name", "strategy", "options", "id", "provisioning_ticket_url", "metadata"],
  ...["show_as_button", "clients", "authentication", "connected_accounts", "enabled_clients"],
  ...["cross_app_access_requesting_app", "cross_app_access_resource_app", "realms"],
  "is_domain_connection",
];

/** Answered even when `fields` does not name them: the official provider relies on `id`. */
const alwaysFields = ["id", "is_domain_connection", "authentication", "connected_accounts"];

const oneQuery = z.object(fieldsParameters(fieldNames));

const listQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(fieldNames),
  strategy: queryList(),
  name: z.string().optional(),
});

export function connectionEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): ConnectionRow => {
    const connection = store.connections.get(id);
    if (!connection) throw inexistent.connection();
    return connection;
  };
  const put = (connection: ConnectionRow) => {
    checkConnection(tenant, connection);
    store.connections.put(connection.id, connection);
  };
  return [
    endpoint({
      method: "GET",
      path: "/connections",
      scopes: ["read:connections"],
      query: listQuery,
      answer({ query, scopes }) {
        const rows = store.connections
          .all()
          .filter(
            ({ name, strategy }) =>
              (query.name === undefined || name === query.name) &&
              (query.strategy === undefined || query.strategy.includes(strategy)),
          );
        return anyPage(rows, query, "connections", {
          id: ({ id }) => id,
          now: tenant.now(),
          show: (row) =>
            selectFields(listedConnection(row, scopes, query.fields), query, alwaysFields),
        });
      },
    }),
    endpoint({
      method: "POST",
      path: "/connections",
      scopes: ["create:connections"],
      body: connectionCreate,
      inert: inertConnectionFields,
      logged: "Create a connection",
      answer({ body }) {
        const options = checkedOptions(body.strategy, body.options);
        const { metadata, options: _, ...rest } = body;
        const connection = newConnection({
          ...rest,
          ...(options === undefined ? {} : { options }),
          ...(metadata === undefined ? {} : { metadata: withoutNulls(metadata) }),
        });
        put(connection);
        return { status: 201, body: connection };
      },
    }),
    endpoint({
      method: "GET",
      path: "/connections/{id}",
      scopes: ["read:connections"],
      query: oneQuery,
      answer({ params, query, scopes }) {
        const body = selectFields(shown(find(params["id"]), scopes), query, alwaysFields);
        return { status: 200, body };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/connections/{id}",
      scopes: ["update:connections"],
      body: connectionUpdate,
      inert: inertConnectionFields,
      logged: "Update a connection",
      answer({ params, body }) {
        const connection = updated(find(params["id"]), body);
        put(connection);
        return { status: 200, body: connection };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/connections/{id}",
      scopes: ["delete:connections"],
      logged: "Delete a connection",
      answer({ params }) {
        const connection = store.connections.get(params["id"] ?? "");
        if (!connection) return { status: 204 };
        deleteConnection(store, connection.id, connection.name);
        return { status: 202, body: { deleted_at: new Date(tenant.now() * 1000).toISOString() } };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/connections/{id}/users",
      scopes: ["delete:users"],
      query: z.strictObject({ email: z.string().min(1) }),
      logged: "Delete a connection user",
      answer({ params, query }) {
        const connection = store.connections.get(params["id"] ?? "");
        if (!connection) {
          throw new ManagementError(400, "The connection does not exist", "inexistent_connection");
        }
        const [user] = store.users
          .find("email", query.email.toLowerCase())
          .filter(({ identities }) => identities[0]?.connection === connection.name);
        if (user) deleteUser(store, user.user_id);
        return { status: 204 };
      },
    }),
    endpoint({
      method: "GET",
      path: "/connections/{id}/status",
      scopes: ["read:connections"],
      answer({ params }) {
        find(params["id"]);
        // Only ad connections have agents to be online; for others Auth0 has nothing to say (inferred).
        return { status: 200, body: {} };
      },
    }),
  ];
}

/** The secret is for tokens that may read options, as recorded with Auth0's own tools. */
function shown(connection: ConnectionRow, scopes: ReadonlySet<string>): ConnectionRow {
  if (scopes.has("read:connections_options")) return connection;
  const { client_secret: _, ...options } = connection.options;
  return { ...connection, options };
}

/** Lists leave `enabled_clients` out unless it is asked for: the document's list item is closed. */
export function listedConnection(
  connection: ConnectionRow,
  scopes: ReadonlySet<string>,
  fields?: string,
): Partial<ConnectionRow> {
  const row = shown(connection, scopes);
  if (fields?.split(",").includes("enabled_clients")) return row;
  const { enabled_clients: _, ...rest } = row;
  return rest;
}

/**
 * `options` is replaced wholly, `metadata` by key (null removes), a `display_name` that is not sent again falls back
 * to the name; other keys stay when they are not sent.
 */
function updated(connection: ConnectionRow, body: ConnectionUpdate): ConnectionRow {
  const { options, metadata, enabled_clients: clients, ...rest } = body;
  const { display_name: _, ...kept } = connection;
  const next: ConnectionRow = { ...kept, ...withoutUndefined(rest) };
  if (options !== undefined) next.options = checkedOptions(connection.strategy, options) ?? {};
  if (clients !== undefined) next.enabled_clients = [...new Set(clients)];
  if (metadata !== undefined) next.metadata = withoutNulls({ ...kept.metadata, ...metadata });
  return next;
}

function checkedOptions(
  strategy: string,
  options: Record<string, unknown> | null | undefined,
): Record<string, unknown> | undefined {
  if (options === undefined || options === null) return undefined;
  const schema = z.object({ options: optionsSchema(strategy) });
  return completedOptions(strategy, validate(schema, { options }, "Payload").options);
}
