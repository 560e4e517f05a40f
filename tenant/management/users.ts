/** @module /users: people. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import type { UserRow } from "../models/user.ts";
import type { Caller } from "./authorize.ts";
import { deleteUser } from "./cascade.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { fieldsParameters, selectFields } from "./fields.ts";
import { inexistent, ManagementError } from "./management-error.ts";
import { checkpointPage, offsetPage, pageFields } from "./page.ts";
import { searchQuery } from "./search-query.ts";
import { userAnswer } from "./user-answer.ts";
import { inertUserFields, userCreate, userUpdate } from "./user-schema.ts";
import { createUser, updateUser } from "./user-write.ts";
import { queryBoolean } from "./validate.ts";

const listQuery = z.strictObject({
  ...pageFields(),
  ...fieldsParameters(),
  sort: z
    .string()
    .regex(/^(([a-zA-Z0-9_.]+)):(1|-1)$/)
    .optional(),
  connection: z.string().optional(),
  q: z.string().optional(),
  search_engine: z.enum(["v1", "v2", "v3"]).optional(),
  primary_order: queryBoolean(),
});

const oneQuery = z.object(fieldsParameters());
const byEmailQuery = z.object({ email: z.string(), ...fieldsParameters() });
const accountsQuery = z.object(pageFields());

const readScopes = ["read:users", "read:current_user", "read:user_idp_tokens"];

export function userEndpoints(tenant: TenantContext): Endpoint[] {
  const { store } = tenant;
  const find = (id = ""): UserRow => {
    const user = store.users.get(id);
    if (!user) throw inexistent.user();
    return user;
  };
  return [
    endpoint({
      method: "GET",
      path: "/users",
      scopes: ["read:users", "read:user_idp_tokens"],
      query: listQuery,
      answer({ query, scopes }) {
        const matches = searchQuery(query.q ?? "");
        const rows = store.users
          .all()
          .filter(({ identities }) =>
            query.connection === undefined
              ? true
              : identities.some(({ connection }) => connection === query.connection),
          )
          .map((user) => userAnswer(user, scopes))
          .filter(matches);
        const show = (user: Partial<UserRow>) => selectFields(user, query);
        return offsetPage(sorted(rows, query.sort), query, "users", { show, length: true });
      },
    }),
    endpoint({
      method: "POST",
      path: "/users",
      scopes: ["create:users"],
      body: userCreate,
      inert: inertUserFields,
      logged: "Create a User",
      async answer({ body, scopes }) {
        return { status: 201, body: userAnswer(await createUser(tenant, body), scopes) };
      },
    }),
    endpoint({
      method: "GET",
      path: "/users-by-email",
      scopes: ["read:users"],
      query: byEmailQuery,
      answer({ query, scopes }) {
        const found = store.users.find("email", query.email.toLowerCase());
        const body = found.map((user) => selectFields(userAnswer(user, scopes), query));
        return { status: 200, body };
      },
    }),
    endpoint({
      method: "GET",
      path: "/users/{id}",
      scopes: readScopes,
      query: oneQuery,
      answer({ params, query, scopes, claims }) {
        requireSelf({ scopes, claims }, ["read:users", "read:user_idp_tokens"], params["id"]);
        return { status: 200, body: selectFields(userAnswer(find(params["id"]), scopes), query) };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/users/{id}",
      scopes: ["update:users", "update:users_app_metadata", "update:current_user_metadata"],
      body: userUpdate,
      inert: inertUserFields,
      logged: "Update a User",
      async answer({ params, body, scopes, claims }) {
        requireSelf(
          { scopes, claims },
          ["update:users", "update:users_app_metadata"],
          params["id"],
        );
        const user = await updateUser(tenant, find(params["id"]), allowed(body, scopes));
        return { status: 200, body: userAnswer(user, scopes) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/users/{id}",
      scopes: ["delete:users", "delete:current_user"],
      logged: "Delete a User",
      answer({ params, scopes, claims }) {
        requireSelf({ scopes, claims }, ["delete:users"], params["id"]);
        deleteUser(store, params["id"] ?? "");
        return { status: 204 };
      },
    }),
    endpoint({
      method: "GET",
      path: "/users/{id}/connected-accounts",
      scopes: ["read:users"],
      query: accountsQuery,
      answer({ params, query }) {
        const rows = store.connectedAccounts.find("user_id", params["id"] ?? "");
        return checkpointPage(rows, query, "connected_accounts", {
          id: ({ id }) => id,
          now: tenant.now(),
          // Named one by one: what the vault holds must not reach an answer by default.
          show: (row) => ({
            id: row.id,
            connection: row.connection,
            connection_id: row.connection_id,
            strategy: row.strategy,
            access_type: row.access_type,
            scopes: row.scopes,
            created_at: row.created_at,
            ...(row.expires_at === undefined ? {} : { expires_at: row.expires_at }),
          }),
        });
      },
    }),
  ];
}

/** A token with only `current_user` scopes is for its own user. */
function requireSelf(caller: Caller, anyone: readonly string[], userId: string | undefined): void {
  if (anyone.some((scope) => caller.scopes.has(scope)) || caller.claims.sub === userId) return;
  const message = "User to be acted on does not match subject in bearer token.";
  throw new ManagementError(403, message, "insufficient_scope");
}

/** A narrower scope than update:users reaches its own metadata only. */
function allowed<T extends object>(body: T, scopes: ReadonlySet<string>): T {
  if (scopes.has("update:users")) return body;
  const own = scopes.has("update:users_app_metadata") ? "app_metadata" : "user_metadata";
  const other = Object.keys(body).find((key) => key !== own);
  if (other === undefined) return body;
  throw new ManagementError(
    403,
    "Insufficient scope, expected any of: update:users",
    "insufficient_scope",
  );
}

function sorted(rows: Partial<UserRow>[], sort: string | undefined): Partial<UserRow>[] {
  const [field = "", direction] = sort?.split(":") ?? [];
  if (field === "") return rows;
  const key = (row: Partial<UserRow>) => String(row[field] ?? "");
  const sign = direction === "-1" ? -1 : 1;
  return rows.toSorted((a, b) => sign * key(a).localeCompare(key(b), "en"));
}
