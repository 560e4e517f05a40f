/** @module What a stack let go on purpose is swept by no run. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { guardedRun } from "../../../engine/recovery/guarded-run.ts";
import { type StackBench, stackBench } from "./stack-bench.ts";

let stack: StackBench;
/** Ids that the sweeps of the last run left alone. */
let spared: string[];
beforeEach(() => {
  stack = stackBench();
});
afterEach(() => stack.remove());

const resource = (id: string, retainOnDelete = false) => ({
  ...{ urn: `urn:${id}`, type: "a:b:C", id },
  ...(retainOnDelete ? { retainOnDelete } : {}),
});

/** A run that leaves the state with these resources. */
async function run(args: readonly string[], after: ReturnType<typeof resource>[], exitCode = 0) {
  spared = [];
  const swept = {
    ...stack,
    sweep: async ({ ids }: { ids: ReadonlySet<string> }) => {
      spared = [...ids].sort();
      return [];
    },
  };
  await guardedRun(swept, args, async () => {
    stack.writeState([], after);
    return { exitCode };
  });
}

suite("what leaves the state", () => {
  test("by retainOnDelete is left by this destroy and all that follow", async () => {
    await run(["up"], [resource("kept", true), resource("other")]);
    await run(["destroy"], []);
    expect(spared).toEqual(["kept"]);
    await run(["destroy"], []);
    expect(spared).toEqual(["kept"]);
  });

  test("is left when the run that dropped it was killed before it could say so", async () => {
    stack.writeState([], [resource("kept", true)]);
    const killed = guardedRun(stack, ["destroy"], () => {
      stack.writeState([], []);
      return Promise.reject(new Error("killed"));
    });
    await expect(killed).rejects.toThrow("killed");
    await run(["destroy"], []);
    expect(spared).toEqual(["kept"]);
  });

  test.each([
    [["state", "delete", "urn:one", "--yes"]],
    [["--non-interactive", "stack", "import", "--file", "state.json"]],
  ])("by a person's hand (%s) is left", async (byHand) => {
    await run(["up"], [resource("one"), resource("two")]);
    await run(byHand, [resource("two")]);
    await run(["destroy"], []);
    expect(spared).toEqual(["one"]);
  });

  test("without either is swept if it is there: an engine that was told to delete it has not", async () => {
    await run(["up"], [resource("one")]);
    await run(["destroy"], []);
    expect(spared).toEqual([]);
  });

  test("is the stack's again once a state has it that would delete it", async () => {
    await run(["up"], [resource("kept", true)]);
    await run(["destroy"], []);
    await run(["up"], [resource("kept")]);
    await run(["destroy"], []);
    expect(spared).toEqual([]);
  });
});

test("what was let go stays known when a state is removed", async () => {
  await run(["up"], [resource("kept", true)]);
  await run(["destroy"], []);
  await guardedRun(stack, ["stack", "rm", "--yes"], async () => {
    rmSync(stack.stateFile);
    return { exitCode: 0 };
  });
  await run(["destroy"], []);
  expect(spared).toEqual(["kept"]);
});

test("nothing runs where nobody can read what was let go", async () => {
  const file = join(stack.dir, "let-go.json");
  await run(["up"], [resource("kept", true)]);
  const whole = readFileSync(file, "utf8");
  for (const damaged of ["", "{}", "[1", '{"ids":7}', "null"]) {
    writeFileSync(file, damaged);
    await expect(run(["destroy"], []), damaged).rejects.toMatchObject({
      code: "STATE_UNREADABLE",
      message: expect.stringContaining(file),
      hint: expect.stringContaining('{"ids":[]}'),
    });
  }
  writeFileSync(file, whole);
  await run(["destroy"], []);
  expect(spared).toEqual(["kept"]);
});
