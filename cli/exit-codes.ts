/** @module What a failed command says and how it exits: the table that scripts and agents rely on. */
import type { VaultErrorCode } from "../runtime/errors.ts";

/** The exits of `tvk`, as auth0-tv has them. */
export const exitCodes = {
  ok: 0,
  general: 1,
  input: 2,
  login: 3,
  connect: 4,
  service: 5,
  network: 6,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What is printed of a failure. */
export interface Failure {
  exitCode: ExitCode;
  /** auth0-tv's name of the failure. */
  code: string;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
}

/** A failure that the command line itself found: wrong input, nothing configured, no answer. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      exitCode: ExitCode;
      hint?: string;
      details?: Record<string, unknown>;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CliError";
    this.code = code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** Wrong input: exit 2. */
export function inputError(code: string, message: string, hint?: string): CliError {
  return new CliError(code, message, { exitCode: exitCodes.input, ...(hint ? { hint } : {}) });
}

/** How each error of the runtime ends a command, whichever it is. */
const ends: Record<VaultErrorCode, readonly [ExitCode, string]> = {
  NOT_CONNECTED: [exitCodes.connect, "token_exchange_error"],
  SCOPES_NEEDED: [exitCodes.connect, "token_exchange_error"],
  PROVIDER_REFUSED: [exitCodes.connect, "token_exchange_error"],
  GRANT_NOT_ENABLED: [exitCodes.connect, "token_exchange_error"],
  LOGIN_REQUIRED: [exitCodes.login, "auth_required"],
  MFA_REQUIRED: [exitCodes.login, "token_exchange_error"],
  CLIENT_AUTH_FAILED: [exitCodes.login, "auth_error"],
  CONNECTION_OFF: [exitCodes.service, "token_exchange_error"],
  TENANT_REFUSED: [exitCodes.service, "token_exchange_error"],
  MY_ACCOUNT_API_OFF: [exitCodes.service, "service_error"],
  MY_ACCOUNT_GRANT_MISSING: [exitCodes.service, "service_error"],
  MRRT_POLICY_MISSING: [exitCodes.service, "service_error"],
  RATE_LIMITED: [exitCodes.service, "service_error"],
  REDIRECT_REFUSED: [exitCodes.service, "fetch_error"],
  DOMAIN_NOT_ALLOWED: [exitCodes.input, "domain_not_allowed"],
  INSECURE_URL: [exitCodes.input, "invalid_url"],
  CONNECT_DENIED: [exitCodes.general, "connect_failed"],
  CONNECT_EXPIRED: [exitCodes.general, "connect_failed"],
  CONNECT_STATE_MISMATCH: [exitCodes.general, "connect_failed"],
  TIMEOUT: [exitCodes.network, "network_error"],
  NETWORK: [exitCodes.network, "network_error"],
};

/** What a person does on the command line about an error whose hint speaks to a program. */
const hints: Partial<Record<VaultErrorCode, (connection: string, scopes: string) => string>> = {
  NOT_CONNECTED: (connection, scopes) => `Run: tvk connect ${connection}${scopes}`,
  SCOPES_NEEDED: (connection, scopes) => `Run: tvk connect ${connection}${scopes}`,
  PROVIDER_REFUSED: (connection) => `Run: tvk connect ${connection}`,
  CONNECT_DENIED: (connection) => `Run: tvk connect ${connection}`,
  CONNECT_EXPIRED: (connection) => `Run: tvk connect ${connection}`,
  LOGIN_REQUIRED: () => "Run: tvk login",
  DOMAIN_NOT_ALLOWED: (connection) =>
    `Run: tvk connect ${connection} --allowed-domains HOST, if its owner may see your token.`,
  TIMEOUT: () => "Try again, or give more time with --timeout SECONDS.",
};

/** What to do about a file or folder that the system refuses; the system's own message names it. */
const systemHints: Readonly<Record<string, string>> = {
  EACCES: "Run it as the user whom that belongs to, or in a project folder of your own.",
  EPERM: "Run it as the user whom that belongs to, or in a project folder of your own.",
  EROFS: "That file system is read-only. Work in a folder that can be written to.",
  ENOSPC: "Make room there and run the command again.",
  EDQUOT: "Make room there and run the command again.",
};

/**
 * Says how an error ends the command.
 *
 * @param fallback The code of an error that is none of ours, e.g. `login_failed`.
 */
export function failureOf(error: unknown, fallback = "general_error"): Failure {
  if (error instanceof CliError) {
    const { exitCode, code, message, hint, details } = error;
    return { exitCode, code, message, ...(hint ? { hint } : {}), ...(details ? { details } : {}) };
  }
  // By its shape, so that a command that meets no runtime error never loads the runtime.
  if (error instanceof Error && error.name.endsWith("Error") && isVaultErrorCode(error)) {
    return vaultFailure(error, fallback);
  }
  const message = error instanceof Error ? error.message : String(error);
  const { code, hint = systemHints[String(code)] } = error as { code?: unknown; hint?: unknown };
  return {
    exitCode: exitCodes.general,
    code: fallback,
    message,
    ...(typeof hint === "string" ? { hint } : {}),
    ...(typeof code === "string" ? { details: { code } } : {}),
  };
}

interface VaultErrorLike extends Error {
  code: VaultErrorCode;
  hint: string;
  connection?: string;
  required?: readonly string[];
  granted?: readonly string[];
  status?: number;
  error?: string;
  retryAfterMs?: number;
  host?: string;
}

function isVaultErrorCode(error: Error): error is VaultErrorLike {
  return "code" in error && "hint" in error && String(error.code) in ends;
}

/** A command that acts at the tenant ends so, whatever the tenant refused; auth0-tv's scripts expect it. */
function isAct(fallback: string) {
  return /^(connect|disconnect|login|logout)_failed$/.test(fallback);
}

function vaultFailure(error: VaultErrorLike, fallback: string): Failure {
  const {
    code,
    message,
    connection,
    required,
    granted,
    status,
    error: name,
    retryAfterMs,
    host,
  } = error;
  const [exitCode, tvCode] = ends[code];
  // Auth0 denies a client that may not use the connection: auth0-tv says "connect" to that.
  const denied = code === "TENANT_REFUSED" && name === "access_denied";
  const scopes = required?.length ? ` --scopes ${required.join(",")}` : "";
  const facts = { connection, required, granted, status, error: name, retryAfterMs, host };
  const seen = Object.entries(facts).filter(([, value]) => value !== undefined && value !== "");
  const refused = exitCode === exitCodes.service || exitCode === exitCodes.connect;
  const end =
    refused && isAct(fallback)
      ? { exitCode: exitCodes.general, code: fallback }
      : { exitCode: denied ? exitCodes.connect : exitCode, code: tvCode };
  return {
    ...end,
    message,
    hint: hints[code]?.(connection ?? "CONNECTION", scopes) ?? error.hint,
    details: { code, ...Object.fromEntries(seen) },
  };
}
