/** @module /me/v1/connected-accounts/accounts: list and delete. */
import type { Handler } from "hono";
import { requestOrigin } from "../authentication/request-origin.ts";
import type { TenantContext } from "../context.ts";
import { authorizeCaller } from "./authorization.ts";
import { pageOf } from "./page.ts";
import { notFound, validationProblem } from "./problem.ts";

export function listAccounts(tenant: TenantContext): Handler {
  return async (context) => {
    const { userId } = await authorizeCaller(tenant, context, "read:me:connected_accounts");
    const names = context.req.queries("connection") ?? [];
    if (names.some((name) => name === "" || name.length > 128)) {
      throw validationProblem([
        {
          detail: "connection must have 1 to 128 characters",
          field: "connection",
          source: "query",
        },
      ]);
    }
    const own = tenant.store.connectedAccounts
      .find("user_id", userId)
      .filter(({ connection }) => names.length === 0 || names.includes(connection));
    const { items, next } = pageOf(context, own, ({ id }) => id);
    const accounts = items.map(
      ({ id, connection, access_type, scopes, created_at, expires_at }) => ({
        id,
        connection,
        access_type,
        scopes,
        created_at,
        ...(expires_at === undefined ? {} : { expires_at }),
      }),
    );
    return context.json({ accounts, ...(next === undefined ? {} : { next }) });
  };
}

/** Drops the provider's tokens from the vault; at the provider nothing is revoked. */
export function deleteAccount(tenant: TenantContext): Handler {
  return async (context) => {
    const { userId, client } = await authorizeCaller(
      tenant,
      context,
      "delete:me:connected_accounts",
    );
    const id = context.req.param("id") ?? "";
    if (!/^cac_[A-Za-z0-9]+$/.test(id)) {
      const detail = 'id must match pattern "^cac_[A-Za-z0-9]+$"';
      throw validationProblem([{ detail, field: "id", source: "path" }]);
    }
    const account = tenant.store.connectedAccounts.get(id);
    const found = account !== undefined && account.user_id === userId;
    tenant.log({
      type: found ? "connected_accounts_delete_succeeded" : "connected_accounts_delete_failed",
      description: found
        ? "Deleted a connected account"
        : "The user has no connected account with this id",
      client_id: client.client_id,
      user_id: userId,
      ...(found ? { connection: account.connection } : {}),
      ...requestOrigin(context),
      details: { request: { method: "DELETE", path: context.req.path } },
    });
    // Another user's account reads like one that doesn't exist. (404 for an unknown id: inferred.)
    if (!found) throw notFound("The connected account was not found.");
    tenant.store.connectedAccounts.delete(id);
    return context.body(null, 204);
  };
}
