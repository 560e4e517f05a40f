/** @module POST /oauth/revoke. */
import type { Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { sha256 } from "../identifiers.ts";
import type { ClientRow } from "../models/client.ts";
import { bodyParams } from "./body-params.ts";
import { authenticateClient } from "./client-authentication.ts";
import { answerRefusal, missing, OAuthRefusal } from "./oauth-refusal.ts";
import { revokeFamily } from "./refresh-tokens.ts";
import { requestOrigin } from "./request-origin.ts";
import { tenantSettings } from "./tenant-settings.ts";

/** Refresh tokens only. 200 also for a token that is unknown or dead already (RFC 7009 2.2). */
export function revokeEndpoint(tenant: TenantContext): Handler {
  return async (context) => {
    try {
      const params = await bodyParams(context);
      const client = await authenticateClient(tenant, context, params);
      const token = params["token"];
      if (token === undefined) throw missing("token");
      const userId = revoke(tenant, client, token);
      if (userId !== undefined) {
        tenant.log({
          type: "srrt",
          description: "Successfully revoked a refresh token",
          client_id: client.client_id,
          user_id: userId,
          ...requestOrigin(context),
        });
      }
      return context.body(null, 200);
    } catch (error) {
      if (error instanceof OAuthRefusal) return answerRefusal(context, error);
      throw error;
    }
  };
}

/** @returns Whose token it was; undefined when there was nothing of this client to revoke. */
function revoke(tenant: TenantContext, client: ClientRow, token: string): string | undefined {
  const [row] = tenant.store.refreshTokens.find("token_hash", sha256(token));
  if (row === undefined || row.client_id !== client.client_id) return undefined;
  tenant.store.transaction(() => {
    revokeFamily(tenant, row);
    if (!tenantSettings(tenant).revokesWholeGrant) return;
    for (const other of tenant.store.refreshTokens.find("user_id", row.user_id)) {
      if (other.client_id === client.client_id && other.audience === row.audience) {
        tenant.store.refreshTokens.delete(other.id);
      }
    }
  });
  return row.user_id;
}
