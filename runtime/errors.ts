/** @module What can go wrong at run time: one base class, a literal code, and the next step. */

/** The codes of {@link VaultError}. They are API: added to, never renamed. */
export type VaultErrorCode = keyof typeof hints;

/** What goes with an error besides its message. */
export interface VaultErrorDetail {
  /** What was thrown or answered beneath. */
  cause?: unknown;
  /** The next step, where it is more exact than the code's own. */
  hint?: string;
  /** The connection that the call was about. */
  connection?: string;
  /** The scopes that the call needs. */
  required?: readonly string[];
  /** The scopes that the user has granted. */
  granted?: readonly string[];
  /** The HTTP status of the refusal. */
  status?: number;
  /** The refusal's own name: an OAuth `error`, or a problem's `type`. */
  error?: string;
  /** How long to wait, in milliseconds, where the other side said it. */
  retryAfterMs?: number;
  /** The host that was refused or did not answer. */
  host?: string;
}

/** The next step for each code. */
const hints = {
  NOT_CONNECTED: "Send the user through connect(), then call again.",
  SCOPES_NEEDED: "Send the user through connect() with these scopes, then call again.",
  LOGIN_REQUIRED: "Sign the user in again with the scope offline_access.",
  MFA_REQUIRED: 'Set the tenant\'s MFA policy to anything but "Always": Token Vault needs that.',
  GRANT_NOT_ENABLED:
    "Add this grant type to the client's grant_types; Token Vault's wants a first-party, confidential client without refresh token rotation.",
  MY_ACCOUNT_API_OFF: "Activate the My Account API in the tenant (Applications > APIs).",
  MY_ACCOUNT_GRANT_MISSING:
    'Give the client a client grant for the My Account API with subject_type "user" and this scope.',
  MRRT_POLICY_MISSING:
    "Activate the My Account API; give the client its connected_accounts scopes in refresh_token.policies and in a client grant with subject_type user; then sign in again.",
  CONNECTION_OFF:
    "Set connected_accounts.active on the connection, and enable the connection for this client.",
  PROVIDER_REFUSED: "Send the user through connect() again: the provider took its consent back.",
  CLIENT_AUTH_FAILED: "Check clientId, the secret and the client's authentication method.",
  DOMAIN_NOT_ALLOWED: "Add the host to allowedDomains, if its owner may see the user's token.",
  INSECURE_URL: "Use https without user info; http is for loopback only.",
  REDIRECT_REFUSED: "Call the final address, or send a body that can be sent again.",
  CONNECT_DENIED: "Start again with connect() when the user agrees.",
  CONNECT_EXPIRED: "Start again with connect(): its session lives for minutes and is used once.",
  CONNECT_STATE_MISMATCH: "Complete with the session of the connect() that this browser began.",
  RATE_LIMITED: "Wait, then call again.",
  TIMEOUT: "Call again, or raise timeoutMs.",
  NETWORK: "Check the host name, the network, and that the server's certificate is trusted.",
  TENANT_REFUSED: "See the tenant's logs for this request.",
};

/**
 * Anything that goes wrong at run time: `code` says what, `hint` the next step. A bug in the call
 * itself is a `TypeError` instead, thrown before any request.
 *
 * No message, hint or field holds a token, secret, code or verifier.
 *
 * @example
 * ```ts
 * try {
 *   await vault.fetch("helpdesk", "https://desk.example.com/tickets");
 * } catch (error) {
 *   if (!(error instanceof VaultError)) throw error;
 *   switch (error.code) {
 *     case "NOT_CONNECTED":
 *     case "SCOPES_NEEDED":
 *       return redirect((await vault.connect(error.connection, { redirectUri, scopes: error.required })).url);
 *     default:
 *       throw error;
 *   }
 * }
 * ```
 */
export class VaultError extends Error {
  override readonly name: string = "VaultError";
  readonly code: VaultErrorCode;
  readonly hint: string;
  declare readonly connection?: string;
  declare readonly required?: readonly string[];
  declare readonly granted?: readonly string[];
  declare readonly status?: number;
  declare readonly error?: string;
  declare readonly retryAfterMs?: number;
  declare readonly host?: string;

  constructor(code: VaultErrorCode, message: string, detail: VaultErrorDetail = {}) {
    const { cause, hint, ...fields } = detail;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint ?? hints[code];
    Object.assign(this, fields);
  }
}

/** The user has no account connected here, or it was removed. `connect(connection)` resumes. */
export class NotConnectedError extends VaultError {
  override readonly name = "NotConnectedError";
  declare readonly code: "NOT_CONNECTED";
  declare readonly connection: string;
  /** What the call needs: pass it to `connect` as `scopes`. */
  declare readonly required: readonly string[];
  declare readonly granted: readonly string[];

  constructor(connection: string, required: readonly string[] = [], detail: VaultErrorDetail = {}) {
    super("NOT_CONNECTED", `no account is connected for "${connection}"`, {
      ...detail,
      connection,
      required,
      granted: [],
    });
  }
}

/** The account is connected, but the user has not granted every scope that the call needs. */
export class ScopesNeededError extends VaultError {
  override readonly name = "ScopesNeededError";
  declare readonly code: "SCOPES_NEEDED";
  declare readonly connection: string;
  /** What the call needs: pass it to `connect` as `scopes`, which keeps what is granted. */
  declare readonly required: readonly string[];
  declare readonly granted: readonly string[];

  constructor(connection: string, required: readonly string[], granted: readonly string[]) {
    const missing = required.filter((scope) => !granted.includes(scope)).join(" ");
    super("SCOPES_NEEDED", `"${connection}" is connected without the scope "${missing}"`, {
      connection,
      required,
      granted,
    });
  }
}
