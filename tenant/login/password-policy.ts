/** @module The strength that a database connection asks of passwords. */

/** Auth0's levels: `none`, `low`, `fair`, `good`, `excellent`; anything else counts as `good`. */
const rules: Readonly<
  Record<string, { length: number; kinds: number; ofFour: boolean; repeats: boolean }>
> = {
  none: { length: 1, kinds: 0, ofFour: false, repeats: true },
  low: { length: 6, kinds: 0, ofFour: false, repeats: true },
  fair: { length: 8, kinds: 3, ofFour: false, repeats: true },
  good: { length: 8, kinds: 3, ofFour: true, repeats: true },
  excellent: { length: 10, kinds: 3, ofFour: true, repeats: false },
};

const three = [/[a-z]/, /[A-Z]/, /[0-9]/];
const four = [...three, /[^A-Za-z0-9]/];

/** What the password lacks, one sentence each; empty when it is strong enough. */
export function passwordProblems(password: string, policy: unknown): string[] {
  const rule = rules[String(policy)] ?? rules["good"];
  if (rule === undefined) return [];
  const problems: string[] = [];
  if ([...password].length < rule.length) {
    problems.push(`At least ${rule.length} characters in length`);
  }
  const kinds = (rule.ofFour ? four : three).filter((kind) => kind.test(password)).length;
  if (kinds < rule.kinds) {
    problems.push(
      rule.ofFour
        ? "At least 3 of: lower case letters (a-z), upper case letters (A-Z), numbers (0-9), special characters (!@#$%^&*)"
        : "Lower case (a-z), upper case letters (A-Z) and numbers (0-9)",
    );
  }
  if (!rule.repeats && /(.)\1\1/.test(password)) {
    problems.push("No more than 2 identical characters in a row");
  }
  return problems;
}
