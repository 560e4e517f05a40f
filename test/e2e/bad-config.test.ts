import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
}, 300_000);
afterAll(() => project?.remove());

async function refused(config: Record<string, unknown>): Promise<string> {
  project.configure("dev", config);
  const { exitCode, text } = await project.tvk(["up"]);
  expect(exitCode, text).not.toBe(0);
  const connections = (await project.management("GET", "/connections")) as unknown[];
  expect(connections, "nothing may be made").toHaveLength(1);
  expect(text).not.toMatch(/\n\s+at /);
  return text;
}

suite("bad configuration is refused before anything is made", () => {
  test("every problem in one error", async () => {
    const text = await refused({
      conectionName: "typo",
      connectionName: "my_conn",
      scopes: ["openid", 'read"tickets'],
      tunnel: { kind: "external", url: "http://desk.example.com" },
    });
    expect(text).toContain("conectionName: is not a key");
    expect(text).toContain("connectionName: may hold only letters");
    expect(text).toContain("scopes.1: a scope holds no space, no quote");
    expect(text).toContain("tunnel.url: plain http is for loopback hosts only");
    expect(text).toContain("4 problems; nothing was created or changed");
  }, 120_000);

  test("a connection name of 129 characters", async () => {
    expect(await refused({ connectionName: "a".repeat(129) })).toContain(
      "more than 128 characters",
    );
  }, 120_000);

  test("a script over Auth0's size limit", async () => {
    const text = Array.from({ length: 6000 }, (_, index) => `console.log("line ${index}");`).join(
      "\n",
    );
    writeFileSync(
      join(project.dir, "big.ts"),
      `export function fetchUserProfile(accessToken: string, ctx: unknown, cb: Function) {\n${text}\ncb(null, { user_id: "1" });\n}\n`,
    );
    expect(await refused({ script: "./big.ts" })).toMatch(/51[ ,_]?200/);
  }, 120_000);

  test("a local stack whose domain is not on this machine", async () => {
    project.configure("dev");
    const { exitCode, text } = await project.tvk([
      "pulumi",
      "--",
      "preview",
      "--config",
      "auth0:domain=acme.eu.auth0.com",
    ]);
    expect(exitCode).not.toBe(0);
    expect(text).toContain('"acme.eu.auth0.com" is not on this machine');
  }, 120_000);

  test("a stack without a file of its own", async () => {
    const { exitCode, text } = await project.tvk(["up", "--stack", "prod"]);
    expect(exitCode).not.toBe(0);
    expect(text).toContain("there is no Pulumi.prod.yaml");
    expect(text).toContain("Copy Pulumi.dev.yaml");
  });
});
