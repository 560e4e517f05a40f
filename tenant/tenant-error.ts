/** @module The error of a tenant that can't start. */

/** What kept the tenant from starting; added to, never renamed. */
export type TenantErrorCode =
  | "DIR_IN_USE"
  | "DIR_BELONGS_TO_PORT"
  | "PORT_IN_USE"
  | "DATA_DAMAGED"
  | "OFF_LOOPBACK"
  | "SEED_REFUSED";

/** The tenant can't start; `hint` is the next command. */
export class TenantError extends Error {
  override readonly name = "TenantError";
  readonly code: TenantErrorCode;
  readonly hint: string;

  constructor(code: TenantErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
