/** The files that a page of docs/ shows: code blocks whose first line names a path. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** @returns Text by path, in the order of the page. */
export function documentedBlocks(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(resolve(import.meta.dirname, "../../docs", page), "utf8");
  const blocks = text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path = "", content = ""]) => [path, content]));
}
