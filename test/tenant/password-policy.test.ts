/** @module The password policies of database connections. */
import { expect, suite, test } from "vitest";
import { isWeakPassword, type PasswordPolicy } from "../../tenant/password-policy.ts";
import { checkPassword, hashPassword } from "../../tenant/passwords.ts";

suite("isWeakPassword()", () => {
  const table: [PasswordPolicy, string[], string[]][] = [
    ["none", ["a"], [""]],
    ["low", ["abcdef"], ["abcde"]],
    ["fair", ["Abcdefg1"], ["abcdefg1", "Abcdefgh", "Abcde1", "abcdef1!"]],
    ["good", ["Abcdefg1", "abcdef1!"], ["abcdefg1", "Abcde1!"]],
    ["excellent", ["Abcdefghi1"], ["Abcdefg1", "Abcdefggg1"]],
  ];
  test.each(table)("%s takes %j and refuses %j", (policy, taken, refused) => {
    for (const password of taken) expect(isWeakPassword(password, policy), password).toBe(false);
    for (const password of refused) expect(isWeakPassword(password, policy), password).toBe(true);
  });

  test("takes another length over the policy's own", () => {
    expect(isWeakPassword("Abcdefg1", "good", 12)).toBe(true);
    expect(isWeakPassword("Abcdefghijk1", "good", 12)).toBe(false);
  });
});

suite("hashPassword()", () => {
  test("gives another hash each time, and both accept the password and no other", async () => {
    const [one, two] = await Promise.all([hashPassword("pässwörd"), hashPassword("pässwörd")]);
    expect(one).not.toBe(two);
    // The same letters, composed and decomposed.
    for (const text of ["p\u00e4ssw\u00f6rd", "pa\u0308sswo\u0308rd"]) {
      expect(await checkPassword(text, one)).toBe(true);
      expect(await checkPassword(text, two)).toBe(true);
    }
    expect(await checkPassword("passwort", one)).toBe(false);
  });

  test.each([undefined, "", "plain", "scrypt$$", "scrypt$a$b"])(
    "never accepts what %j keeps",
    async (kept) => {
      expect(await checkPassword("", kept)).toBe(false);
      expect(await checkPassword("x", kept)).toBe(false);
    },
  );
});
