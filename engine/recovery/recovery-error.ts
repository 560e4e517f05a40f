/** @module Why a stack can't be run now, and what to do about it. */

/**
 * `STACK_BUSY`: somebody else runs it. `DISK_FULL`: too little space to keep its state.
 * `STATE_UNREADABLE`: its state is damaged and no copy is left. `RECOVERY_FAILED`: what a killed run
 * left could not be put right.
 */
export type RecoveryErrorCode = "STACK_BUSY" | "DISK_FULL" | "STATE_UNREADABLE" | "RECOVERY_FAILED";

/** A stack's run did not begin: nothing was changed. */
export class RecoveryError extends Error {
  readonly code: RecoveryErrorCode;
  /** The next step. */
  readonly hint: string;
  constructor(code: RecoveryErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "RecoveryError";
    this.code = code;
    this.hint = hint;
  }
}
