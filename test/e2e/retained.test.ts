/** @module What a stack lets go on purpose stays in the tenant: recovery and destroy take no object that was kept. */
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";
import { retainingProgram } from "./retaining-program.ts";

let project: ProjectFolder;

let retaining: ReturnType<typeof retainingProgram>;

beforeAll(async () => {
  project = await projectFolder();
  retaining = retainingProgram(project.dir);
}, 60_000);
afterAll(() => project?.remove());
beforeEach(() => {
  project.configure("dev", { helpdesk: { mode: "process" } });
  retaining();
});

async function tvk(...args: readonly string[]): Promise<string> {
  const { exitCode, text } = await project.tvk(args);
  expect(exitCode, text).toBe(0);
  return text;
}

async function connections(): Promise<string[]> {
  const all = (await project.management("GET", "/connections?strategy=oauth2")) as { id: string }[];
  return all.map(({ id }) => id);
}

suite("retainOnDelete", () => {
  test("a connection outlives destroy, as often as that runs, and the next up takes it over", async () => {
    retaining("auth0:index/connection:Connection");
    await tvk("up", "--yes");
    const made = await connections();
    expect(made).toHaveLength(1);
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual(made);
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual(made);
    await tvk("up", "--yes");
    expect(await connections()).toEqual(made);
    // The program keeps it no longer.
    retaining();
    await tvk("up", "--yes");
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual([]);
  }, 180_000);

  test("what a person takes out of the state stays, and the next up takes it over", async () => {
    await tvk("up", "--yes");
    const made = await connections();
    const state = JSON.parse((await project.tvk(["pulumi", "--", "stack", "export"])).stdout);
    const { resources } = state.deployment as { resources: { urn: string; type: string }[] };
    const urns = ["ConnectionClients", "Connection"].map(
      (kind) => resources.find(({ type }) => type.endsWith(`:${kind}`))?.urn ?? "",
    );
    for (const urn of urns) await tvk("pulumi", "--", "state", "delete", urn, "--yes");
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual(made);
    await tvk("up", "--yes");
    expect(await connections()).toEqual(made);
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual([]);
  }, 180_000);

  test("a retained one that was replaced stays, whatever fails in between", async () => {
    retaining("auth0:index/connection:Connection");
    await tvk("up", "--yes");
    const [first] = await connections();
    project.configure("dev", { helpdesk: { mode: "process" }, connectionName: "second" });
    await tvk("up", "--yes");
    const both = await connections();
    expect(both).toHaveLength(2);
    expect(both).toContain(first);
    // Where a run has failed, the next one that succeeds removes what no state has known.
    project.configure("dev", { helpdesk: { mode: "process" }, connectionName: "no name" });
    expect((await project.tvk(["up", "--yes"])).exitCode).not.toBe(0);
    project.configure("dev", { helpdesk: { mode: "process" }, connectionName: "second" });
    await tvk("up", "--yes");
    await tvk("destroy", "--yes");
    expect(await connections()).toEqual(both);
  }, 180_000);
});
