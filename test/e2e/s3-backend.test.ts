/** The state of a stack in a bucket: of a local stack that is moved there, and of a cloud stack. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { stringify } from "yaml";
import { freePorts } from "../free-ports.ts";
import { type ProjectFolder, projectFolder } from "./project-folder.ts";

const bucket = "states";
const server = join(
  process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
  "token-vault-kit-tests/gofakes3",
);
let project: ProjectFolder;
let running: ChildProcess | undefined;
let origin: string;
/** The user's own backend, as a shell of theirs would have it. */
let own: Record<string, string>;

beforeAll(async () => {
  if (!existsSync(server)) {
    throw new Error(`${server} is not there; run: bash test/e2e/install-s3.sh`);
  }
  const [port] = await freePorts(1);
  origin = `http://127.0.0.1:${port}`;
  running = spawn(
    server,
    ["-backend", "memory", "-host", `127.0.0.1:${port}`, "-initialbucket", bucket],
    { stdio: "ignore" },
  );
  for (let tries = 0; tries < 100 && !(await answers()); tries++) await sleep(100);
  own = {
    PULUMI_BACKEND_URL: `s3://${bucket}?endpoint=${encodeURIComponent(origin)}&s3ForcePathStyle=true&region=us-east-1`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the user's own",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  project = await projectFolder();
}, 300_000);
afterAll(async () => {
  running?.kill();
  await project?.remove();
});

function answers(): Promise<boolean> {
  return fetch(origin).then(
    () => true,
    () => false,
  );
}

/** The names of all objects in the bucket. */
async function objects(): Promise<string[]> {
  const listing = await (await fetch(`${origin}/${bucket}?list-type=2`)).text();
  return [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = ""]) => key);
}

/** What is typed after `eval "$(tvk shell)"`. */
async function typed(commands: string, env: Record<string, string> = {}) {
  const { stdout } = await project.tvk(["shell"]);
  writeFileSync(join(project.dir, "shell.env"), stdout);
  return project.run("bash", ["-ec", `eval "$(cat shell.env)"; ${commands}`], { env });
}

suite("a local stack", () => {
  test("keeps its state in .tvk/, whatever backend the user's shell has", async () => {
    const up = await project.tvk(["up"], { env: own });
    expect(up.exitCode, up.text).toBe(0);
    expect(await objects()).toEqual([]);
  }, 180_000);

  test("moves to a bucket, where a next up has nothing to do and destroy removes it", async () => {
    const toBucket = Object.entries(own)
      .filter(([name]) => name !== "PULUMI_CONFIG_PASSPHRASE")
      .map(([name, value]) => `export ${name}='${value}'`)
      .join("; ");
    const { exitCode, text } = await typed(
      [
        "pulumi stack export --show-secrets --file state.json",
        toBucket,
        "(cd .tvk/stacks/dev/init && env -u PULUMI_OPTION_CONFIG_FILE -u PULUMI_OPTION_STACK pulumi stack init dev)",
        "pulumi stack import --file state.json",
        "rm state.json",
        "pulumi up --yes --non-interactive --expect-no-changes",
      ].join("; "),
    );
    expect(exitCode, text).toBe(0);
    expect(await objects()).toContain(".pulumi/stacks/token-vault-kit/dev.json");
    const destroyed = await typed(`${toBucket}; pulumi destroy --yes --non-interactive`);
    expect(destroyed.exitCode, destroyed.text).toBe(0);
    expect(await project.management("GET", "/connections?name=acme-helpdesk")).toEqual([]);
    expect((await objects()).filter((key) => key.includes("/locks/"))).toEqual([]);
  }, 240_000);
});

suite("a cloud stack", () => {
  test("is in the user's own backend, with the user's own passphrase, and leaves nothing in .tvk/", async () => {
    const config = {
      "auth0:domain": "acme.invalid",
      "token-vault-kit:tenant": "cloud",
      "token-vault-kit:helpdesk": { mode: "external", url: "https://desk.example.com" },
    };
    writeFileSync(join(project.dir, "Pulumi.prod.yaml"), stringify({ config }));
    const run = (...args: string[]) =>
      project.tvk(["pulumi", "--stack", "prod", "--", ...args], { env: own });
    const made = await run("stack", "init");
    expect(made.exitCode, made.text).toBe(0);
    expect(await objects()).toContain(".pulumi/stacks/token-vault-kit/prod.json");
    const set = await run("config", "set", "--secret", "helpdeskClientSecret", "0123456789abcdef");
    expect(set.exitCode, set.text).toBe(0);
    const listed = await project.tvk(["pulumi", "--stack", "prod", "--", "stack", "ls", "--json"], {
      env: own,
    });
    expect(listed.stdout, listed.text).toContain('"prod"');
    expect(existsSync(join(project.dir, ".tvk/stacks/prod"))).toBe(false);
  }, 120_000);

  test("an environment like it has a stack of its own there, opens its secrets, and litters no folder", async () => {
    const env = { ...own, AUTH0_CLIENT_ID: "id", AUTH0_CLIENT_SECRET: "secret" };
    // No tenant answers at this name, so `up` itself fails, after the stack was made.
    const created = await project.tvk(["env", "create", "pr-9", "--from", "prod"], { env });
    expect(created.exitCode).not.toBe(0);
    expect(await objects()).toContain(".pulumi/stacks/token-vault-kit/pr-9.json");
    const get = ["pulumi", "--stack", "pr-9", "--", "config", "get", "helpdeskClientSecret"];
    expect((await project.tvk(get, { env })).stdout.trim()).toBe("0123456789abcdef");
    expect(existsSync(join(project.dir, "Pulumi.pr-9.yaml"))).toBe(false);
  }, 180_000);
});
