/** docs/tenant.md: its programs compile and run as they are written. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, suite, test } from "vitest";
import { compileProblems, typeScriptBlocks, withBlockFiles } from "../pack/documented-blocks.ts";

const run = promisify(execFile);

suite("docs/tenant.md", () => {
  test("has programs that compile, run and end by themselves", async () => {
    const blocks = typeScriptBlocks("tenant.md");
    expect(blocks.length).toBeGreaterThan(1);
    await withBlockFiles(blocks, async (files) => {
      expect(compileProblems(files)).toEqual([]);
      for (const file of files) {
        // A program that does not end, or ends badly, is an error here.
        const { stderr } = await run(process.execPath, [file], { timeout: 30_000 });
        expect(stderr).toBe("");
      }
    });
  });
});
