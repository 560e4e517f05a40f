/** @module Why what exists can't be brought under a stack. */

/** `not_found`: the tenant has no such object. `ambiguous`: it has several. `not_adopted`: the preview still shows a change. */
export type AdoptionErrorCode = "not_found" | "ambiguous" | "not_adopted" | "secret_hidden";

/** Nothing was adopted, or not all; the message lists what was seen. */
export class AdoptionError extends Error {
  readonly code: AdoptionErrorCode;
  readonly hint: string;
  constructor(code: AdoptionErrorCode, message: string, hint: string) {
    super(message);
    this.name = "AdoptionError";
    this.code = code;
    this.hint = hint;
  }
}
