/** @module What the tenant's refusals mean: the code and the next step for each. */
import type { VaultErrorCode, VaultErrorDetail } from "./errors.ts";

/** A JSON answer: any object, or `{}` where there was none. */
export interface Answer {
  status: number;
  /** How long the answer asks to wait; NaN where it does not say. */
  retryAfterMs: number;
  body: Record<string, unknown>;
}

/** What a `VaultError` is made of. */
export type Refusal = [code: VaultErrorCode, message: string, detail: VaultErrorDetail];

/** By "STATUS: NAME: DESCRIPTION"; the first that fits. */
export type Meanings = readonly (readonly [RegExp, VaultErrorCode, hint: string])[];

export const SIGN_IN = "Sign the user in again with the scope offline_access.";
export const SWITCH_ON =
  "Set connected_accounts.active on the connection, and enable the connection for this client.";
const CONNECT = "Send the user through connect(), then call again.";
export const RATE_LIMITED = [/^429/, "RATE_LIMITED", "Wait, then call again."] as const;

/** What the refusals of the token endpoint mean. */
const TOKEN_MEANINGS: Meanings = [
  [/^\d+: (federated_connection_refresh_token|tokenset)_not_found/, "NOT_CONNECTED", CONNECT],
  // No identity for connection and login_hint: a 401 that names no error.
  [/^401$/, "NOT_CONNECTED", CONNECT],
  [
    /^\d+: federated_connection_refresh_token_flow_failed/,
    "PROVIDER_REFUSED",
    "Send the user through connect() again: the provider took its consent back.",
  ],
  [
    /^\d+: (invalid_grant|expired_token|unmet_authentication_requirements)/,
    "LOGIN_REQUIRED",
    SIGN_IN,
  ],
  [
    /^\d+: unauthorized_client/,
    "GRANT_NOT_ENABLED",
    "Add this grant type to the client's grant_types; Token Vault's wants a first-party, confidential client without refresh token rotation.",
  ],
  // Older tenants answer a wrong secret by the second (inferred).
  [
    /^\d+: (invalid_client|access_denied: Unauthorized$)/,
    "CLIENT_AUTH_FAILED",
    "Check clientId, the secret and the client's authentication method.",
  ],
  [
    /^\d+: mfa_required/,
    "MFA_REQUIRED",
    'Set the tenant\'s MFA policy to anything but "Always": Token Vault needs that.',
  ],
  RATE_LIMITED,
  [/Token Vault is not enabled/, "CONNECTION_OFF", SWITCH_ON],
];

const UNKNOWN: Meanings[number] = [
  /^/,
  "TENANT_REFUSED",
  "See the tenant's logs for this request.",
];

/** What a refusal by the token endpoint means. */
export function tokenRefusal(
  issuer: string,
  answer: Answer,
  connection: string | undefined,
): Refusal {
  // Without a connection there is none that could be missing.
  const meanings = TOKEN_MEANINGS.filter(([, code]) => connection || code !== "NOT_CONNECTED");
  return refusal(issuer, answer, meanings, connection);
}

/** What an answer means: the first meaning that fits, and what was asked and seen in words. */
export function refusal(
  issuer: string,
  { status, retryAfterMs, body }: Answer,
  meanings: Meanings,
  connection: string | undefined,
): Refusal {
  const { error, error_description, type, title, detail, validation_errors: problems } = body;
  const why = Array.isArray(problems) ? problems.map((problem) => problem.detail) : [];
  const seen = [status, error, error_description, title, detail, ...why].filter(Boolean).join(": ");
  const [, code, hint] = meanings.find(([pattern]) => pattern.test(seen)) ?? UNKNOWN;
  const about = connection ? ` about "${connection}"` : "";
  return [
    code,
    `${issuer} refused a request${about} (${seen})`,
    {
      connection,
      status,
      hint,
      error: error || type ? `${error || type}` : undefined,
      retryAfterMs: status === 429 && retryAfterMs >= 0 ? retryAfterMs : undefined,
    },
  ];
}
