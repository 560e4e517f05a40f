/** @module A file is replaced or made whole, with the permissions that it is to have. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFile, replaceFile } from "../../locks/whole-file.ts";

function folder() {
  const dir = mkdtempSync(join(tmpdir(), "tvk-whole-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe("a whole file", () => {
  it("takes the place of one that is there, readable by its owner only", () => {
    const dir = folder();
    const file = join(dir, "record");
    writeFileSync(file, "old", { mode: 0o644 });
    replaceFile(file, "new", { flush: true });
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["new", 0o600]);
    expect(readdirSync(dir)).toEqual(["record"]);
  });

  it("has the permissions that are asked for, whatever a killed process left under the same name", () => {
    const file = join(folder(), "shim");
    writeFileSync(`${file}.${process.pid}.tmp`, "left", { mode: 0o644 });
    replaceFile(file, "#!/bin/sh\n", { mode: 0o700 });
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([
      "#!/bin/sh\n",
      0o700,
    ]);
  });

  it("is made only where the name is free", () => {
    const dir = folder();
    const file = join(dir, "index.ts");
    makeFile(file, "first");
    expect(() => makeFile(file, "second")).toThrow(expect.objectContaining({ code: "EEXIST" }));
    expect(readFileSync(file, "utf8")).toBe("first");
    expect(readdirSync(dir)).toEqual(["index.ts"]);
  });

  it("leaves nothing where it can't be written", () => {
    const dir = folder();
    expect(() => replaceFile(join(dir, "missing/file"), "x")).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
    expect(readdirSync(dir)).toEqual([]);
  });
});
