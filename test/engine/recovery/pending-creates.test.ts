import { expect, suite, test } from "vitest";
import type { ExportedState, StateResource } from "../../../engine/recovery/exported-state.ts";
import { type LookUp, settledCreates } from "../../../engine/recovery/pending-creates.ts";

const urn = (chain: string, name: string) => `urn:pulumi:dev::desk::${chain}::${name}`;
const stack = { urn: urn("pulumi:pulumi:Stack", "desk-dev"), type: "pulumi:pulumi:Stack" };
const provider = {
  urn: urn("pulumi:providers:auth0", "default_3_49_0"),
  type: "pulumi:providers:auth0",
  custom: true,
  id: "p1",
};
const agent = {
  urn: urn("kit:index:Client", "agent"),
  type: "kit:index:Client",
  parent: stack.urn,
};
const client: StateResource = {
  urn: urn("kit:index:Client$auth0:index/client:Client", "agent-client"),
  type: "auth0:index/client:Client",
  custom: true,
  inputs: { name: "Agent" },
  parent: agent.urn,
  provider: `${provider.urn}::p1`,
};

function state(
  pending: readonly { type: string; resource: StateResource }[] = [],
  ...more: StateResource[]
): ExportedState {
  const deployment = { manifest: { time: "t" }, resources: [stack, provider, agent, ...more] };
  return {
    version: 3,
    deployment: pending.length === 0 ? deployment : { ...deployment, pending_operations: pending },
  };
}

const creating = { type: "creating", resource: client };
const finding =
  (...ids: string[]): LookUp =>
  async () =>
    ids;

suite("settledCreates()", () => {
  test("leaves a state without pending creates as it is, and looks for nothing", async () => {
    const looking: LookUp = () => Promise.reject(new Error("it looked"));
    const updating = { type: "updating", resource: { ...client, id: "c1" } };
    for (const each of [state(), state([updating], { ...client, id: "c1" })]) {
      const settled = await settledCreates(each, looking);
      expect(settled).toEqual({ state: each, adopted: [], dropped: [], open: [] });
    }
  });

  test("gives the state what a create has made: its id, no outputs, and no operation any more", async () => {
    const settled = await settledCreates(state([creating]), finding("c1"));
    expect(settled.adopted).toEqual([{ urn: client.urn, id: "c1" }]);
    expect(settled.state).toEqual(state([], { ...client, id: "c1", outputs: {} }));
    expect(settled.open).toEqual([]);
  });

  test("drops a create that came to nothing, and one that does no harm twice", async () => {
    for (const lookUp of [finding(), async () => "again" as const]) {
      const settled = await settledCreates(state([creating]), lookUp);
      expect(settled).toMatchObject({ dropped: [client.urn], adopted: [], open: [] });
      expect(settled.state).toEqual(state());
    }
  });

  test("leaves open what it can't tell: several objects, or none that anybody can look for", async () => {
    const several = await settledCreates(state([creating]), finding("c1", "c2"));
    expect(several.open).toEqual([
      'creating "agent-client" (auth0:index/client:Client): one of c1, c2, and it can\'t be told which',
    ]);
    const unknown = await settledCreates(state([creating]), async () => undefined);
    expect(unknown.open.join()).toContain("nobody can look for it");
  });

  test("does not take for a create's object one that the state has already", async () => {
    const other = { ...client, urn: urn("auth0:index/client:Client", "other"), id: "c1" };
    const settled = await settledCreates(state([creating], other), finding("c1", "c2"));
    expect(settled.adopted).toEqual([{ urn: client.urn, id: "c2" }]);
  });

  test("adopts a marked object that no state knows, below the component of its URN's types", async () => {
    const settled = await settledCreates(state(), finding(), [{ urn: client.urn, id: "c1" }]);
    expect(settled.adopted).toEqual([{ urn: client.urn, id: "c1" }]);
    expect(settled.state.deployment.resources?.at(-1)).toEqual({
      ...client,
      inputs: {},
      id: "c1",
      outputs: {},
    });
  });

  test("asked to, has it stay when the program does not have it; one with a pending create not", async () => {
    const marked = [{ urn: client.urn, id: "c1" }];
    const byMarks = await settledCreates(state(), finding(), marked, true);
    expect(byMarks.state.deployment.resources?.at(-1)).toMatchObject({ retainOnDelete: true });
    const created = await settledCreates(state([creating]), finding("c1"), marked, true);
    expect(created.state.deployment.resources?.at(-1)).not.toHaveProperty("retainOnDelete");
  });

  test("leaves a marked object alone that the state has, or that a pending create has made", async () => {
    const known = state([], { ...client, id: "c1" });
    const marked = [{ urn: client.urn, id: "c1" }];
    expect(await settledCreates(known, finding(), marked)).toMatchObject({ adopted: [], open: [] });
    const settled = await settledCreates(state([creating]), finding("c1"), marked);
    expect(settled).toMatchObject({ adopted: [{ urn: client.urn, id: "c1" }], open: [] });
  });

  test("leaves open a marked object whose place is taken, or whose parent can't be told", async () => {
    const taken = state([], { ...client, id: "c1" });
    const marked = [{ urn: client.urn, id: "c2" }];
    expect((await settledCreates(taken, finding(), marked)).open).toEqual([
      'c2 bears the mark of "agent-client", and the state has another for it',
    ]);
    const two = state([], { ...agent, urn: urn("kit:index:Client", "second") });
    const settled = await settledCreates(two, finding(), marked);
    expect(settled.open.join()).toContain("the state does not have what it belongs to");
  });
});
