/** The policy pack on the real engine: programs that keep every rule, and programs that break each. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { rules } from "../../policy/pack.ts";
import { samples } from "../policy/samples.ts";
import { type ProjectFolder, projectFolder, type RunResult } from "./project-folder.ts";

let project: ProjectFolder;
let kept: RunResult;
let broken: RunResult;
let stopped: RunResult;
let brokenTogether: RunResult;

beforeAll(async () => {
  project = await projectFolder();
  // The stack's own program first; then programs of the test's own in its place.
  kept = await project.tvk(["up", "--policy"]);
  for (const stack of ["broken", "together", "right"]) project.configure(stack);
  write(sampleProgram("breaks"));
  broken = await project.tvk(["preview", "--policy", "--stack", "broken"]);
  stopped = await project.tvk(["up", "--policy", "--stack", "broken"]);
  // What belongs together is known only when the client is there.
  write(agent);
  await project.tvk(["pulumi", "--stack", "together", "--", "up", "--yes", "--skip-preview"]);
  write(`${agent}${together}`);
  brokenTogether = await project.tvk(["preview", "--policy", "--stack", "together"]);
}, 300_000);
afterAll(() => project?.remove());

/** Takes the place of the door that is linked here. */
function write(program: string): void {
  rmSync(join(project.dir, "program.mjs"));
  writeFileSync(join(project.dir, "program.mjs"), program);
}

/** A resource for each sample, as it would stand in somebody's own program. */
function sampleProgram(which: "keeps" | "breaks"): string {
  const lines = samples.map(({ rule, type, [which]: inputs }, index) => {
    const own = type.endsWith(":Connection") ? { name: `sample-${index}`, ...inputs } : inputs;
    const name = type.slice(type.lastIndexOf(":") + 1);
    const text = JSON.stringify(own);
    // A grant is for an application that is there.
    const linked = text.replace(
      '"clientId":"c","audience"',
      '"clientId":first.clientId,"audience"',
    );
    const audience = linked.replaceAll('"https://acme.test/me/"', "audience");
    return `new auth0.${name}("${rule}", ${audience});`;
  });
  return `import auth0 from "@pulumi/auth0";
    const audience = "https://" + process.env.AUTH0_DOMAIN + "/me/";
    const first = new auth0.Client("first", { name: "First" });
    ${lines.join("\n")}`;
}

const agent = `import auth0 from "@pulumi/auth0";
  const grant = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
  const agent = new auth0.Client("agent",
    { name: "Agent", appType: "regular_web", oidcConformant: true, grantTypes: [grant] });`;

const together = `
  new auth0.ClientCredentials("vault-client-credentials",
    { clientId: agent.id, authenticationMethod: "none" });
  new auth0.ClientGrant("vault-client-no-management", { clientId: agent.clientId,
    audience: "https://" + process.env.AUTH0_DOMAIN + "/api/v2/", scopes: ["read:users"] });`;

suite("tvk up --policy", () => {
  test("the stack of this repository keeps every rule", () => {
    expect(kept.exitCode, kept.text).toBe(0);
    expect(kept.text).toMatch(/token-vault-kit@v\d+\.\d+\.\d+/);
  });

  test("without --policy nothing is checked", async () => {
    write(sampleProgram("keeps"));
    const { text } = await project.tvk(["preview", "--stack", "right"]);
    expect(text).not.toContain("Policies:");
  }, 60_000);

  test("a program that keeps each rule passes", async () => {
    write(sampleProgram("keeps"));
    const { exitCode, text } = await project.tvk(["preview", "--policy", "--stack", "right"]);
    expect(exitCode, text).toBe(0);
    expect(text).toContain("Policies:");
  }, 60_000);

  test("a preview ends with 1 and shows every rule that is broken", () => {
    expect(broken.exitCode).toBe(1);
    expect(broken.text.match(/\[mandatory\]/g)?.length).toBeGreaterThanOrEqual(samples.length);
  });

  test.each(samples)(
    "$rule names the resource that breaks it, and says how to mend it",
    (sample) => {
      const { rule, says } = sample;
      expect(broken.text).toMatch(new RegExp(`\\[mandatory\\] +${rule} .*: ${rule}\\)`));
      for (const text of says) expect(broken.text).toContain(`${rule}: ${text}`);
    },
  );

  test("an up stops there: exit 1, and nothing that breaks a rule is made", async () => {
    expect(stopped.exitCode).toBe(1);
    expect(stopped.text).toContain("[mandatory]");
    const connections = (await project.management("GET", "/connections")) as { name: string }[];
    expect(connections.filter(({ name }) => name.startsWith("sample-"))).toEqual([]);
  });

  test("an environment can be held to it, too", async () => {
    write(sampleProgram("breaks"));
    const made = await project.tvk(["env", "create", "pr-1", "--policy"]);
    expect(made.exitCode).toBe(1);
    expect(made.text).toContain("[mandatory]");
    const destroyed = await project.tvk(["env", "destroy", "pr-1"]);
    expect(destroyed.exitCode, destroyed.text).toBe(0);
  }, 60_000);

  test.each(rules.filter((rule) => "checkStack" in rule))(
    "$name, about several resources, fails the run that breaks it",
    ({ name }) => {
      expect(brokenTogether.exitCode).toBe(1);
      expect(brokenTogether.text).toMatch(new RegExp(`\\[mandatory\\] +${name} `));
      expect(brokenTogether.text).toContain(`${name}: `);
    },
  );
});
