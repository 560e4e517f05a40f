/** @module Where a list goes on after a page, whatever was deleted or made meanwhile. */
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { placeAfter, readPlace, startOf, writePlace } from "../../tenant/list-place.ts";

const itself = (id: string) => id;

function place(rows: readonly string[], end: number) {
  const text = writePlace(placeAfter(rows, end, itself) ?? expect.fail("no rows are left"));
  return readPlace(text) ?? expect.fail("the place is unreadable");
}

suite("a place in a list", () => {
  const rows = ["a", "b", "c", "d", "e", "f"];

  test("is after the last row given, or at the first one that was not", () => {
    expect(startOf(["new", ...rows], place(rows, 3), itself)).toBe(4);
    expect(startOf(["d", "e", "f"], place(rows, 3), itself)).toBe(0);
    expect(startOf(["a", "d", "e", "f"], place(rows, 3), itself)).toBe(1);
  });

  test("is the beginning when both of these have gone: rows are given again, and none is skipped", () => {
    expect(startOf(["a", "b", "e", "f"], place(rows, 3), itself)).toBe(0);
    // As many came as went.
    expect(startOf(["e", "f", "g", "h", "i", "j"], place(rows, 3), itself)).toBe(0);
  });

  test("is none where no row is left, and text that names none is no place", () => {
    expect(placeAfter(rows, 6, itself)).toBeUndefined();
    for (const text of ["", "abc", Buffer.from("[1]").toString("base64url")]) {
      expect(readPlace(text)).toBeUndefined();
    }
  });

  test("skips no row that stays, whichever others go and come between two pages", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.array(fc.nat(29), { maxLength: 12 }), fc.nat(12)), { maxLength: 30 }),
        (count, take, changes) => {
          let left = Array.from({ length: count }, (_, n) => String(n));
          const seen = new Set<string>();
          let start = 0;
          for (let page = 0; ; page += 1) {
            const end = start + take;
            for (const id of left.slice(start, end)) seen.add(id);
            if (end >= left.length) break;
            const then = place(left, end);
            const [gone, more] = changes[page] ?? [[], 0];
            left = left.filter((id) => !gone.includes(Number(id)));
            for (let n = 0; n < more; n += 1) left.push(`new ${page}.${n}`);
            start = startOf(left, then, itself);
          }
          expect(left.filter((id) => !seen.has(id))).toEqual([]);
        },
      ),
    );
  });
});
