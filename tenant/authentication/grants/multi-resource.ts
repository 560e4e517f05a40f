/** @module The rules of multi-resource refresh tokens: which API, with which scopes. */
import type { TenantContext } from "../../context.ts";
import type { ClientRow } from "../../models/client.ts";
import type { RefreshTokenRow } from "../../models/refresh-token.ts";
import { OAuthRefusal } from "../oauth-refusal.ts";
import { isIdentityScope, scopesOf, userScopes } from "../scopes.ts";

export interface MultiResourceScopes {
  readonly audience: string | undefined;
  /** All that may be had; a `scope` parameter cuts it down. */
  readonly scopes: string[];
}

/**
 * Without `audience`, or with the login's own: the login's scopes and those that the client's policy
 * for that API adds. With another one: what the policy for it lists, if there is a policy, the API
 * exists and skips consent, and the client is first-party.
 *
 * Scopes that the API doesn't define, or that the API's `require_client_grant` keeps from the
 * client, drop out without an error.
 *
 * @throws {OAuthRefusal} 403 for an audience without a policy (status and text inferred).
 */
export function multiResourceScopes(
  tenant: TenantContext,
  client: ClientRow,
  row: RefreshTokenRow,
  asked: string | undefined,
): MultiResourceScopes {
  const audience = asked ?? row.audience;
  const own = audience === row.audience;
  const original = scopesOf(row.scope);
  if (audience === undefined) return { audience, scopes: original };
  const [api] = tenant.store.resourceServers.find("identifier", audience);
  const policy = policyFor(tenant, client, audience);
  if (api === undefined || (!own && policy === undefined)) {
    throw refused(
      audience,
      api === undefined ? "no API of this tenant has that identifier" : noPolicy(client),
    );
  }
  if (!own && !api.skip_consent_for_verifiable_first_party_clients) {
    throw refused(audience, "the API does not skip consent for first-party clients");
  }
  const allowed = userScopes(tenant, client, api);
  const fromPolicy = (policy ?? []).filter((scope) => allowed.includes(scope));
  const fromLogin = own
    ? original.filter((scope) => isIdentityScope(scope) || allowed.includes(scope))
    : [];
  // openid and its like are the user's, not the API's: Auth0's own example asks for them together with /me/ scopes.
  const identity = own ? [] : original.filter(isIdentityScope);
  return { audience, scopes: [...new Set([...fromLogin, ...identity, ...fromPolicy])] };
}

/** The policy's scopes; the Management API can't be in one, and third-party clients have none. */
function policyFor(
  tenant: TenantContext,
  client: ClientRow,
  audience: string,
): readonly string[] | undefined {
  if (!client.is_first_party || audience === `${tenant.settings.issuer}api/v2/`) return undefined;
  return client.refresh_token.policies?.find((policy) => policy.audience === audience)?.scope;
}

function noPolicy(client: ClientRow): string {
  return client.is_first_party
    ? "the client's refresh_token.policies have no entry for it"
    : "only first-party clients can use refresh_token.policies";
}

function refused(audience: string, detail: string): OAuthRefusal {
  return new OAuthRefusal(
    403,
    "access_denied",
    `The refresh token is not allowed for the audience "${audience}".`,
    { detail },
  );
}
