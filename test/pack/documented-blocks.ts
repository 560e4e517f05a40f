/** What a page of docs/ shows: files, which are code blocks whose first line names a path, and TypeScript. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "../..");

/** @returns Text by path, in the order of the page. */
export function documentedBlocks(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, "docs", page), "utf8");
  const blocks = text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path = "", content = ""]) => [path, content]));
}

/** The page's TypeScript, block by block. */
export function typeScriptBlocks(page: string): string[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => `${block}`);
}

/**
 * Writes blocks as files into the repository, so that the package's own name leads to its doors, for as long as the
 * work takes.
 */
export async function withBlockFiles<Result>(
  blocks: readonly string[],
  work: (files: readonly string[]) => Result | Promise<Result>,
): Promise<Result> {
  const dir = mkdtempSync(join(root, "test/.docs-"));
  try {
    const files = blocks.map((text, at) => {
      const file = join(dir, `block-${at}.ts`);
      writeFileSync(file, `${text}\nexport {};\n`);
      return file;
    });
    return await work(files);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What the compiler has against them, under the repository's own rules. */
export function compileProblems(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const lenient = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files], lenient))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
