/** @module GET /me/v1/connected-accounts/connections: where the user could connect an account. */
import type { Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { isEnabled } from "../login/login-connections.ts";
import { scopeList } from "../upstream/provider.ts";
import { authorizeCaller } from "./authorization.ts";
import { pageOf } from "./page.ts";

/** Connections that are open to Token Vault and enabled for the application (the second: inferred). */
export function listConnections(tenant: TenantContext): Handler {
  return async (context) => {
    const { client } = await authorizeCaller(tenant, context, "read:me:connected_accounts");
    const open = tenant.store.connections
      .all()
      .filter((each) => each.connected_accounts.active && isEnabled(each, client));
    const { items, next } = pageOf(context, open, ({ id }) => id);
    const connections = items.map(({ name, strategy, options }) => {
      const scopes = scopeList(options.scope ?? []);
      return { name, strategy, ...(scopes.length === 0 ? {} : { scopes }) };
    });
    return context.json({ connections, ...(next === undefined ? {} : { next }) });
  };
}
