/** @module TokenVault: connect a user's account, fetch with its token, disconnect it. */
import { checkUrl, type HostRule, hostRules } from "./allowed-hosts.ts";
import type { ClientAuth } from "./client-auth.ts";
import type { ConnectOptions, ConnectStart } from "./connect.ts";
import { sha256 } from "./digest.ts";
import { NotConnectedError, ScopesNeededError, VaultError } from "./errors.ts";
import { type FetchInput, guardedFetch, outgoing } from "./guarded-fetch.ts";
import type { Account, MyAccount } from "./my-account.ts";
import { exchange, type Subject } from "./provider-token.ts";
import type { RetryOptions, VaultEvent } from "./send.ts";
import { ask, type Tenant, tokenRequest } from "./tenant.ts";
import {
  covers,
  type HeldToken,
  memoryStore,
  type TokenCache,
  type TokenStore,
  tokenCache,
  type Wanted,
} from "./token-cache.ts";

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
  readonly #subject: SubjectToken;
  readonly #cache: TokenCache;
  readonly #rules: (connection: string) => readonly HostRule[];
  readonly #me: MyAccount;
  /** The last user's token and its digest: most vaults have one user. */
  #digest: readonly [token: string, digest: string | Promise<string>] = ["", ""];

  /** @throws {TypeError} An option is malformed. */
  constructor(options: TokenVaultOptions) {
    const { domain, clientId, clientAuth, subjectToken, allowedDomains, now = Date.now } = options;
    if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain)) {
      throw new TypeError(`"domain" must be a host, not "${domain}"`);
    }
    if (!clientId) throw new TypeError('"clientId" must not be empty');
    this.#tenant = {
      issuer: `https://${domain.toLowerCase()}/`,
      clientId,
      clientAuth,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      now,
      timeoutMs: options.timeoutMs ?? 30_000,
      retry: { attempts: 2, maxDelayMs: 10_000, ...options.retry },
      onEvent: options.onEvent ?? (() => {}),
    };
    this.#subject = { ...subjectToken };
    this.#cache = tokenCache(options.cache ?? memoryStore(), now);
    const lists = Array.isArray(allowedDomains) ? { [EVERY]: allowedDomains } : allowedDomains;
    const rules = new Map(Object.entries(lists).map(([name, list]) => [name, hostRules(list)]));
    this.#rules = (connection) => rules.get(EVERY) ?? rules.get(connection) ?? [];
    this.#me = {
      tenant: this.#tenant,
      ask,
      tokenRequest,
      failure: (...parts) => new VaultError(...parts),
      owner: () => this.#owner(),
      drop: async (connection) => this.#cache.drop(await this.#key(connection)),
      subject: () => this.#subjectNow(),
      held: async (subject, wanted, obtain) =>
        this.#cache.token(await this.#key("", subject), "", wanted, obtain),
      onRotate: async (refreshToken) => {
        if (typeof this.#subject.value === "string") this.#subject.value = refreshToken;
        await this.#subject.onRotate?.(refreshToken);
      },
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
    const { accessToken, scopes = [], expiresAt } = await this.#held(connection, options);
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
    const rules = this.#rules(connection);
    const send = ({ accessToken }: HeldToken) =>
      guardedFetch(this.#tenant, request, accessToken, rules, connection);
    checkUrl(request.url, rules, connection);
    const { signal } = request.init;
    const held = await this.#held(connection, { ...options, signal });
    const first = await send(held);
    if (first.response.status !== 401 || !first.authorized || !request.repeatable) {
      return first.response;
    }
    const renewed = await this.#held(connection, { ...options, signal, stale: held.accessToken });
    // The vault still holds the token that was refused: the 401 is the answer.
    if (renewed.accessToken === held.accessToken) return first.response;
    await first.response.body?.cancel();
    return (await send(renewed)).response;
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

  async #held(connection: string, options: Wanted & { loginHint?: string }): Promise<HeldToken> {
    const { scopes = [], loginHint } = options;
    const subject = await this.#subjectNow();
    const held = await this.#cache
      .token(
        await this.#key(connection, subject),
        loginHint ?? "",
        options,
        () => exchange(this.#tenant, subject, connection, loginHint),
        (hit) => this.#tenant.onEvent({ type: "cache", connection, hit }),
      )
      .catch((cause) => {
        if (cause.code !== "NOT_CONNECTED") throw cause;
        // One exchange serves callers with different needs: each gets its own error.
        throw new NotConnectedError(cause.code, `no account is connected for "${connection}"`, {
          ...cause,
          cause,
          required: scopes,
          granted: [],
        });
      });
    if (covers(held, scopes)) return held;
    const { scopes: granted = [] } = held;
    const missing = scopes.filter((scope) => !granted.includes(scope)).join(" ");
    throw new ScopesNeededError(
      "SCOPES_NEEDED",
      `"${connection}" is connected without the scope "${missing}"`,
      {
        connection,
        required: scopes,
        granted,
        hint: "Send the user through connect() with the required scopes, then call again.",
      },
    );
  }

  async #subjectNow(): Promise<Subject> {
    const { type, value } = this.#subject;
    const token = typeof value === "string" ? value : await value();
    if (!token)
      throw new VaultError("LOGIN_REQUIRED", "no user is signed in", { hint: "Sign the user in." });
    return { type, token };
  }

  /** The user, as a digest of their token: what a token claims about its user is not checked here. */
  async #owner(subject?: Subject) {
    const { token } = subject ?? (await this.#subjectNow());
    const { issuer, clientId } = this.#tenant;
    if (this.#digest[0] !== token) {
      this.#digest = [token, sha256(`${issuer}\n${clientId}\n${token}`)];
    }
    return this.#digest[1];
  }

  async #key(connection: string, subject?: Subject) {
    return `tvk:${await this.#owner(subject)}:${connection}`;
  }
}
