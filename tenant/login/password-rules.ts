/** @module What a sign-up is told when its password is too weak for the connection. */
import type { ConnectionRow } from "../models/connection.ts";
import { isWeakPassword, type PasswordPolicy } from "../password-policy.ts";

const threeOfFour =
  "At least 3 of: lower case letters (a-z), upper case letters (A-Z), numbers (0-9), special characters (!@#$%^&*)";

/** What each policy asks for besides a length, in Auth0's words as far as they are known. */
const wording: Readonly<Record<PasswordPolicy, { length: number; more: readonly string[] }>> = {
  none: { length: 1, more: [] },
  low: { length: 6, more: [] },
  fair: { length: 8, more: ["Lower case (a-z), upper case letters (A-Z) and numbers (0-9)"] },
  good: { length: 8, more: [threeOfFour] },
  excellent: {
    length: 10,
    more: [threeOfFour, "No more than 2 identical characters in a row"],
  },
};

/** The connection's rules, one sentence each, when the password breaks them; else none. */
export function brokenPasswordRules(password: string, connection: ConnectionRow): string[] {
  const policy = policyOf(connection);
  const minLength = minLengthOf(connection);
  if (!isWeakPassword(password, policy, minLength)) return [];
  const { length, more } = wording[policy];
  return [`At least ${minLength ?? length} characters in length`, ...more];
}

function policyOf(connection: ConnectionRow): PasswordPolicy {
  const policy = String(connection.options["passwordPolicy"]);
  return Object.hasOwn(wording, policy) ? (policy as PasswordPolicy) : "good";
}

function minLengthOf(connection: ConnectionRow): number | undefined {
  const complexity = connection.options["password_complexity_options"];
  if (typeof complexity !== "object" || complexity === null) return undefined;
  const length = "min_length" in complexity ? complexity.min_length : undefined;
  return typeof length === "number" ? length : undefined;
}
