/** @module What can go wrong with a service, and what to do about it. */

/** Which rule was broken or which step failed. */
export type ServiceErrorCode =
  | "SPEC_WRONG"
  | "PORT_TAKEN"
  | "SERVICE_DIED"
  | "SERVICE_NOT_READY"
  | "NO_PROGRAM";

/** A service could not be started. Never holds a value of the service's environment that is secret. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  /** The next step. */
  readonly hint: string;

  constructor(code: ServiceErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ServiceError";
    this.code = code;
    this.hint = hint;
  }
}
