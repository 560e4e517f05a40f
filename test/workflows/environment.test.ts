/** The workflow of a pull request's environment: its steps, run from a clone to the destroy. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { summary } from "../../.github/scripts/summary.ts";
import { supervisor } from "../../services/supervisor.ts";
import { freePorts } from "../free-ports.ts";
import { runJob, type StepResult, workflowFile } from "./workflow-file.ts";

const repository = resolve(import.meta.dirname, "../..");
const workflow = workflowFile("environment.yml");
const jobs = Object.entries(workflow.jobs);
const steps = jobs.flatMap(([job, { steps: all }]) => all.map((step) => ({ job, ...step })));
const scratch = mkdtempSync(join(tmpdir(), "tvk-workflow-"));
const clone = join(scratch, "clone");

/** What GitHub would put in for a first push to pull request 42 of a repository without variables and secrets. */
const expressions = {
  "github.event.pull_request.number || '0'": "42",
  "github.event.pull_request.number": "42",
  "vars.ENVIRONMENT_STACK || 'dev'": "dev",
  "secrets.AUTH0_CLIENT_ID": "",
  "secrets.AUTH0_CLIENT_SECRET": "",
  "secrets.PULUMI_CONFIG_PASSPHRASE": "",
  "vars.PULUMI_BACKEND_URL": "",
  "github.token": "t0ken",
  "github.repository": "acme/desk",
};

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

suite("environment.yml", () => {
  test("has steps that are one line, of a script of the repository, without an expression", () => {
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(new Set(runs)).toEqual(
      new Set([
        "npm ci --ignore-scripts",
        ...["open", "use", "end", "close", "sweep"].map(
          (verb) => `bash .github/scripts/environment.sh ${verb}`,
        ),
        "node_modules/.bin/node .github/scripts/summary.ts",
        "bash .github/scripts/comment.sh",
      ]),
    );
  });

  test("pins every action to a commit, with the version beside it", () => {
    const text = readFileSync(join(repository, ".github/workflows/environment.yml"), "utf8");
    const uses = text.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(5);
    for (const line of uses)
      expect(line).toMatch(/uses: actions\/\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("gives no right but to read, and to comment where nothing of the pull request runs", () => {
    expect(workflow.permissions).toEqual({});
    for (const [name, { permissions }] of jobs) {
      expect(permissions).toEqual(
        name === "comment" ? { contents: "read", "pull-requests": "write" } : { contents: "read" },
      );
    }
    expect(workflow.jobs["comment"]?.steps[0]?.with?.["ref"]).toMatch(
      /^\S+ github\.event\.pull_request\.base\.sha }}$/,
    );
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
  });

  test("leaves no credential of the checkout behind", () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
      expect(step.with?.["persist-credentials"]).toBe(false);
    }
  });

  test("knows nothing of a pull request but its number, its base and where it comes from", () => {
    const text = readFileSync(join(repository, ".github/workflows/environment.yml"), "utf8");
    const known = text.match(/github\.event\.pull_request\.[\w.]+/g) ?? [];
    expect(new Set(known)).toEqual(
      new Set([
        "github.event.pull_request.number",
        "github.event.pull_request.base.sha",
        "github.event.pull_request.head.repo.full_name",
      ]),
    );
  });
});

suite("the steps as they are written, on a clone", () => {
  let results: StepResult[];
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    execFileSync("git", ["clone", "--quiet", "--no-local", repository, clone]);
    const [port] = await freePorts(1);
    // The machine's own (proxies, authorities, caches), without what these tests run in; and a port:
    // others on this machine have tenants, too.
    const own = Object.entries(process.env).filter(
      ([name]) =>
        !/^(TVK_(?!CACHE_DIR)|AUTH0_|PULUMI_|GITHUB_|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name),
    );
    env = {
      ...Object.fromEntries(own),
      CI: "true",
      GITHUB_REPOSITORY: "acme/desk",
      TVK_TENANT_PORT: String(port),
      TVK_CONFIG_DIR: join(scratch, "config"),
      GITHUB_STEP_SUMMARY: join(scratch, "step-summary.md"),
    };
    results = await runJob(workflow, "open", { cwd: clone, expressions, env });
  }, 600_000);
  afterAll(async () => {
    const services = supervisor(join(clone, ".tvk/services"));
    for (const { name } of await services.status()) await services.stop(name);
  });

  test("open: install, create, use, summary and end all succeed", () => {
    expect(results.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
    expect(results).toHaveLength(5);
  });

  test("the environment is held to the policy pack", () => {
    expect(results[1]?.text).toMatch(/Policies:\s+.*token-vault-kit@v\d/);
  });

  test("the summary says what came up and what came through Token Vault", () => {
    const text = readFileSync(join(clone, "environment-summary.md"), "utf8");
    expect(text).toContain("### Environment pr-42");
    expect(text).toContain("| connection | pr-42-acme-helpdesk |");
    expect(text).toContain("| owner | acme/desk |");
    expect(text).toMatch(/connected as alice.*; 4 open tickets came through Token Vault/);
    expect(readFileSync(join(scratch, "step-summary.md"), "utf8")).toBe(text);
  });

  test("nothing is left: no process, no environment, no stack, no object of the environment", async () => {
    expect(await supervisor(join(clone, ".tvk/services")).status()).toEqual([]);
    expect(existsSync(join(clone, ".tvk/environments/pr-42"))).toBe(false);
    expect(existsSync(join(clone, ".tvk/stacks/pr-42"))).toBe(false);
    const status = execFileSync("git", ["status", "--porcelain"], { cwd: clone, encoding: "utf8" });
    expect(status).toBe("");
  });

  test("close and sweep have nothing to do where the tenant ended with its runner", async () => {
    for (const job of ["close", "sweep"]) {
      const ended = await runJob({ ...workflow, jobs: { [job]: withoutInstall(job) } }, job, {
        cwd: clone,
        expressions,
        env,
      });
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0]);
      expect(ended[0]?.text).toMatch(/ended with its runner|ends with its runner/);
    }
  }, 120_000);

  test("a name that would be a command is a name, and refused", async () => {
    const ran = join(scratch, "ran");
    const evil = `x; touch ${ran}; $(touch ${ran}) \`touch ${ran}\``;
    const open = workflow.jobs["open"];
    if (open === undefined) throw new Error("no job open");
    const job = { ...open, env: { ...open.env, ENVIRONMENT: evil } };
    const opening = { ...job, steps: job.steps.filter(({ run }) => run?.endsWith(" open")) };
    const [result] = await runJob({ ...workflow, jobs: { open: opening } }, "open", {
      cwd: clone,
      expressions,
      env,
    });
    expect(result?.exitCode).not.toBe(0);
    expect(readFileSync(join(clone, "environment-results/created.json"), "utf8")).toContain(
      "is no name for an environment",
    );
    expect(existsSync(ran)).toBe(false);
  });

  test("the comment of the last run is written over, and a first one is made", async () => {
    const bin = join(scratch, "bin");
    mkdirSync(bin);
    // gh is not ours: this one says which comment is there, and keeps what it was asked.
    writeFileSync(
      join(bin, "gh"),
      '#!/usr/bin/env bash\nprintf "%s\\n" "$*" >>"$ASKED"\ncase "$*" in *--paginate*) printf "%s" "$THERE";; esac\n',
    );
    chmodSync(join(bin, "gh"), 0o755);
    const asked = join(scratch, "asked");
    for (const [there, last] of [
      ["", "pr comment 42 --body-file environment-summary.md"],
      [
        "7\n8\n",
        "api --silent --method PATCH repos/acme/desk/issues/comments/7 -F body=@environment-summary.md",
      ],
    ] as const) {
      const runner = { ...env, PATH: `${bin}:${env["PATH"]}`, ASKED: asked, THERE: there };
      const [result] = await runJob(workflow, "comment", { cwd: clone, expressions, env: runner });
      expect(result?.exitCode, result?.text).toBe(0);
      expect(readFileSync(asked, "utf8").trim().split("\n").at(-1)).toBe(last);
    }
  });
});

function withoutInstall(name: string) {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`no job ${name}`);
  return { ...job, steps: job.steps.filter(({ run }) => !run?.startsWith("npm ")) };
}

suite("summary()", () => {
  const dir = mkdtempSync(join(tmpdir(), "tvk-summary-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const result = (name: string, value: unknown) =>
    writeFileSync(join(dir, name), JSON.stringify(value));

  test("says that it did not come up, and why", () => {
    result("created.json", { error: { code: "up_failed", message: "pulumi up ended with 1" } });
    expect(summary("pr-1", dir)).toContain("**It did not come up.** up\\_failed: pulumi up ended");
  });

  test("bears a result that a killed step has left half written", () => {
    writeFileSync(join(dir, "created.json"), '{"status":');
    expect(summary("pr-1", dir)).toContain("See the job's log.");
  });

  test("shows another's text as text: no tag, no link, no mention, no cell", () => {
    const outputs = {
      tenant: "cloud",
      domain: "a.example|b",
      connectionName: "[x](https://evil.example) @everyone",
      scopes: ["<img src=x>", "`a`"],
    };
    result("created.json", { status: "created", name: "pr-1", outputs });
    const text = summary("<b>", dir);
    expect(text).toContain("### Environment &lt;b&gt;");
    expect(text).toContain("\\[x\\](https://evil.example) @\u200Beveryone");
    expect(text).toContain("a.example\\|b");
    expect(text).toContain("&lt;img src=x&gt; \\`a\\`");
  });
});
