import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { freePorts } from "../free-ports.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;
const ports: number[] = [];

beforeAll(async () => {
  project = await projectFolder();
  ports.push(...(await freePorts(2)));
  const up = await project.tvk(["up"]);
  if (up.exitCode !== 0) throw new Error(up.text);
}, 300_000);
afterAll(() => project?.remove());

interface Named {
  readonly id: string;
  readonly name: string;
  readonly identifier?: string;
}

async function connectionIds(): Promise<Record<string, string>> {
  const all = (await project.management("GET", "/connections")) as Named[];
  return Object.fromEntries(all.map(({ name, id }) => [name, id]));
}

async function loginClients(): Promise<string[]> {
  const { ["Username-Password-Authentication"]: id } = await connectionIds();
  const { clients } = (await project.management("GET", `/connections/${id}/clients`)) as {
    clients: { client_id: string }[];
  };
  return clients.map(({ client_id: each }) => each).sort();
}

async function myAccountApis(): Promise<string[]> {
  const all = (await project.management("GET", "/resource-servers")) as Named[];
  return all.filter(({ identifier }) => identifier?.endsWith("/me/")).map(({ id }) => id);
}

async function fetchTickets(stack: string, port: number | undefined) {
  const url = `http://localhost:${port}/tickets?assignee=me`;
  return project.json(["--profile", stack, "fetch", connectionOf(stack), url]);
}

function connectionOf(stack: string): string {
  return stack === "dev" ? "acme-helpdesk" : "second-desk";
}

suite("a second stack on the same tenant", () => {
  test("imports the My Account API without a change and joins the login connection", async () => {
    const [before, clientsBefore] = [await myAccountApis(), await loginClients()];
    expect(before).toHaveLength(1);
    project.configure("two", {
      connectionName: "second-desk",
      clientName: "Second agent",
      helpdesk: { mode: "process", port: ports[0] },
    });
    const up = await project.tvk(["up", "--stack", "two"]);
    expect(up.exitCode, up.text).toBe(0);
    expect(up.text).toMatch(/= 1 imported/);
    expect(await myAccountApis()).toEqual(before);
    const after = await loginClients();
    expect(after).toEqual(expect.arrayContaining(clientsBefore));
    expect(after).toHaveLength(clientsBefore.length + 1);
  }, 120_000);

  test("is a no-op for both afterwards", async () => {
    for (const stack of ["dev", "two"]) {
      const { exitCode, text } = await project.tvk([
        "up",
        "--stack",
        stack,
        "--",
        "--expect-no-changes",
      ]);
      expect(exitCode, text).toBe(0);
    }
  }, 120_000);

  test("serves its users beside the first", async () => {
    for (const [stack, port] of [
      ["dev", project.helpdeskPort],
      ["two", ports[0]],
    ] as const) {
      await project.json(["--profile", stack, "login"], 0, { user: alice });
      await project.json(["--profile", stack, "connect", connectionOf(stack)], 0, { user: alice });
      expect(await fetchTickets(stack, port)).toMatchObject({ status: 200 });
    }
  }, 120_000);

  test("a changed helpdesk URL updates the connection in place; connected accounts survive", async () => {
    const before = await connectionIds();
    project.configure("two", {
      connectionName: "second-desk",
      clientName: "Second agent",
      helpdesk: { mode: "process", port: ports[1] },
    });
    const up = await project.tvk(["up", "--stack", "two"]);
    expect(up.exitCode, up.text).toBe(0);
    expect(up.text).toMatch(/Connection helpdesk-connection updated/);
    expect(await connectionIds()).toEqual(before);
    expect(await fetchTickets("two", ports[1])).toMatchObject({ status: 200 });
    await expect(fetch(`http://localhost:${ports[0]}/health`)).rejects.toThrow();
  }, 120_000);

  test("destroyed, leaves the first unharmed", async () => {
    const destroyed = await project.tvk(["destroy", "--stack", "two"]);
    expect(destroyed.exitCode, destroyed.text).toBe(0);
    expect(Object.keys(await connectionIds())).not.toContain("second-desk");
    expect(await myAccountApis()).toHaveLength(1);
    expect(await fetchTickets("dev", project.helpdeskPort)).toMatchObject({ status: 200 });
    const { exitCode, text } = await project.tvk(["up", "--", "--refresh", "--expect-no-changes"]);
    expect(exitCode, text).toBe(0);
  }, 120_000);
});
