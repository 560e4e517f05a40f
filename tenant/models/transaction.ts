/** @module A browser's way through login or connect, between its first request and its last. */

/** A checked request of `/authorize`. */
export interface AuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: "query" | "fragment" | "form_post";
  readonly state?: string;
  readonly nonce?: string;
  /** What was granted of the requested scopes, space-separated. */
  readonly scope: string;
  readonly audience?: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: "S256" | "plain";
  /** The connection's name. */
  readonly connection?: string;
  readonly connectionScope: readonly string[];
  readonly prompt: readonly string[];
  /** Seconds. */
  readonly maxAge?: number;
  readonly loginHint?: string;
  /** An ID token of the user whom the app expects. */
  readonly idTokenHint?: string;
  readonly screenHint?: string;
  /** Every parameter as it came, for `upstream_params` that take their value from one. */
  readonly params: Readonly<Record<string, string>>;
}

/** A login in progress, from /authorize to the app's callback. */
export interface LoginTransaction {
  readonly id: string;
  readonly kind: "login";
  readonly request: AuthorizeRequest;
  /** SHA-256 of the browser's cookie: another browser can't go on with it. */
  readonly browserHash: string;
  /** Repeated by every form of the pages. */
  readonly formToken: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The session that a login made; present while consent is asked. */
  readonly sessionId?: string;
}

/** A browser that is away at the provider; the id is the provider's `state`. */
export interface ProviderTransaction {
  readonly id: string;
  readonly kind: "provider";
  /** Which flow goes on afterwards, and the id of its transaction or connect session. */
  readonly purpose: "login" | "connect";
  readonly parentId: string;
  readonly connectionId: string;
  readonly browserHash: string;
  readonly codeVerifier?: string;
  /** Scopes that were asked for: what was granted, where the provider doesn't say. */
  readonly scopes: readonly string[];
}

/** A ticket of the Connected Accounts flow, by its hash; single use. */
export interface TicketTransaction {
  readonly id: string;
  readonly kind: "ticket";
  readonly connectSessionId: string;
}

/** A client assertion that was used: it must not come again. */
export interface UsedAssertion {
  readonly id: string;
  readonly kind: "assertion";
}

export type TransactionRow =
  | LoginTransaction
  | ProviderTransaction
  | TicketTransaction
  | UsedAssertion;

/** What the provider gave, kept until the app completes. */
export interface PendingAccount {
  readonly idpUserId: string;
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly accessTokenExpiresAt: number;
  /** Empty when the provider gave none: then nothing can be exchanged later. */
  readonly refreshToken: string;
  /** Epoch seconds. */
  readonly refreshTokenExpiresAt?: number;
  readonly scopes: readonly string[];
}

/** A connected-accounts session, from POST connect to POST complete; the id is the hash of auth_session. */
export interface ConnectSessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly clientId: string;
  readonly connectionId: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly codeChallenge?: string;
  /** Absent: the connection's own. */
  readonly scopes?: readonly string[];
  readonly authorizationParams: Readonly<Record<string, string>>;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** SHA-256 of the connect_code; present once the browser has come back. */
  readonly connectCodeHash?: string;
  readonly pending?: PendingAccount;
}
