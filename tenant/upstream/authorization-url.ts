/** @module The URL at which the browser asks the provider. */
import { calculatePKCECodeChallenge } from "oauth4webapi";
import type { Provider } from "./provider.ts";

/** What one request to the provider differs in. */
export interface AuthorizationRequest {
  readonly provider: Provider;
  /** `https://DOMAIN/login/callback`. */
  readonly redirectUri: string;
  /** The tenant's own, never the app's. */
  readonly state: string;
  /** The `scope` parameter as {@link loginScope} or {@link connectScope} made it. */
  readonly scope: string;
  /** Present when the provider takes part in PKCE. */
  readonly codeVerifier?: string | undefined;
  /** Parameters of our own authorize request, for `upstream_params` with an alias. */
  readonly ownParams?: Readonly<Record<string, string>>;
  /** Parameters to send as they are: `authorization_params` of the My Account API. */
  readonly extraParams?: Readonly<Record<string, string>>;
}

/** What no setting of a connection may replace. */
const reserved = new Set(["response_type", "client_id", "redirect_uri", "state", "scope"]);

/** Parameters in the connection's authorizationURL itself stay. */
export async function authorizationUrl(request: AuthorizationRequest): Promise<string> {
  const { provider, ownParams = {}, extraParams = {} } = request;
  const url = new URL(provider.authorizationUrl);
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && !reserved.has(name)) url.searchParams.set(name, value);
  };
  for (const [name, { value, alias }] of Object.entries(provider.upstreamParams)) {
    set(name, value ?? (alias === undefined ? undefined : ownParams[alias]));
  }
  for (const [name, own] of Object.entries(provider.authParamsMap)) set(name, ownParams[own]);
  for (const [name, value] of Object.entries(extraParams)) set(name, value);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("client_id", provider.clientId);
  url.searchParams.set("redirect_uri", request.redirectUri);
  url.searchParams.set("state", request.state);
  if (request.scope !== "") url.searchParams.set("scope", request.scope);
  if (request.codeVerifier !== undefined) {
    url.searchParams.set("code_challenge", await calculatePKCECodeChallenge(request.codeVerifier));
    url.searchParams.set("code_challenge_method", "S256");
  }
  return url.href;
}

/**
 * The scope of a login: the connection's own, and `connection_scope` on top of it.
 *
 * With `connection_scope` the whole list is joined with commas, unless the connection separates
 * scopes with spaces. (How the list and the addition are joined: inferred.)
 */
export function loginScope(provider: Provider, connectionScope: readonly string[]): string {
  if (connectionScope.length === 0) return provider.scopeText;
  const scopes = [...new Set([...provider.scopes, ...connectionScope])];
  return scopes.join(provider.spacedScopes ? " " : ",");
}

/**
 * The scopes of a connect: what was asked replaces the connection's own, but `offline_access` stays
 * when the connection has it.
 */
export function connectScopes(provider: Provider, asked: readonly string[] | undefined): string[] {
  if (asked === undefined) return [...provider.scopes];
  const kept = provider.scopes.includes("offline_access") ? ["offline_access"] : [];
  return [...new Set([...asked, ...kept])];
}
