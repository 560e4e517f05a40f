/** @module The words of an environment: its name, its time to live, and what is wrong with one. */

/** Why an environment can't be made, found or removed. */
export type EnvironmentErrorCode =
  | "invalid_environment"
  | "not_an_environment"
  | "unknown_environment"
  | "no_management_credentials";

/** A wrong name or time, or an environment that is none. */
export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode;
  readonly hint: string;
  constructor(code: EnvironmentErrorCode, message: string, hint: string) {
    super(message);
    this.name = "EnvironmentError";
    this.code = code;
    this.hint = hint;
  }
}

/** It is a stack, a folder, and the start of names on the tenant: what all of them take. */
const namePattern = /^[a-z0-9](-?[a-z0-9])*$/;
const maxNameLength = 40;

/** Milliseconds of each unit that a time to live is given in. */
const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Checks a name. @throws {EnvironmentError} `invalid_environment` */
export function environmentName(text: string): string {
  if (namePattern.test(text) && text.length <= maxNameLength) return text;
  throw new EnvironmentError(
    "invalid_environment",
    `${JSON.stringify(text)} is no name for an environment`,
    `Lower-case letters, digits and single dashes, at most ${maxNameLength}, like pr-42.`,
  );
}

/**
 * When an environment that is made now is over.
 *
 * @param text A number and m, h or d: `90m`, `8h`, `3d`.
 * @returns ISO 8601, in whole seconds.
 * @throws {EnvironmentError} `invalid_environment`
 */
export function expiryAfter(text: string, now: number): string {
  const [, count = "", unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit as keyof typeof units] ?? 0);
  if (ms > 0) return new Date(now + ms).toISOString().replace(/\.\d+Z$/, "Z");
  throw new EnvironmentError(
    "invalid_environment",
    `${JSON.stringify(text)} is no time to live`,
    "A number and m, h or d: 90m, 8h, 3d.",
  );
}
