/** @module What a stack lets go on purpose stays in the tenant: recovery and destroy take no object that was kept. */
import { copyFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
  symlinkSync(resolve(import.meta.dirname, "../../index.ts"), join(project.dir, "stack.ts"));
  // A link would load the program that lies beside its target.
  for (const name of ["index.ts", "program.mjs"]) rmSync(join(project.dir, name));
  writeFileSync(
    join(project.dir, "index.ts"),
    'import "./retaining.ts";\nexport * from "./stack.ts";\n',
  );
  copyFileSync(resolve(import.meta.dirname, "../../program.mjs"), join(project.dir, "program.mjs"));
}, 60_000);
afterAll(() => project?.remove());
beforeEach(() => project.configure("dev", { helpdesk: { mode: "process" } }));

/** The kit's own program; resources of these types outlive the stack. */
function retaining(...types: readonly string[]): void {
  const program = `import * as pulumi from "@pulumi/pulumi";
const types: readonly string[] = ${JSON.stringify(types)};
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  types.includes(type) ? { props, opts: { ...opts, retainOnDelete: true } } : undefined,
);
`;
  writeFileSync(join(project.dir, "retaining.ts"), program);
}

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
