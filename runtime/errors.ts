/** @module What can go wrong at run time: one base class, a literal code, and the next step. */

/** The codes of {@link VaultError}. They are API: added to, never renamed. */
export type VaultErrorCode =
  | "NOT_CONNECTED"
  | "SCOPES_NEEDED"
  | "PROVIDER_REFUSED"
  | "LOGIN_REQUIRED"
  | "MFA_REQUIRED"
  | "GRANT_NOT_ENABLED"
  | "CONNECTION_OFF"
  | "CLIENT_AUTH_FAILED"
  | "MY_ACCOUNT_API_OFF"
  | "MY_ACCOUNT_GRANT_MISSING"
  | "MRRT_POLICY_MISSING"
  | "CONNECT_DENIED"
  | "CONNECT_EXPIRED"
  | "CONNECT_STATE_MISMATCH"
  | "DOMAIN_NOT_ALLOWED"
  | "INSECURE_URL"
  | "REDIRECT_REFUSED"
  | "RATE_LIMITED"
  | "TIMEOUT"
  | "NETWORK"
  | "TENANT_REFUSED";

/** What goes with an error besides its message. */
export interface VaultErrorDetail {
  /** What was thrown or answered beneath. */
  cause?: unknown;
  /** The next step, in a sentence. */
  hint?: string | undefined;
  /** The connection that the call was about. */
  connection?: string | undefined;
  /** The scopes that the call needs. */
  required?: readonly string[] | undefined;
  /** The scopes that the user has granted. */
  granted?: readonly string[] | undefined;
  /** The HTTP status of the refusal. */
  status?: number | undefined;
  /** The refusal's own name: an OAuth `error`, or a problem's `type`. */
  error?: string | undefined;
  /** How long to wait, in milliseconds, where the other side said it. */
  retryAfterMs?: number | undefined;
  /** The host that was refused or did not answer. */
  host?: string | undefined;
}

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
 *       return redirect((await vault.connect("helpdesk", { redirectUri, scopes: error.required })).url);
 *     default:
 *       throw error;
 *   }
 * }
 * ```
 */
export class VaultError extends Error {
  override readonly name: string = "VaultError";
  declare readonly code: VaultErrorCode;
  declare readonly hint: string;
  declare readonly connection?: string;
  declare readonly required?: readonly string[];
  declare readonly granted?: readonly string[];
  declare readonly status?: number;
  declare readonly error?: string;
  declare readonly retryAfterMs?: number;
  declare readonly host?: string;

  constructor(code: VaultErrorCode, message: string, detail: VaultErrorDetail = {}) {
    super(message);
    for (const [name, value] of Object.entries({ code, hint: "", ...detail })) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
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
}

/** The account is connected, but the user has not granted every scope that the call needs. */
export class ScopesNeededError extends VaultError {
  override readonly name = "ScopesNeededError";
  declare readonly code: "SCOPES_NEEDED";
  declare readonly connection: string;
  /** What the call needs: pass it to `connect` as `scopes`, which keeps what is granted. */
  declare readonly required: readonly string[];
  declare readonly granted: readonly string[];
}
