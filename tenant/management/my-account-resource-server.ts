/** @module The My Account API: a system API that Auth0 fills in itself. */
import type { ResourceServerRow, ResourceServerScope } from "../models/resource-server.ts";

/** What the answer to the create request lists; the next read lists all. */
const createdScopes: readonly ResourceServerScope[] = [
  scope("create", "connected_accounts"),
  scope("read", "connected_accounts"),
  scope("delete", "connected_accounts"),
];

const laterScopes: readonly ResourceServerScope[] = [
  scope("create", "authentication_methods"),
  scope("read", "authentication_methods"),
  scope("update", "authentication_methods"),
  scope("delete", "authentication_methods"),
  scope("read", "factors"),
];

/** Ten minutes, whatever the request says. */
const lifetimeSeconds = 600;

/** `https://DOMAIN/me/`, with the slash. */
export function myAccountIdentifier(issuer: string): string {
  return `${issuer}me/`;
}

/**
 * The API as Auth0 makes it on POST: name, lifetimes, scopes and policies are the server's own,
 * as a recording of a real tenant shows.
 *
 * @returns `kept` is what the tenant has from now on, `answered` what the request is told.
 */
export function myAccountResourceServer(
  id: string,
  issuer: string,
): { kept: ResourceServerRow; answered: ResourceServerRow } {
  const answered: ResourceServerRow = {
    id,
    name: "Auth0 My Account API",
    identifier: myAccountIdentifier(issuer),
    allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true,
    subject_type_authorization: {
      client: { policy: "deny_all" },
      user: { policy: "require_client_grant" },
    },
    token_lifetime: lifetimeSeconds,
    token_lifetime_for_web: lifetimeSeconds,
    signing_alg: "RS256",
    scopes: [...createdScopes],
    is_system: true,
    proof_of_possession: { mechanism: "dpop", required: false },
  };
  return { kept: { ...answered, scopes: [...createdScopes, ...laterScopes] }, answered };
}

function scope(verb: string, thing: string): ResourceServerScope {
  const words = thing.replaceAll("_", " ");
  const title = verb.charAt(0).toUpperCase() + verb.slice(1);
  return { value: `${verb}:me:${thing}`, description: `${title} your own ${words}` };
}
