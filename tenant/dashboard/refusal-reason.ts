/** @module Why a request was refused: what the log knows, and what mends it. */
import type { LogRow } from "../models/log-entry.ts";

/** The answer to "why was this refused?". */
export interface RefusalReason {
  /** The error code of the answer, where there is one. */
  readonly error?: string;
  readonly status?: number;
  /** What the tenant saw. */
  readonly seen: string;
  /** What to change. */
  readonly next?: string;
}

/** Event codes of refusals; Auth0's own failures begin with an f. */
const failures = /^(?:f\w*|connected_accounts_\w+_failed|limit_\w+|pwd_leak)$/;

/** Undefined for an entry that is about no refusal. */
export function refusalReason(row: LogRow): RefusalReason | undefined {
  if (!failures.test(row.type)) return undefined;
  const error = record(row.details?.["error"]);
  const response = record(row.details?.["response"]);
  const code = text(error["type"]) ?? text(error["oauthError"]);
  const status = number(error["status"]) ?? number(response["statusCode"]);
  const detail = text(error["detail"]);
  const seen = detail ?? text(response["message"]) ?? text(error["message"]) ?? row.description;
  const next = advice(code, status, `${row.description} ${detail ?? ""}`);
  return {
    ...(code === undefined ? {} : { error: code }),
    ...(status === undefined ? {} : { status }),
    seen,
    ...(next === undefined ? {} : { next }),
  };
}

function advice(code: string | undefined, status: number | undefined, about: string) {
  const byText = textAdvice.find(([pattern]) => pattern.test(about));
  if (byText !== undefined) return byText[1];
  if (code !== undefined && Object.hasOwn(codeAdvice, code)) return codeAdvice[code];
  return status === undefined ? undefined : statusAdvice[status];
}

const textAdvice: readonly (readonly [RegExp, string])[] = [
  [
    /gave no refresh token/,
    "Have the provider give one (the scope offline_access, or its own switch), and connect again.",
  ],
  [
    /not enabled for the client/,
    "Turn the application on at the connection: Authentication → Social → the connection → Applications.",
  ],
  [
    /connected_accounts\.active|Token Vault is not enabled/,
    "Turn on “Connected Accounts for Token Vault” at the connection.",
  ],
  [
    /has no connected account/,
    "The user has to connect the account first: tvk connect NAME, or connect() in the app.",
  ],
  [
    /no grant for this API/,
    "Give the application a client grant for the API, with subject_type user where a user is asked for.",
  ],
  [
    /Token Vault is closed to it/,
    "Token Vault wants a first-party, OIDC-conformant, confidential application whose refresh tokens don't rotate.",
  ],
  [
    /grant_types do not have it|Grant type .* not allowed/,
    "Add the grant type to the application's grant_types.",
  ],
  [
    /[Cc]allback/,
    "Add the address to the application's Allowed Callback URLs, character for character.",
  ],
  [
    /no API of this tenant/,
    "Create the API with this identifier, or ask for one that is there; a last slash counts.",
  ],
];

const codeAdvice: Readonly<Record<string, string>> = {
  federated_connection_refresh_token_not_found:
    "The user has to connect the account first: tvk connect NAME, or connect() in the app.",
  federated_connection_refresh_token_flow_failed:
    "The provider no longer takes the refresh token. The user has to connect the account again.",
  invalid_client:
    "Compare client_id, secret and token_endpoint_auth_method with the application's.",
  invalid_grant: "The code or token is unknown, used or over. Begin the sign-in again.",
  access_denied: "The user or the provider said no, or a grant is missing.",
  invalid_request: "Send what the message names.",
  insufficient_scope:
    "Ask for a token with the scope that the message names, and let the client grant have it.",
};

const statusAdvice: Readonly<Record<number, string>> = {
  401: "Get a new token for this API.",
  403: "The token lacks what the message names: widen the client grant, and get a new token.",
  404: "Nothing has this id: it may have been deleted.",
  409: "Something has this name already. Change that one, or choose another name.",
  429: "Wait as long as the retry-after header says.",
};

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
