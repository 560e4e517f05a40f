import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { namesIfThere, textIfThere } from "../../locks/if-there.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-there-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

suite("what may not be there", () => {
  test("is read where it is, and nothing where it is not", () => {
    const file = join(dir, "text");
    expect(textIfThere(file)).toBeUndefined();
    writeFileSync(file, "");
    expect(textIfThere(file)).toBe("");
    expect(namesIfThere(dir)).toEqual(["text"]);
    expect(namesIfThere(join(dir, "none"))).toEqual([]);
  });

  test("is listed with what is in its folders when that is asked for", () => {
    mkdirSync(join(dir, "sub"));
    writeFileSync(join(dir, "sub", "text"), "");
    expect(namesIfThere(dir)).toEqual(["sub"]);
    expect(namesIfThere(dir, true).sort()).toEqual(["sub", join("sub", "text")]);
  });

  test("is no excuse for what is there and can't be read", () => {
    const file = join(dir, "text");
    writeFileSync(file, "");
    expect(() => textIfThere(dir)).toThrow("EISDIR");
    expect(() => namesIfThere(file)).toThrow("ENOTDIR");
    // Below a file there is nothing either, but somebody expected a folder there.
    expect(() => textIfThere(join(file, "sub"))).toThrow("ENOTDIR");
  });
});
