/** @module tvk as a process: any Node, closed pipes, standard input, one JSON document. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Answers, wireCertificate } from "../runtime/wire-server.ts";
import { apiServer, exchanges, tenantServer } from "../runtime/wire-vault.ts";
import { signedIn, TVK, testEnv, tvkProcess } from "./run-tvk.ts";

const version = /^\d+\.\d+\.\d+\n$/;

/** Makes the process believe that it is another Node; with `once` only until it is started again. */
function pretend(node: string, once: boolean) {
  const code = `if (${!once} || !process.env.TVK_RELAUNCHED_FROM)
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } });`;
  return ["--import", `data:text/javascript,${encodeURIComponent(code)}`, TVK];
}

function run(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

describe("the launcher", () => {
  it("runs as it is on the project's Node", async () => {
    const ran = await tvkProcess(testEnv(), ["--version"]);
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(version), stderr: "" });
  });

  it.each(["20.0.0", "22.18.0", "24.4.9"])(
    "on Node %s runs on the one that the project brings",
    async (node) => {
      const ran = await run([...pretend(node, true), "--version"], testEnv());
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(version), stderr: "" });
    },
  );

  it("hands on the exit code", async () => {
    const ran = await run([...pretend("20.0.0", true), "frobnicate", "--json"], testEnv());
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: "unknown_command" } });
  });

  it("without one that suffices gives one clear error, and does not start itself for ever", async () => {
    const ran = await run([...pretend("20.0.0", false), "--version"], testEnv());
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(
      /^Error: tvk needs Node 24\.5 or later, or 22\.19 or later of Node 22; this is v.+\n.+\n$/,
    );
  });

  it("says so in JSON where JSON is asked for", async () => {
    const ran = await run([...pretend("20.0.0", false), "status", "--json"], testEnv());
    expect([ran.code, ran.stderr]).toEqual([1, ""]);
    expect(JSON.parse(ran.stdout)).toEqual({
      error: {
        code: "node_version",
        message: expect.stringContaining("tvk needs Node"),
        hint: expect.any(String),
      },
    });
  });
});

describe("a process of tvk", () => {
  /** A signed-in user of a tenant and an API that the child trusts by the profile's caFile. */
  async function setUp(answers: Answers) {
    const tenant = await tenantServer(exchanges());
    const api = await apiServer(answers);
    const env = { ...process.env, ...testEnv() };
    const caFile = join(env["HOME"] ?? "", "ca.pem");
    writeFileSync(caFile, await wireCertificate());
    await signedIn(env, tenant.host, { connection: "desk", allowedDomains: ["localhost"], caFile });
    const start = (...argv: string[]) => spawn(process.execPath, [TVK, ...argv], { env });
    const fetch = (...argv: string[]) => start("fetch", "desk", api.origin, ...argv);
    return { api, env, fetch };
  }
  const closed = (child: ChildProcess) => new Promise((resolve) => child.on("close", resolve));

  it("takes a closed pipe for the end, not for a crash", async () => {
    const { fetch } = await setUp(() => ({ text: "x".repeat(5_000_000) }));
    const child = fetch();
    child.stdout.once("data", () => child.stdout.destroy());
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    expect(await closed(child)).toBe(0);
    expect(stderr).toBe("");
  });

  it("streams a large body to its last byte", async () => {
    const size = 20_000_000;
    const { fetch } = await setUp(() => ({ text: "y".repeat(size) }));
    const child = fetch();
    let bytes = 0;
    child.stdout.on("data", (chunk) => {
      bytes += chunk.length;
    });
    expect(await closed(child)).toBe(0);
    expect(bytes).toBe(size);
  });

  it("--data - sends standard input", async () => {
    const { fetch, api } = await setUp(() => ({ json: {} }));
    const child = fetch("-d", "-");
    child.stdin.end("from a pipe ä");
    expect(await closed(child)).toBe(0);
    expect(api.seen[0]).toMatchObject({ method: "POST", body: "from a pipe ä" });
  });

  it("answers in JSON what nobody awaited, too", async () => {
    // In the middle of the command, however long that takes to come there.
    const dir = mkdtempSync(join(tmpdir(), "tvk-stray-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const asked = join(dir, "asked");
    const { env, api } = await setUp(() => {
      writeFileSync(asked, "");
      return new Promise(() => {});
    });
    const stray = `const { existsSync } = process.getBuiltinModule("node:fs");
      const look = setInterval(() => {
        if (!existsSync(${JSON.stringify(asked)})) return;
        clearInterval(look);
        Promise.reject(new Error("stray"));
      }, 20);`;
    const preload = ["--import", `data:text/javascript,${encodeURIComponent(stray)}`];
    const ran = await run([...preload, TVK, "fetch", "desk", api.origin, "--json"], env);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toEqual({ error: { code: "general_error", message: "stray" } });
  });
});
