/** @module docs/parity.md is what the tests give. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { currentParityPage, parityFile } from "./gather.ts";
import { parityRows } from "./rows.ts";

suite("docs/parity.md", () => {
  test("is what `npm run parity` writes", async () => {
    expect(readFileSync(parityFile, "utf8"), "run `npm run parity`").toBe(
      await currentParityPage(),
    );
  });
});

suite("parityRows()", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tvk-parity-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rowsOf = (text: string) => {
    const path = join(folder, "one.test.ts");
    writeFileSync(path, text);
    return parityRows("one.test.ts", path);
  };

  test("takes operations and source from the suite, and from the test where it has its own", () => {
    const rows = rowsOf(`
      // parity: GET /a, POST /a | docs
      suite("a", () => {
        test("first", () => {});
        // parity: | (inferred)
        test("second", () => {});
        // parity: GET /b | SDK
        test("third", () => {});
      });
      test("in no table", () => {});`);
    expect(rows.map(({ subject, rule, source }) => [subject, rule, source])).toEqual([
      ["GET /a", "first", "docs"],
      ["POST /a", "first", "docs"],
      ["GET /a", "second", "(inferred)"],
      ["POST /a", "second", "(inferred)"],
      ["GET /b", "third", "SDK"],
    ]);
  });

  test("lists the cases of a table of tests", () => {
    const rows = rowsOf(`
      const table = [["a wrong x", 1], ["a wrong y", 2]];
      // parity: GET /a | docs
      test.each(table)("refuses %s", () => {});
      // parity: GET /a | docs
      test.each(["p", "q"])("takes %s", () => {});`);
    expect(rows.map(({ rule }) => rule)).toEqual([
      "refuses … (a wrong x; a wrong y)",
      "takes … (p; q)",
    ]);
  });

  test("refuses a tag without a source", () => {
    const text = `// parity: GET /a\ntest("x", () => {});`;
    expect(() => rowsOf(text)).toThrow("one.test.ts:2: the parity tag names no source");
  });
});
