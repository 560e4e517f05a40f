/** @module grant_type=client_credentials. */
import type { TenantContext } from "../../context.ts";
import type { ClientRow } from "../../models/client.ts";
import { issueAccessToken } from "../access-token.ts";
import { isPublic } from "../client-authentication.ts";
import { missing, OAuthRefusal } from "../oauth-refusal.ts";
import { clientGrant, scopesOf } from "../scopes.ts";
import { tenantSettings } from "../tenant-settings.ts";
import type { Grant, GrantAnswer, GrantRequest } from "./grant.ts";

export const clientCredentialsGrant: Grant = {
  run,
  success: "seccft",
  failure: "feccft",
  name: "Client Credentials for Access Token",
};

async function run({ tenant, client, params }: GrantRequest): Promise<GrantAnswer> {
  if (isPublic(client)) {
    throw new OAuthRefusal(401, "access_denied", "Unauthorized", {
      detail: "a client with token_endpoint_auth_method none can't prove itself",
    });
  }
  const audience = params["audience"] ?? tenantSettings(tenant).defaultAudience;
  if (audience === undefined) throw missing("audience");
  const allowed = allowedScopes(tenant, client, audience);
  const scopes = grantedScopes(allowed, params["scope"]);
  const { token, expiresIn } = await issueAccessToken(tenant, {
    client,
    subject: `${client.client_id}@clients`,
    audience,
    scopes,
    grantType: "client-credentials",
  });
  const scope = scopes.join(" ");
  return {
    body: {
      access_token: token,
      ...(scope === "" ? {} : { scope }),
      expires_in: expiresIn,
      token_type: "Bearer",
    },
    log: { audience, scope },
  };
}

/**
 * The scopes that were asked for, or all. Unlike at a login none drops out without an error, openid neither.
 * Status and text are known from the field, for one scope; that several are listed with commas is (inferred).
 *
 * @throws {OAuthRefusal} 403 access_denied: one of them was not granted.
 */
function grantedScopes(allowed: readonly string[], asked: string | undefined): readonly string[] {
  if (asked === undefined) return allowed;
  const wanted = scopesOf(asked);
  const ungranted = wanted.filter((scope) => !allowed.includes(scope));
  if (ungranted.length === 0) return allowed.filter((scope) => wanted.includes(scope));
  const text = `Client has not been granted scopes: ${ungranted.join(", ")}`;
  throw new OAuthRefusal(403, "access_denied", text, {
    detail: "the API does not define them, or the client grant does not list them",
  });
}

/** @throws {OAuthRefusal} Auth0's texts for an unknown API and for a missing client grant. */
function allowedScopes(tenant: TenantContext, client: ClientRow, audience: string): string[] {
  const [api] = tenant.store.resourceServers.find("identifier", audience);
  if (api === undefined) {
    const text = `Service not enabled within domain: ${audience}`;
    throw new OAuthRefusal(403, "access_denied", text, {
      detail: `no API of this tenant has the identifier "${audience}"`,
    });
  }
  const closed = api.subject_type_authorization.client.policy === "deny_all";
  const grant = closed ? undefined : clientGrant(tenant, client, api, "client");
  if (grant === undefined) {
    throw new OAuthRefusal(
      403,
      "access_denied",
      `Client is not authorized to access "${audience}". ` +
        'You need to create a "client-grant" associated to this API.',
      {
        detail: closed
          ? "the API gives no tokens to clients without a user (client policy deny_all)"
          : "the client has no client grant with subject_type client for this API",
      },
    );
  }
  const defined = (api.scopes ?? []).map(({ value }) => value);
  if (grant.allow_all_scopes === true) return defined;
  return defined.filter((scope) => grant.scope.includes(scope));
}
