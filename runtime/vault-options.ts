/** @module What a TokenVault is made of, and what a call may ask of it. */
import type { ClientAuth } from "./client-auth.ts";
import type { RetryOptions, VaultEvent } from "./send.ts";
import type { Tenant } from "./tenant.ts";
import type { TokenStore } from "./token-cache.ts";

export interface TokenVaultOptions {
  /** The tenant's host, with a port if it has one: `acme.eu.auth0.com`. */
  domain: string;
  /** The client that may use Token Vault. */
  clientId: string;
  /** `ClientSecretPost(secret)`, `ClientSecretBasic(secret)` or another proof. */
  clientAuth: ClientAuth;
  /** Whose accounts: the signed-in user's Auth0 token. */
  subjectToken: SubjectToken;
  /**
   * The hosts that may see the user's tokens: `api.example.com`, `*.example.com`, `localhost:3001`.
   * A list for all connections, or one for each.
   */
  allowedDomains: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Where tokens are kept; default in this process. */
  cache?: TokenStore;
  /** Default the global one. */
  fetch?: typeof fetch;
  /** Epoch milliseconds; default `Date.now`. */
  now?: () => number;
  /** Limit of one request, until its head is there; default 30 000. */
  timeoutMs?: number;
  /** After 429 and 503. */
  retry?: Partial<RetryOptions>;
  /** Told what happens inside; never holds a token. */
  onEvent?: (event: VaultEvent) => void;
}

/** The user's Auth0 token, as a value or a function that is called for each use. */
export interface SubjectToken {
  /** connect(), connections() and disconnect() need a refresh token. */
  type: "refresh_token" | "access_token";
  value: string | (() => string | Promise<string>);
  /** Keeps the new refresh token where the tenant rotates it. */
  onRotate?: (refreshToken: string) => void | Promise<void>;
}

export interface TokenOptions {
  /** What the call needs; a held token without them is exchanged once more. */
  scopes?: readonly string[];
  /** The account's id at the provider, where the user has several. */
  loginHint?: string;
  /** Exchange even if a token is held. */
  force?: boolean;
  signal?: AbortSignal;
}

/** A provider's access token. */
export interface ProviderToken {
  accessToken: string;
  /** What was granted; empty when the tenant did not say. */
  scopes: readonly string[];
  /** Epoch milliseconds. */
  expiresAt: number;
}

/**
 * The tenant, with the client in it, that the options name.
 *
 * @throws {TypeError} An option is malformed.
 */
export function tenantOf({
  domain,
  clientId,
  clientAuth,
  fetch = (input, init) => globalThis.fetch(input, init),
  now = Date.now,
  timeoutMs = 30_000,
  retry,
  onEvent = () => {},
}: TokenVaultOptions): Tenant {
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain)) {
    throw new TypeError(`"domain" must be a host, not "${domain}"`);
  }
  if (!clientId) throw new TypeError('"clientId" must not be empty');
  return {
    issuer: `https://${domain.toLowerCase()}/`,
    clientId,
    clientAuth,
    fetch,
    now,
    timeoutMs,
    retry: { attempts: 2, maxDelayMs: 10_000, ...retry },
    onEvent,
  };
}
