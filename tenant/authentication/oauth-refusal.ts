/** @module A refusal in the dialect of the Authentication API. */
import type { Context } from "hono";

type Status = 400 | 401 | 403 | 404 | 413 | 429 | 500;

/** What a client is told, and apart from it what the tenant's log says. */
export interface OAuthRefusalOptions {
  /** For the log only: what was seen, and what to change. */
  readonly detail?: string;
  /** `Basic` when the credentials came in the Authorization header (RFC 6749 5.2). */
  readonly challenge?: string;
}

/** Answered as `{error, error_description}`. */
export class OAuthRefusal extends Error {
  readonly status: Status;
  readonly error: string;
  readonly description: string;
  readonly detail: string | undefined;
  readonly challenge: string | undefined;

  constructor(
    status: Status,
    error: string,
    description: string,
    options: OAuthRefusalOptions = {},
  ) {
    super(`${error}: ${description}`);
    this.name = "OAuthRefusal";
    this.status = status;
    this.error = error;
    this.description = description;
    this.detail = options.detail;
    this.challenge = options.challenge;
  }
}

/** 400 for a parameter that is not there. */
export function missing(parameter: string): OAuthRefusal {
  return new OAuthRefusal(400, "invalid_request", `Missing required parameter: ${parameter}`);
}

/** RFC 6749 5.1 and 5.2: JSON, never cached. */
export function answerRefusal(context: Context, refusal: OAuthRefusal): Response {
  noStore(context);
  if (refusal.challenge !== undefined) context.header("WWW-Authenticate", refusal.challenge);
  return context.json(
    { error: refusal.error, error_description: refusal.description },
    refusal.status,
  );
}

export function noStore(context: Context): void {
  context.header("Cache-Control", "no-store");
  context.header("Pragma", "no-cache");
}
