/** @module TokenVault: connect a user's account, fetch with its token, disconnect it. */
import { checkUrl, type HostRule, hostRules } from "./allowed-hosts.ts";
import type { ConnectOptions, ConnectStart } from "./connect.ts";
import { VaultError } from "./errors.ts";
import { type FetchInput, followed, movedTo, outgoing } from "./guarded-fetch.ts";
import type { Account, MyAccount } from "./my-account.ts";
import { send } from "./send.ts";
import { ask, type Tenant, tokenRequest } from "./tenant.ts";
import { memoryStore, tokenCache } from "./token-cache.ts";
import { type UserTokens, userTokens } from "./user-tokens.ts";
import {
  type ProviderToken,
  type TokenOptions,
  type TokenVaultOptions,
  tenantOf,
} from "./vault-options.ts";

/** The key of the list for all connections: no connection has an empty name. */
const EVERY = "";

/** What only connecting needs is loaded when it is needed: most calls fetch. */
const flow = () => import("./connect.ts");

/**
 * A user's connected accounts in Auth0's Token Vault.
 *
 * @example
 * ```ts
 * const vault = new TokenVault({
 *   domain: "acme.eu.auth0.com",
 *   clientId,
 *   clientAuth: ClientSecretPost(clientSecret),
 *   subjectToken: { type: "refresh_token", value: () => session.refreshToken },
 *   allowedDomains: ["desk.example.com"],
 * });
 * const tickets = await vault.fetch("helpdesk", "https://desk.example.com/tickets");
 * ```
 */
export class TokenVault {
  readonly #tenant: Tenant;
  readonly #tokens: UserTokens;
  readonly #rules: (connection: string) => readonly HostRule[];
  readonly #me: MyAccount;

  /** @throws {TypeError} An option is malformed. */
  constructor(options: TokenVaultOptions) {
    const { subjectToken, allowedDomains } = options;
    const tenant = tenantOf(options);
    const cache = tokenCache(options.cache ?? memoryStore(), tenant.now);
    const tokens = userTokens(tenant, subjectToken, cache);
    const lists = Array.isArray(allowedDomains) ? { [EVERY]: allowedDomains } : allowedDomains;
    const rules = new Map(Object.entries(lists).map(([name, list]) => [name, hostRules(list)]));
    this.#tenant = tenant;
    this.#tokens = tokens;
    this.#rules = (connection) => rules.get(EVERY) ?? rules.get(connection) ?? [];
    this.#me = {
      tenant,
      tokens,
      cache,
      ask,
      tokenRequest,
      VaultError,
    };
  }

  /**
   * Gives a token of the user's account at the provider: the held one, or the fruit of one exchange.
   *
   * @throws {NotConnectedError} `NOT_CONNECTED`: the user must go through {@link connect} first.
   * @throws {ScopesNeededError} `SCOPES_NEEDED`: an exchange brought less than `scopes`.
   * @throws {VaultError} Every other refusal.
   */
  async token(connection: string, options: TokenOptions = {}): Promise<ProviderToken> {
    const { accessToken, scopes = [], expiresAt } = await this.#tokens.held(connection, options);
    return { accessToken, scopes, expiresAt };
  }

  /**
   * Does what `fetch` does, with the provider's token attached. A 401 leads to one exchange and one
   * retry, if that brings another token and the body can be sent again; 429 and 503 are repeated when
   * Retry-After is short. The token goes to allowed hosts only and follows no redirect to another
   * origin.
   *
   * @returns The last hop's own response, whatever its status.
   *
   * @throws {TypeError} The URL is not absolute, or the caller set Authorization.
   * @throws {VaultError} `DOMAIN_NOT_ALLOWED`, `INSECURE_URL`, `REDIRECT_REFUSED`, `TIMEOUT`, `NETWORK`
   * and those of {@link token}. An abort throws the signal's reason.
   */
  async fetch(
    connection: string,
    input: FetchInput,
    init?: RequestInit,
    options: Omit<TokenOptions, "force" | "signal"> = {},
  ): Promise<Response> {
    const request = outgoing(input, init);
    const { url, init: sent, repeatable } = request;
    const rules = this.#rules(connection);
    checkUrl(url, rules, connection);
    const wanted = { ...options, signal: sent.signal };
    let held = await this.#tokens.held(connection, wanted);
    for (let stale = ""; ; ) {
      const { accessToken } = held;
      sent.headers.set("authorization", `Bearer ${accessToken}`);
      const first = await send(this.#tenant, url, sent, repeatable);
      const { response, authorized } = movedTo(first)
        ? await followed(this.#tenant, request, first, rules, connection)
        : { response: first, authorized: true };
      if (response.status !== 401 || !authorized || !repeatable || stale) return response;
      stale = accessToken;
      held = await this.#tokens.held(connection, { ...wanted, stale });
      // The vault still holds the token that was refused: the 401 is the answer.
      if (held.accessToken === stale) return response;
      await response.body?.cancel();
    }
  }

  /**
   * Begins to connect an account, or to widen what is granted.
   *
   * @returns Where to send the user, and the session that {@link complete} needs.
   *
   * @throws {VaultError} `CONNECTION_OFF`, `MY_ACCOUNT_API_OFF`, `MY_ACCOUNT_GRANT_MISSING`,
   * `MRRT_POLICY_MISSING`, `LOGIN_REQUIRED`, `TENANT_REFUSED`.
   */
  async connect(connection: string, options: ConnectOptions): Promise<ConnectStart> {
    return (await flow()).startConnect(this.#me, connection, options);
  }

  /**
   * Finishes a {@link connect} when the user has come back.
   *
   * @param callbackUrl The URL that the user's browser came back to, query and all.
   * @param session What {@link connect} gave, from this browser's session.
   *
   * @throws {VaultError} `CONNECT_DENIED`, `CONNECT_STATE_MISMATCH`, `CONNECT_EXPIRED`.
   */
  async complete(callbackUrl: string | URL, session: string): Promise<Account> {
    return (await flow()).completeConnect(this.#me, callbackUrl, session);
  }

  /** Lists the user's connected accounts, all pages. */
  async connections(): Promise<Account[]> {
    return (await flow()).listAccounts(this.#me);
  }

  /**
   * Removes the user's accounts of a connection, or the one with this id, from the vault. The grant
   * at the provider stays; its token is dropped, not revoked.
   *
   * @returns What was removed; empty when nothing was connected.
   */
  async disconnect(which: string | { id: string }): Promise<Account[]> {
    return (await flow()).removeAccounts(this.#me, which);
  }
}
