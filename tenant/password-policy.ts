/** @module The password policies of database connections. */

export type PasswordPolicy = "none" | "low" | "fair" | "good" | "excellent";

/** Fewest characters, and of the four kinds how many must occur. */
const policies: Readonly<Record<PasswordPolicy, { length: number; kinds: number }>> = {
  none: { length: 1, kinds: 0 },
  low: { length: 6, kinds: 0 },
  fair: { length: 8, kinds: 3 },
  good: { length: 8, kinds: 3 },
  excellent: { length: 10, kinds: 3 },
};

const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];

/**
 * Whether a password is too weak for a policy. As Auth0 documents them: `fair` wants lower case,
 * upper case and a digit, `good` any three of the four kinds, `excellent` those and no three equal
 * characters in a row.
 *
 * @param minLength From `password_complexity_options`; over the policy's own.
 */
export function isWeakPassword(
  password: string,
  policy: PasswordPolicy = "good",
  minLength?: number,
): boolean {
  const { length, kinds: wanted } = policies[policy];
  if (password.length < (minLength ?? length)) return true;
  if (policy === "fair" && !kinds.slice(0, 3).every((kind) => kind.test(password))) return true;
  if (policy === "excellent" && /(.)\1\1/.test(password)) return true;
  return kinds.filter((kind) => kind.test(password)).length < wanted;
}
