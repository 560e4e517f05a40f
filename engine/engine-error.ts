/** @module Why there is no engine, and what to do about it. */

/** `NO_ENGINE`: every way was tried. `CACHE_UNUSABLE`: what was made could not be kept. */
export type EngineErrorCode = "NO_ENGINE" | "CACHE_UNUSABLE";

/** No engine can be had; the message says all that was tried. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  /** The next step. */
  readonly hint: string;
  constructor(code: EngineErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "EngineError";
    this.code = code;
    this.hint = hint;
  }
}

/** One way to an engine did not lead there; the next is tried. */
export class NotThisWay extends Error {}
