/** @module The tests that a page of docs/ names, and the titles that a file of tests has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The last cells of a page's tables that name a file below test/ and a title in it. */
export function namedTests(page: string): [file: string, title: string][] {
  const named = page.matchAll(/`([\w./-]+\.test\.ts)` "(.+?)" \|/g);
  return [...named].map(([, file = "", title = ""]) => [file, title]);
}

/** The strings that stand first in a call of a test, as the source spells them. */
export function titlesOf(file: string): string[] {
  const text = readFileSync(join(import.meta.dirname, file), "utf8");
  const strings = text.matchAll(/[([,]\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'),\s*(?:async )?\(/g);
  return [...strings].map(([, literal = ""]) => literal.slice(1, -1).replaceAll("\\", ""));
}
