/** @module Which applications the rules about Token Vault clients are about. */
import { list, type Props } from "./rule.ts";

/** Auth0's grant type for the Token Vault exchange. */
const tokenVaultGrant =
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/** The scopes of the Connected Accounts endpoints, all that Token Vault needs (My Account API, Connected Accounts). */
export const connectedAccountsScopes: readonly string[] = [
  "create:me:connected_accounts",
  "read:me:connected_accounts",
  "delete:me:connected_accounts",
];

/** True for an application that may exchange users' tokens. Every other one is left alone. */
export function isVaultClient(props: Props): boolean {
  return list(props, "grantTypes").includes(tokenVaultGrant);
}

/** True for the identifier of a tenant's My Account API. */
export function isMyAccount(audience: unknown): boolean {
  return typeof audience === "string" && /^https:\/\/[^/]+\/me\/$/.test(audience);
}

/** True for a host that never leaves the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
