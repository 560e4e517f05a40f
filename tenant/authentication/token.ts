/** @module POST /oauth/token. */
import type { Handler } from "hono";
import type { TenantContext } from "../context.ts";
import { bodyParams, type Params } from "./body-params.ts";
import { authenticateClient } from "./client-authentication.ts";
import { authorizationCodeGrant } from "./grants/authorization-code.ts";
import { clientCredentialsGrant } from "./grants/client-credentials.ts";
import type { Grant } from "./grants/grant.ts";
import { providerTokenSource } from "./grants/provider-token-source.ts";
import { refreshTokenGrant } from "./grants/refresh-token.ts";
import { tokenVaultGrant, tokenVaultGrantType } from "./grants/token-vault.ts";
import { answerRefusal, missing, noStore, OAuthRefusal } from "./oauth-refusal.ts";
import { requestOrigin } from "./request-origin.ts";

/** Parameters that have an effect, over all grants; any other is counted as dropped. */
const known = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "code",
  "code_verifier",
  "redirect_uri",
  "audience",
  "scope",
  "refresh_token",
  "subject_token",
  "subject_token_type",
  "requested_token_type",
  "connection",
  "login_hint",
]);

export function tokenEndpoint(tenant: TenantContext): Handler {
  const grants: Readonly<Record<string, Grant>> = {
    authorization_code: authorizationCodeGrant,
    client_credentials: clientCredentialsGrant,
    refresh_token: refreshTokenGrant,
    [tokenVaultGrantType]: tokenVaultGrant(providerTokenSource(tenant)),
  };
  return async (context) => {
    const origin = requestOrigin(context);
    let params: Params = {};
    let grant: Grant | undefined;
    try {
      params = await bodyParams(context);
      const type = params["grant_type"];
      if (type === undefined) throw missing("grant_type");
      grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
      if (grant === undefined) {
        throw new OAuthRefusal(400, "unsupported_grant_type", "Grant type not supported");
      }
      const client = await authenticateClient(tenant, context, params);
      if (!client.grant_types.includes(type)) {
        const text = `Grant type '${type}' not allowed for the client.`;
        const detail = "the client's grant_types do not have it";
        throw new OAuthRefusal(403, "unauthorized_client", text, { detail });
      }
      countUnknown(tenant, params);
      const { body, log } = await grant.run({ tenant, client, params });
      const { client_id, name: client_name } = client;
      const event = { description: grant.name, client_id, client_name, ...log, ...origin };
      tenant.log({ ...event, type: grant.success });
      noStore(context);
      return context.json(body);
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      tenant.log({
        type: grant?.failure ?? "feoobft",
        description: describe(error),
        ...(params["client_id"] === undefined ? {} : { client_id: params["client_id"] }),
        ...(params["connection"] === undefined ? {} : { connection: params["connection"] }),
        ...origin,
        details: { error: { type: error.error, status: error.status, detail: error.detail ?? "" } },
      });
      return answerRefusal(context, error);
    }
  };
}

function countUnknown(tenant: TenantContext, params: Params): void {
  for (const name of Object.keys(params)) {
    if (!known.has(name)) tenant.droppedFields.count("POST /oauth/token", name);
  }
}

function describe(refusal: OAuthRefusal): string {
  return refusal.detail === undefined
    ? refusal.description
    : `${refusal.description} (${refusal.detail})`;
}
