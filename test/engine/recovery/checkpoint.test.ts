import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { removeTornAttributes } from "../../../engine/recovery/attributes.ts";
import {
  forgetCopy,
  keepCopy,
  readCheckpoint,
  restoreDamaged,
} from "../../../engine/recovery/checkpoint.ts";
import { type StackBench, stackBench } from "./stack-bench.ts";

let stack: StackBench;
beforeEach(() => {
  stack = stackBench();
});
afterEach(() => stack.remove());

const pending = [{ type: "creating", resource: { urn: "urn:x" } }];
const state = () => readFileSync(stack.stateFile, "utf8");

suite("readCheckpoint()", () => {
  test("gives what a killed run was at, and what the stack manages", () => {
    stack.writeState(pending);
    const found = readCheckpoint(stack);
    expect(found?.pending).toEqual(["creating urn:x"]);
    expect(found?.ids.has("a1")).toBe(true);
    expect(found?.types.has("a:b:C")).toBe(true);
  });

  test("takes the state of a stack that was only made for one that is empty", () => {
    stack.write("stacks/desk/dev.json", '{"version":3,"checkpoint":{"stack":"a/b/c"}}');
    expect(readCheckpoint(stack)?.pending).toEqual([]);
  });

  test("gives nothing for a stack without a state", () => {
    expect(readCheckpoint(stack)).toBeUndefined();
  });
});

suite("restoreDamaged()", () => {
  test.each(["", '{"version":3,"check', "\0\0\0\0", "null", "[]"])(
    "puts the copy in the place of a damaged state (%j), keeps that beside, and says so",
    (damage) => {
      stack.writeState();
      const whole = state();
      keepCopy(stack);
      writeFileSync(stack.stateFile, damage);
      expect(restoreDamaged(stack)).toBe(true);
      expect(state()).toBe(whole);
      expect(readFileSync(`${stack.stateFile}.damaged`, "utf8")).toBe(damage);
      expect(stack.notes.join()).toMatch(/^The state of "dev" was damaged; the one of 20/);
    },
  );

  test("takes the newest of our copy, the engine's backup and its history", () => {
    stack.writeState();
    keepCopy(stack);
    const newer = '{"version":3,"checkpoint":{"latest":{"resources":[{"id":"newer"}]}}}';
    const history = stack.write("history/desk/dev/dev-2.checkpoint.json", newer);
    const later = new Date(Date.now() + 60_000);
    utimesSync(history, later, later);
    stack.write("stacks/desk/dev.json.bak", "");
    writeFileSync(stack.stateFile, "");
    expect(restoreDamaged(stack)).toBe(true);
    expect(state()).toBe(newer);
  });

  test("leaves a state that can be read as it is", () => {
    stack.writeState(pending);
    const whole = state();
    expect(restoreDamaged(stack)).toBe(false);
    expect(state()).toBe(whole);
    expect(existsSync(`${stack.stateFile}.damaged`)).toBe(false);
  });

  test("refuses where there is no copy, and leaves the file", () => {
    stack.write("stacks/desk/dev.json", "{");
    expect(() => restoreDamaged(stack)).toThrow(
      expect.objectContaining({ code: "STATE_UNREADABLE" }),
    );
    expect(state()).toBe("{");
  });

  test("does not bring back the state of a stack that was removed", () => {
    stack.writeState();
    keepCopy(stack);
    forgetCopy(stack);
    stack.write("stacks/desk/dev.json", "");
    expect(() => restoreDamaged(stack)).toThrow(/there is no copy/);
  });
});

suite("keepCopy()", () => {
  test("never takes a damaged state for the copy", () => {
    stack.writeState();
    const whole = state();
    keepCopy(stack);
    writeFileSync(stack.stateFile, "{");
    expect(() => keepCopy(stack)).toThrow(SyntaxError);
    expect(restoreDamaged(stack)).toBe(true);
    expect(state()).toBe(whole);
  });
});

suite("removeTornAttributes()", () => {
  test("removes what a kill has torn, and leaves sound files", async () => {
    const old = new Date(Date.now() - 5_000);
    const files = ["meta.yaml", "stacks/desk/dev.json", "stacks/desk/dev.json.bak"];
    const torn = files.map((file) => stack.write(`${file}.attrs`, ""));
    for (const file of torn) utimesSync(file, old, old);
    const sound = stack.write("stacks/desk/prod.json.attrs", '{"user.content_type":"text/plain"}');
    expect(await removeTornAttributes(stack.backendDir)).toBe(3);
    expect(torn.map((file) => existsSync(file))).toEqual([false, false, false]);
    expect(existsSync(sound)).toBe(true);
  });

  test("gives one that was made just now the time to be written, and removes it if nobody does", async () => {
    const written = stack.write("stacks/desk/dev.json.attrs", "");
    const torn = stack.write("stacks/desk/two.json.attrs", '{"user.content');
    const removing = removeTornAttributes(stack.backendDir);
    stack.write("stacks/desk/dev.json.attrs", "{}");
    expect(await removing).toBe(1);
    expect([written, torn].map((file) => existsSync(file))).toEqual([true, false]);
  });

  test("finds nothing where no engine has run", async () => {
    expect(await removeTornAttributes(stack.backendDir)).toBe(0);
  });
});
