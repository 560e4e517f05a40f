/** What `tvk destroy` says and forgets, by what the engine was told to leave. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { loadProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

let project: ProjectFolder;

beforeAll(async () => {
  project = await projectFolder();
  // A helpdesk that is somewhere else: nothing here calls it.
  const helpdesk = { mode: "external", url: "http://localhost:3999" };
  project.configure("dev", { helpdesk, helpdeskClientSecret: "0123456789abcdef0123456789abcdef" });
  const up = await project.tvk(["up"]);
  if (up.exitCode !== 0) throw new Error(up.text);
  const auth0 = { accessToken: "at", refreshToken: "rt", expiresAt: Date.now() + 60_000 };
  await updateProfile("dev", (profile) => Object.assign(profile, { auth0 }), env());
}, 300_000);
afterAll(() => project?.remove());

function env() {
  return { TVK_CONFIG_DIR: join(project.dir, "config") };
}

function profile() {
  return loadProfile("dev", env())?.profile;
}

async function urns(): Promise<string[]> {
  const exported = await project.tvk(["pulumi", "--", "stack", "export"]);
  const { deployment } = JSON.parse(exported.stdout) as {
    deployment: { resources?: { urn: string }[] };
  };
  return (deployment.resources ?? []).map(({ urn }) => urn);
}

suite("tvk destroy", () => {
  test("that only previews destroys nothing, says so, and leaves the user signed in", async () => {
    const before = await urns();
    const previewed = await project.tvk(["--json", "destroy", "--", "--preview-only"]);
    expect(previewed.exitCode, previewed.text).toBe(0);
    expect(JSON.parse(previewed.stdout)).toMatchObject({ status: "incomplete", stack: "dev" });
    expect(await urns()).toEqual(before);
    expect(profile()?.auth0?.refreshToken).toBeDefined();
  }, 120_000);

  test("of one target leaves the rest, and the profile with it", async () => {
    const grant = (await urns()).find((urn) => urn.includes("agent-my-account-grant")) ?? "";
    const part = await project.tvk(["--json", "destroy", "--", "--target", grant]);
    expect(part.exitCode, part.text).toBe(0);
    expect(JSON.parse(part.stdout)).toMatchObject({ status: "incomplete", stack: "dev" });
    expect(part.stderr).toMatch(/The stack "dev" still has [1-9]\d* resources/);
    expect(await urns()).not.toContain(grant);
    expect(profile()?.auth0?.refreshToken).toBeDefined();
  }, 120_000);

  test("of all of it is destroyed, and the profile goes", async () => {
    expect(await project.json(["destroy"])).toEqual({ status: "destroyed", stack: "dev" });
    expect(await urns()).toEqual([]);
    expect(profile()).toBeUndefined();
  }, 120_000);

  test("that removes the stack too is destroyed", async () => {
    const up = await project.tvk(["up"]);
    expect(up.exitCode, up.text).toBe(0);
    expect(await project.json(["destroy", "--", "--remove"])).toMatchObject({
      status: "destroyed",
    });
    expect(profile()).toBeUndefined();
  }, 180_000);
});
