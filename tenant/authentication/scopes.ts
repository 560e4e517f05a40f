/** @module What a client may ask for: identity scopes, and scopes of an API for a user. */
import type { TenantContext } from "../context.ts";
import { currentUserScopes } from "../management-scopes.ts";
import type { ClientRow } from "../models/client.ts";
import type { ResourceServerRow } from "../models/resource-server.ts";
import { OAuthRefusal } from "./oauth-refusal.ts";

/** Scopes that name claims, and `offline_access`; no API has to define them. */
export const identityScopes = [
  "openid",
  "profile",
  "offline_access",
  "name",
  "given_name",
  "family_name",
  "nickname",
  "email",
  "email_verified",
  "picture",
  "created_at",
  "identities",
  "phone",
  "address",
] as const;

/** Scope text as a list, without repetition. */
export function scopesOf(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(/\s+/).filter((scope) => scope !== ""))];
}

export function isIdentityScope(scope: string): boolean {
  return (identityScopes as readonly string[]).includes(scope);
}

/** @throws {OAuthRefusal} No API of the tenant has the identifier. */
export function findApi(tenant: TenantContext, audience: string): ResourceServerRow {
  const [api] = tenant.store.resourceServers.find("identifier", audience);
  if (api !== undefined) return api;
  throw new OAuthRefusal(403, "access_denied", `Service not found: ${audience}`, {
    detail: `no API of this tenant has the identifier "${audience}"`,
  });
}

/**
 * Scopes of an API that a user can get through a client: all that the API defines, cut down to the
 * client's grant with `subject_type: user` where the API demands one. Of the Management API no user gets more than
 * the scopes about the user itself, whatever its policy says.
 *
 * @throws {OAuthRefusal} The API is closed to users, or demands a grant that the client lacks.
 */
export function userScopes(
  tenant: TenantContext,
  client: ClientRow,
  api: ResourceServerRow,
): string[] {
  const management = api.identifier === `${tenant.settings.issuer}api/v2/`;
  const defined = (api.scopes ?? [])
    .map(({ value }) => value)
    .filter((scope) => !management || currentUserScopes.includes(scope));
  const { policy } = api.subject_type_authorization.user;
  if (policy === "allow_all") return defined;
  const grant = policy === "deny_all" ? undefined : clientGrant(tenant, client, api, "user");
  if (grant === undefined) throw notAuthorized(client, api, `its user policy is ${policy}`);
  return grant.allow_all_scopes === true
    ? defined
    : defined.filter((scope) => grant.scope.includes(scope));
}

export function clientGrant(
  tenant: TenantContext,
  client: ClientRow,
  api: ResourceServerRow,
  subjectType: "user" | "client",
) {
  return tenant.store.clientGrants
    .find("client_id", client.client_id)
    .find((grant) => grant.audience === api.identifier && grant.subject_type === subjectType);
}

/** Auth0's text when a client grant is missing. */
function notAuthorized(client: ClientRow, api: ResourceServerRow, why: string): OAuthRefusal {
  return new OAuthRefusal(
    403,
    "access_denied",
    `Client "${client.client_id}" is not authorized to access resource server "${api.identifier}". ` +
      'You need to create a "client-grant" associated to this API.',
    { detail: `the client has no grant for this API, and ${why}` },
  );
}

/**
 * What a login is granted of the requested scopes. Others are dropped without an error, as Auth0
 * does. `offline_access` needs the client's refresh_token grant, and an API that allows it.
 */
export function loginScopes(
  tenant: TenantContext,
  client: ClientRow,
  request: { scope: string | undefined; audience: string | undefined },
): string[] {
  const api = request.audience === undefined ? undefined : findApi(tenant, request.audience);
  const ofApi = api === undefined ? [] : userScopes(tenant, client, api);
  const offline =
    client.grant_types.includes("refresh_token") && (api === undefined || api.allow_offline_access);
  return scopesOf(request.scope).filter((scope) => {
    if (scope === "offline_access") return offline;
    return isIdentityScope(scope) || ofApi.includes(scope);
  });
}
