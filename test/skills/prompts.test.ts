/** @module The tutorial's four agent prompts: each one command of the API skill, run as it stands. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { alice } from "../../cli/sign-in/demo-user.ts";
import { type ProjectFolder, projectFolder } from "../e2e/project-folder.ts";
import { commandsOf, readSkill } from "./skill-file.ts";

interface Ticket {
  readonly id: number;
  readonly status: string;
  readonly team: string;
  readonly assignee: string | null;
}

const commands = commandsOf(readSkill(join(import.meta.dirname, "../../skills/acme-helpdesk")));
let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
  for (const args of [["up"], ["login"], ["connect", "acme-helpdesk"]]) {
    const { exitCode, text } = await project.tvk(args, { user: alice });
    if (exitCode !== 0) throw new Error(text);
  }
  mkdirSync(join(project.dir, "bin"));
  writeFileSync(
    join(project.dir, "bin/tvk"),
    `#!/bin/sh\nexec "${process.execPath}" "${join(project.dir, "cli/tvk.mjs")}" "$@"\n`,
    { mode: 0o755 },
  );
}, 300_000);
afterAll(() => project?.remove());

/** Runs the skill's only command that has this text, by a shell, as an agent does. */
async function answered(part: string) {
  const found = commands.filter((line) => line.includes(part));
  expect(found).toHaveLength(1);
  const [command = ""] = found;
  expect(command.match(/tvk --json fetch /g)).toHaveLength(1);
  const { exitCode, stdout, text } = await project.run("sh", ["-c", command], {
    env: {
      PATH: `${join(project.dir, "bin")}:${process.env["PATH"]}`,
      HELPDESK_URL: `http://localhost:${project.helpdeskPort}`,
    },
  });
  expect(exitCode, text).toBe(0);
  return JSON.parse(stdout) as { status: number; body: Ticket & { tickets: Ticket[] } };
}

suite("the tutorial's prompts", () => {
  test('"show me the open tickets assigned to me" is one fetch', async () => {
    const { body } = await answered("assignee=me&status=open");
    expect(body.tickets.length).toBeGreaterThan(0);
    for (const { assignee, status } of body.tickets) {
      expect([assignee, status]).toEqual(["alice@acme.test", "open"]);
    }
  });

  test("\"open a P1 incident 'Checkout 500s spiking' for payments\" is one fetch", async () => {
    const { status, body } = await answered("Checkout 500s spiking");
    expect(status).toBe(201);
    expect(body).toMatchObject({
      title: "Checkout 500s spiking",
      priority: "P1",
      type: "incident",
      team: "payments",
      reporter: "alice@acme.test",
    });
  });

  test('"list all in-progress tickets on the platform team" is one fetch', async () => {
    const { body } = await answered("status=in_progress&team=platform");
    expect(body.tickets.length).toBeGreaterThan(0);
    for (const { team, status } of body.tickets) {
      expect([team, status]).toEqual(["platform", "in_progress"]);
    }
  });

  test('"mark ticket 42 as resolved" is one fetch', async () => {
    const { status, body } = await answered("/tickets/42");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 42, status: "resolved" });
  });
});
