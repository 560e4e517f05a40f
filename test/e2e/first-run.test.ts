import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { type ProjectFolder, projectFolder, type RunResult } from "./project-folder.ts";

let project: ProjectFolder;
let first: RunResult;
/** Command lines of every process that the machine ran meanwhile. */
const commandLines = new Set<string>();

beforeAll(async () => {
  project = await projectFolder();
  const ended = new AbortController();
  const watching = watchCommandLines(ended.signal);
  first = await project.tvk(["dev"]);
  ended.abort();
  await watching;
}, 300_000);
afterAll(() => project?.remove());

suite("npm start without a terminal", () => {
  test("exits 0", () => {
    expect(first.text).toContain("Fetch through Token Vault");
    expect(first.exitCode).toBe(0);
  });

  test("prints the tenant's URL, the plugins that ran and the engine's own summary", () => {
    expect(first.stdout).toContain(`Tenant      https://localhost:${project.tenantPort}/`);
    expect(first.stdout).toMatch(/Plugins {5}kit \(engine 3\.\d+/);
    expect(first.text).toMatch(/Resources:\s+\+ \d+ created/);
  });

  test("prints alice's open tickets, fetched through Token Vault", () => {
    expect(first.stdout).toMatch(/#\d+ {2}P[1-4] {2}\w+/);
  });

  test("stops what it started", async () => {
    expect(first.stderr).toContain("Stopped: dev-helpdesk, tenant.");
    await expect(fetch(`http://localhost:${project.helpdeskPort}/health`)).rejects.toThrow();
    expect(await project.json(["tenant", "status"])).toMatchObject({ status: "stopped" });
  });

  test("says the same as one JSON document with --json, the second time too", async () => {
    const second = await project.json(["dev"]);
    expect(second).toMatchObject({
      status: "ready",
      plugins: "kit",
      connection: "acme-helpdesk",
      user: "alice@acme.test",
    });
    const { tickets } = second as { tickets: unknown[] };
    expect(tickets.length).toBeGreaterThan(0);
  }, 120_000);

  test("leaves the committed configuration as it was", () => {
    expect(readFileSync(join(project.dir, "Pulumi.dev.yaml"), "utf8")).not.toContain(
      "encryptionsalt",
    );
  });

  test("puts no secret into a log, the state, a process list or what it prints", () => {
    const secrets = plantedSecrets(project.dir);
    expect(secrets.length).toBeGreaterThan(4);
    const seen = [...commandLines].join("\n");
    // It has seen the processes that are given secrets, or it would prove nothing.
    for (const each of ["tenant/main.mjs", "helpdesk/main.ts", "services/main.ts", "pulumi up"]) {
      expect(seen).toContain(each);
    }
    const texts = [
      ["what it prints", first.text],
      ["a process list", seen],
      ...filesToSearch(project.dir),
    ] as const;
    const leaks = texts.flatMap(([name, text]) =>
      secrets.filter(([, secret]) => text.includes(secret)).map(([what]) => `${what} in ${name}`),
    );
    expect(leaks).toEqual([]);
  });
});

/** Looks at the process list again and again, as any user of the machine can. */
async function watchCommandLines(signal: AbortSignal): Promise<void> {
  const { execFile } = process.getBuiltinModule("node:child_process");
  while (!signal.aborted) {
    await new Promise<void>((done) => {
      execFile("ps", ["-eo", "args"], { maxBuffer: 16_000_000 }, (_, text) => {
        for (const line of text.split("\n")) commandLines.add(line);
        setTimeout(done, 50);
      });
    });
  }
}

/** Every secret that the run made: of the helpdesk, of both clients, of the user's session. */
function plantedSecrets(dir: string): (readonly [string, string])[] {
  const json = (path: string) => JSON.parse(readFileSync(join(dir, path), "utf8"));
  const helpdesk = json(".tvk/stacks/dev/helpdesk-secrets.json") as Record<string, string>;
  const { profiles } = json("config/profiles.json") as {
    profiles: Record<string, { clientSecret: string; auth0: Record<string, unknown> }>;
  };
  const user = Object.entries(profiles["dev"]?.auth0 ?? {}).filter(([name]) => /token/i.test(name));
  return [
    ...Object.entries(helpdesk),
    ["the Management client's secret", json(".tvk/tenant/management-client.json").clientSecret],
    ["the vault client's secret", profiles["dev"]?.clientSecret ?? ""],
    ...user.map(([name, value]) => [name, String(value)] as const),
    ["the passphrase", readFileSync(join(dir, ".tvk/stacks/dev/passphrase"), "utf8").trim()],
  ];
}

/** Logs, supervisor records, the whole Pulumi backend and the rendered configuration. */
function filesToSearch(dir: string): (readonly [string, string])[] {
  const roots = [".tvk/services", ".tvk/stacks/dev/backend", ".tvk/stacks/dev/Pulumi.dev.yaml"];
  return roots.flatMap((root) => {
    const path = join(dir, root);
    if (!existsSync(path)) throw new Error(`${root} is missing: nothing was searched there`);
    const names = root.endsWith(".yaml")
      ? [""]
      : readdirSync(path, { recursive: true }).map(String);
    return names.flatMap((name) => {
      try {
        return [[join(root, name), readFileSync(join(path, name), "utf8")] as const];
      } catch {
        return []; // a folder
      }
    });
  });
}
