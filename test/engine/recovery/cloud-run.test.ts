/** @module Another run of a stack in a shared backend, at the same time. No engine runs: exports are given one by one. */
import { expect, suite, test } from "vitest";
import { type CloudStack, cloudRun } from "../../../engine/recovery/cloud-run.ts";
import type { ExportedState } from "../../../engine/recovery/exported-state.ts";

const urn = (name: string) => `urn:pulumi:dev::desk::a:b:C::${name}`;
const recorded = (name: string) => ({ urn: urn(name), type: "a:b:C", id: `${name}-id` });
const creating = { type: "creating", resource: { urn: urn("agent"), type: "a:b:C" } };

/** The state while the other run is in a create, and after it. */
const during: ExportedState = {
  version: 3,
  deployment: { resources: [recorded("desk")], pending_operations: [creating] },
};
const after: ExportedState = {
  version: 3,
  deployment: { resources: [recorded("desk"), recorded("agent")] },
};

/** A stack that is exported as these states, the last of them for ever, and what was run on it. */
function sharedStack(states: readonly ExportedState[], ids: readonly string[]) {
  const left = [...states];
  const runs: string[] = [];
  const answered = { exitCode: 0, stderr: "" };
  const stack: CloudStack = {
    stack: "dev",
    backendUrl: undefined,
    async pulumi(args) {
      runs.push(args.filter((arg) => !arg.startsWith("-")).join(" "));
      if (args[1] !== "export") return { ...answered, stdout: "" };
      const state = left.length > 1 ? left.shift() : left[0];
      return { ...answered, stdout: JSON.stringify(state) };
    },
    note: () => {},
    tenant: async () => ({
      lookUp: async () => ids,
      marked: async () => [],
      unmark: async () => {},
    }),
  };
  return { stack, runs };
}

const up = (stack: CloudStack, runs: string[]) =>
  cloudRun(stack, ["up"], async () => void runs.push("up"));

suite("a run beside another one", () => {
  test("imports no state that the other has changed meanwhile", async () => {
    const { stack, runs } = sharedStack([during, after], ["agent-id"]);
    await up(stack, runs);
    expect(runs).toEqual(["stack export", "stack export", "up"]);
  });

  test("asks nobody to decide about what the other was replacing", async () => {
    const { stack, runs } = sharedStack([during, after], ["agent-id", "old-agent-id"]);
    await up(stack, runs);
    expect(runs).toEqual(["stack export", "stack export", "up"]);
  });

  test("does not begin while the other goes on changing it", async () => {
    const more = (name: string): ExportedState => ({
      version: 3,
      deployment: { ...during.deployment, resources: [recorded("desk"), recorded(name)] },
    });
    const { stack, runs } = sharedStack([during, more("one"), more("two")], ["agent-id"]);
    await expect(up(stack, runs)).rejects.toMatchObject({ code: "STACK_BUSY" });
    expect(runs).toEqual(["stack export", "stack export", "stack export"]);
  });

  test("settles a killed one's create, whose state stays as it is", async () => {
    const { stack, runs } = sharedStack([during], ["agent-id"]);
    await up(stack, runs);
    expect(runs.slice(0, 3)).toEqual([
      "stack export",
      "stack export",
      expect.stringMatching(/^stack import /),
    ]);
    expect(runs.slice(3)).toEqual(["refresh", "up"]);
  });
});
