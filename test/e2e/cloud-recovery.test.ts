/**
 * A stack in a backend of the user's own, after a kill: nothing in a plugin takes an object over, the state
 * is given what was made. On the real engine; the plugins are the kit's, since official ones are not to be
 * had here, and what they would take over by marks is in the state before they are asked.
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { cloudTenant } from "../../cli/stack/cloud-tenant.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { removeTornAttributes } from "../../engine/recovery/attributes.ts";
import { type CloudStack, cloudRun } from "../../engine/recovery/cloud-run.ts";
import { nameOf, resourcesOf } from "../../engine/recovery/exported-state.ts";
import type { EngineResult } from "../../engine/recovery/guarded-stack.ts";
import { type KillBench, killBench, killNow } from "./kill-bench.ts";
import { retainingProgram } from "./retaining-program.ts";
import type { Point } from "./stopping-proxy.ts";

let bench: KillBench;
let requests: readonly string[];
let env: NodeJS.ProcessEnv;
const notes: string[] = [];

beforeAll(async () => {
  bench = await killBench();
  await bench.count();
  requests = [...bench.proxy.seen];
  const { stdout } = await bench.project.tvk(["shell"]);
  trustAuthority(join(bench.project.dir, ".tvk/tenant/ca.pem"));
  const printed = await bench.project.run("sh", ["-c", `${stdout}\nenv -0`]);
  env = Object.fromEntries(
    printed.stdout.split("\0").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}, 300_000);
afterAll(() => bench?.close());

/** Plain `pulumi`, as a cloud stack's run has it. */
function pulumi(args: readonly string[]): Promise<EngineResult> {
  const child = spawn("pulumi", args, {
    cwd: bench.project.dir,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (piece: string) => {
      texts[name] += piece;
    });
  }
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle({ exitCode: code ?? -1, ...texts }));
  });
}

function stackOf(dir: string): CloudStack {
  return {
    stack: "dev",
    backendUrl: env["PULUMI_BACKEND_URL"],
    pulumi,
    note: (line) => void notes.push(line),
    tenant: () => cloudTenant({ projectDir: dir, stack: "dev", env, pulumi }),
  };
}

const engine = ["--yes", "--skip-preview", "--non-interactive"];
const run = (...args: string[]) =>
  cloudRun(stackOf(bench.project.dir), args, () => pulumi([...args, ...engine]));

/** kill -9 at the first request of this kind in a first up. Creates side by side come in any order. */
async function killed(victim: "engine" | "auth0 plugin", request: string, point: Point) {
  for (let tries = 0; tries < 5; tries++) {
    await bench.reset();
    const number = requests.indexOf(request) + 1;
    const there = bench.proxy.stopAt(number, point);
    const up = bench.start(["up"]);
    await Promise.race([there, up.ended.then(({ text }) => Promise.reject(new Error(text)))]);
    const isIt = bench.proxy.seen[number - 1] === request;
    const pid = isIt ? bench.pidOf(victim) : undefined;
    if (pid !== undefined) await killNow(pid);
    bench.proxy.release(pid === undefined ? "pass" : "drop");
    await up.ended;
    // A file backend can be torn by the kill itself: a case of its own (engine/recovery/attributes.ts), not this one.
    await removeTornAttributes(join(bench.project.dir, ".tvk/stacks/dev/backend"));
    if (pid !== undefined) return;
  }
  throw new Error(`${request} was never the request at which the run was stopped`);
}

async function convergesWithout(created: string): Promise<void> {
  const { exitCode, stdout, stderr } = await run("up");
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).not.toMatch(new RegExp(`${created} (creating|created)`));
  expect(await bench.problems()).toEqual([]);
  const again = await pulumi(["up", ...engine, "--expect-no-changes"]);
  expect(again.exitCode, again.stdout + again.stderr).toBe(0);
  // What was found by its marks alone is deleted again like any other, now that the program has it.
  expect(await retained()).toEqual(["my-account-api"]);
}

/** Names of the resources that the state would not delete. */
async function retained(): Promise<string[]> {
  const { stdout } = await pulumi(["stack", "export"]);
  return resourcesOf(JSON.parse(stdout)).flatMap(({ urn, retainOnDelete }) =>
    retainOnDelete === true ? [nameOf(urn)] : [],
  );
}

suite.runIf(process.platform === "linux")("a stack in the user's own backend", () => {
  beforeEach(() => {
    notes.length = 0;
  });

  test.each([
    ["POST /api/v2/clients", "agent-client"],
    ["POST /api/v2/connections", "helpdesk-connection"],
    ["POST /api/v2/resource-servers", "my-account-api"],
  ])(
    "after kill -9 of the engine with %s applied: its lock stays, and once that is cleared the state has the object",
    async (request, created) => {
      await killed("engine", request, "applied");
      await expect(run("up")).rejects.toMatchObject({
        code: "STACK_BUSY",
        hint: expect.stringContaining("cancel --yes"),
      });
      await pulumi(["cancel", "--yes"]);
      await convergesWithout(created);
      expect(notes.join("\n")).toMatch(
        /was killed while creating .*\. Looking what became of it\./,
      );
      expect(notes.join("\n")).toMatch(new RegExp(`"${created}" is \\w+`));
    },
    180_000,
  );

  test("after kill -9 of a plugin, which leaves no trace: the marked object is found before up", async () => {
    await killed("auth0 plugin", "POST /api/v2/clients", "applied");
    await convergesWithout("agent-client");
    expect(notes.join("\n")).toMatch(
      /Settled what a killed run of "dev" left: .*"agent-client" is /,
    );
  }, 180_000);

  test("a create that never reached the tenant is dropped, and made by the next up", async () => {
    await killed("engine", "POST /api/v2/clients", "before");
    await pulumi(["cancel", "--yes"]);
    const { exitCode, stdout } = await run("up");
    expect(exitCode, stdout).toBe(0);
    expect(stdout, notes.join("; ")).toMatch(/agent-client created/);
    expect(notes.join("\n")).toContain('"agent-client" was not made');
    expect(await bench.problems()).toEqual([]);
  }, 180_000);

  test("destroy settles first, so that nothing is left; without credentials it does not run", async () => {
    await killed("engine", "POST /api/v2/clients", "applied");
    await pulumi(["cancel", "--yes"]);
    for (const args of [["destroy"], ["stack", "rm"]]) {
      const blind = { ...stackOf(bench.project.dir), tenant: async () => undefined };
      const runs = cloudRun(blind, args, () => Promise.reject(new Error("it ran")));
      await expect(runs).rejects.toMatchObject({ code: "RECOVERY_FAILED" });
    }
    const { exitCode, stdout } = await run("destroy");
    expect(exitCode, stdout).toBe(0);
    const clients = (await bench.project.management("GET", "/clients")) as { name: string }[];
    expect(clients.map(({ name }) => name)).not.toContain("Token Vault agent");
  }, 180_000);

  test("where two objects may be the one, up does not run and says which", async () => {
    await killed("engine", "POST /api/v2/clients", "applied");
    const clients = (await bench.project.management("GET", "/clients")) as {
      name: string;
      client_metadata?: object;
    }[];
    const made = clients.find(({ name }) => name === "Token Vault agent");
    const twin = { name: "twin", client_metadata: made?.client_metadata };
    await bench.project.management("POST", "/clients", twin);
    await pulumi(["cancel", "--yes"]);
    await expect(
      cloudRun(stackOf(bench.project.dir), ["up"], () => Promise.reject(new Error("it ran"))),
    ).rejects.toMatchObject({
      code: "RECOVERY_FAILED",
      message: expect.stringMatching(
        /creating "agent-client" .*: one of \w+, \w+, and it can't be told/,
      ),
    });
  }, 180_000);

  test("a file that a kill has torn is named, with what to do; without it the next up goes on", async () => {
    await bench.reset();
    await bench.run(["up"]);
    const state = join(
      bench.project.dir,
      ".tvk/stacks/dev/backend/.pulumi/stacks/token-vault-kit/dev.json",
    );
    writeFileSync(`${state}.attrs`, "");
    for (const command of ["up", "preview", "destroy"]) {
      await expect(run(command)).rejects.toMatchObject({
        code: "STATE_UNREADABLE",
        message: expect.stringMatching(
          new RegExp(`engine says: failed to load checkpoint: EOF\n.*\n {4}${state}.attrs$`),
        ),
        hint: expect.stringMatching(/^Remove that/),
      });
    }
    rmSync(`${state}.attrs`);
    const whole = readFileSync(state);
    writeFileSync(state, '{"version":3,"check');
    await expect(run("up")).rejects.toMatchObject({
      code: "STATE_UNREADABLE",
      message: expect.stringContaining("failed to load checkpoint: place 1: "),
      hint: expect.stringContaining("dev.json.bak"),
    });
    writeFileSync(state, whole);
    expect((await run("up")).exitCode).toBe(0);
  }, 180_000);

  test("a preview changes nothing and says what the next up will look for", async () => {
    await killed("engine", "POST /api/v2/clients", "applied");
    await run("preview");
    expect(notes).toEqual([
      expect.stringMatching(/was killed while creating .*The next up looks what became of it\.$/),
    ]);
    expect((await pulumi(["stack", "export"])).stdout).toContain("pending_operations");
  }, 180_000);

  test("what a run lets go by retainOnDelete loses the stack's marks, so that no later run takes it", async () => {
    await bench.reset();
    retainingProgram(bench.project.dir)("auth0:index/connection:Connection");
    await bench.run(["up"]);
    expect((await retained()).sort()).toEqual(["helpdesk-connection", "my-account-api"]);
    const connection = async () => {
      const all = await bench.project.management("GET", "/connections?strategy=oauth2");
      const [only, ...others] = all as { id: string; metadata?: Record<string, string> }[];
      if (only === undefined || others.length > 0) throw new Error(JSON.stringify(all));
      return only;
    };
    expect((await run("up")).exitCode).toBe(0);
    const { metadata: marks, ...before } = await connection();
    expect(marks?.["tvk_stack"]).toBe("token-vault-kit/dev");
    expect(notes).toEqual([]);
    const shown = { display_name: "The desk" };
    await bench.project.management("PATCH", `/connections/${before.id}`, shown);
    expect((await run("destroy")).exitCode).toBe(0);
    const { metadata = {}, ...after } = await connection();
    expect(Object.keys(metadata).filter((name) => name.startsWith("tvk_"))).toEqual([]);
    // All else is as it was.
    expect(after).toEqual({ ...before, ...shown });
    expect(notes).toEqual([
      expect.stringMatching(
        /^Left in the tenant, without the marks of "dev": "helpdesk-connection" \(con_\w+\)\.$/,
      ),
    ]);
  }, 180_000);

  test("where the marks can't be taken off, one line says so", async () => {
    await bench.reset();
    const ids = (
      (await bench.project.management("GET", "/connections?strategy=oauth2")) as { id: string }[]
    ).map(({ id }) => id);
    for (const id of ids) await bench.project.management("DELETE", `/connections/${id}`);
    await bench.run(["up"]);
    const dir = bench.project.dir;
    const tenant = async () => {
      const whole = await stackOf(dir).tenant();
      if (whole === undefined) throw new Error("no credentials");
      return { ...whole, unmark: () => Promise.reject(new Error("insufficient_scope")) };
    };
    await cloudRun({ ...stackOf(dir), tenant }, ["destroy"], () => pulumi(["destroy", ...engine]));
    expect(notes.join("\n")).toMatch(
      /^Left in the tenant, and still with the marks of "dev": .* \(insufficient_scope\)\. Take tvk_stack out/,
    );
  }, 180_000);
});
