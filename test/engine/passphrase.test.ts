import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { passphraseFile } from "../../engine/passphrase.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-passphrase-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lost = (what: RegExp) =>
  expect.objectContaining({
    code: "PASSPHRASE_LOST",
    message: expect.stringMatching(what),
    hint: expect.stringContaining(`remove ${dir} and run tvk up --stack dev`),
  });

suite("passphraseFile()", () => {
  test("makes one for its owner alone, and every later run has the same", () => {
    const file = passphraseFile(dir, "dev");
    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/^[\w-]{32}\n$/);
    expect(readFileSync(passphraseFile(dir, "dev"), "utf8")).toBe(text);
    for (const each of [file, `${file}.sha256`]) expect(statSync(each).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${file}.sha256`, "utf8")).not.toContain(text.trim());
  });

  test.each(["", "another one\n", "cut"])(
    "refuses what is not it (%j), and leaves it there",
    (now) => {
      const file = passphraseFile(dir, "dev");
      const before = readFileSync(file, "utf8");
      const text = now === "cut" ? before.slice(0, 9) : now;
      writeFileSync(file, text);
      expect(() => passphraseFile(dir, "dev")).toThrow(lost(/does not hold the passphrase/));
      expect(readFileSync(file, "utf8")).toBe(text);
      writeFileSync(file, before);
      expect(passphraseFile(dir, "dev")).toBe(file);
    },
  );

  test("makes no other in the place of one that is gone", () => {
    const file = passphraseFile(dir, "dev");
    rmSync(file);
    expect(() => passphraseFile(dir, "dev")).toThrow(lost(/is gone/));
    expect(existsSync(file)).toBe(false);
  });

  test("does not care about white space around it, as Pulumi does not", () => {
    const file = passphraseFile(dir, "dev");
    writeFileSync(file, ` ${readFileSync(file, "utf8")}\n`);
    expect(passphraseFile(dir, "dev")).toBe(file);
  });
});
