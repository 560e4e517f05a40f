/** @module `tvk fetch`: what is sent, what is shown, how it exits. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { jsonAnswer } from "../../cli/fetch/fetch-answer.ts";
import { loadProfile, updateProfile } from "../../cli/profiles/profiles.ts";
import type { Answers, WireServer } from "../runtime/wire-server.ts";
import { apiServer, exchanges, tenantServer } from "../runtime/wire-vault.ts";
import { signedIn, testEnv, tvk } from "./run-tvk.ts";

async function setUp(
  answers: Answers,
  exchange: Answers = exchanges(undefined, { scope: "read:tickets" }),
) {
  const tenant = await tenantServer(exchange);
  const api = await apiServer(answers);
  const env = testEnv();
  await signedIn(env, tenant.host, { connection: "desk", allowedDomains: [api.host] });
  const fetch = (...argv: string[]) => tvk(env, "fetch", "desk", `${api.origin}/tickets`, ...argv);
  return { tenant, api, env, fetch };
}

const html = { headers: { "content-type": "text/html" } };
const binary = Buffer.from([0, 255, 254, 10, 13, 128, 0]);
const sendBinary: Answers = () => ({
  raw: (response) => response.writeHead(200, { "content-type": "image/png" }).end(binary),
});

describe("tvk fetch", () => {
  it("prints the body as it came, and nothing else on stdout", async () => {
    const { fetch, api } = await setUp(() => ({ json: { tickets: [] } }));
    expect(await fetch()).toMatchObject({ exitCode: 0, stdout: '{"tickets":[]}', stderr: "" });
    expect(api.seen[0]).toMatchObject({ method: "GET", headers: { authorization: "Bearer at-1" } });
  });

  it("--json prints status and body, JSON parsed and text as text", async () => {
    const json = await setUp(() => ({ json: { tickets: [1] } }));
    expect((await json.fetch("--json")).json()).toEqual({ status: 200, body: { tickets: [1] } });
    const text = await setUp(() => ({ text: "<p>ä</p>", ...html }));
    expect((await text.fetch("--json")).json()).toEqual({ status: 200, body: "<p>ä</p>" });
    const broken = await setUp(() => ({
      text: "{",
      headers: { "content-type": "application/json" },
    }));
    expect((await broken.fetch("--json")).json()).toEqual({ status: 200, body: "{" });
    const problem = await setUp(() => ({
      text: '{"a":1}',
      headers: { "content-type": "application/problem+json" },
    }));
    expect((await problem.fetch("--json")).json()).toEqual({ status: 200, body: { a: 1 } });
  });

  it("an HTTP error is shown with its body and exits with 5", async () => {
    const { fetch } = await setUp(() => ({ status: 404, json: { error: "none" } }));
    const json = await fetch("--json");
    expect(json.exitCode).toBe(5);
    expect(json.json()).toEqual({ status: 404, statusText: "Not Found", body: { error: "none" } });
    expect(json.stderr).toBe("");
    expect(await fetch()).toMatchObject({
      exitCode: 5,
      stdout: '{"error":"none"}',
      stderr: expect.stringContaining("404 Not Found"),
    });
  });

  it("sends method, repeated headers and data", async () => {
    const { fetch, api } = await setUp(() => ({ json: {} }));
    await fetch(
      "-X",
      "patch",
      "-H",
      "X-Team: payments",
      "-H",
      "X-Time: 12:30",
      "-d",
      '{"status":"resolved"}',
    );
    expect(api.seen[0]).toMatchObject({
      method: "PATCH",
      body: '{"status":"resolved"}',
      headers: { "x-team": "payments", "x-time": "12:30", "content-type": "application/json" },
    });
  });

  it("data without a method is a POST; text that is no JSON is sent as text; an empty one is sent", async () => {
    const { fetch, api } = await setUp(() => ({ json: {} }));
    await fetch("-d", "hello");
    await fetch("-d", "");
    await fetch("-H", "content-type: text/csv", "-d", "1");
    expect(
      api.seen.map(({ method, body, headers }) => [method, body, headers["content-type"]]),
    ).toEqual([
      ["POST", "hello", "text/plain;charset=UTF-8"],
      ["POST", "", "text/plain;charset=UTF-8"],
      ["POST", "1", "text/csv"],
    ]);
  });

  it("--data-file sends a file byte for byte; one that can't be read is exit 2", async () => {
    const { fetch, api, env } = await setUp(() => ({ json: {} }));
    const file = join(env["HOME"] ?? "", "body.bin");
    writeFileSync(file, "Umlaut ä");
    expect((await fetch("--data-file", file)).exitCode).toBe(0);
    expect(api.seen[0]?.body).toBe("Umlaut ä");
    const ran = await fetch("--data-file", "/nowhere", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({
      error: { message: "--data-file /nowhere can't be read: ENOENT" },
    });
  });

  it("-i shows status and headers", async () => {
    const { fetch } = await setUp(() => ({ json: { a: 1 }, headers: { "x-total": "7" } }));
    expect((await fetch("-i")).stdout).toMatch(/^HTTP 200 OK\n[\s\S]*\nx-total: 7\n\n\{"a":1\}$/);
    expect((await fetch("-i", "--json")).json()).toMatchObject({
      status: 200,
      headers: { "x-total": "7" },
    });
  });

  it("binary bodies come through: streamed, in base64 with --json, and into a file", async () => {
    const { fetch, env } = await setUp(sendBinary);
    expect((await fetch("--json")).json()).toEqual({
      status: 200,
      body: binary.toString("base64"),
      encoding: "base64",
    });
    const file = join(env["HOME"] ?? "", "image.png");
    expect((await fetch("--output", file, "--json")).json()).toEqual({
      status: 200,
      file,
      bytes: binary.length,
    });
    expect(readFileSync(file)).toEqual(binary);
  });

  it("--output keeps the old file when the answer breaks off", async () => {
    const { fetch, env } = await setUp(() => ({
      raw: (response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("half");
        setTimeout(() => response.destroy(), 50);
      },
    }));
    const file = join(env["HOME"] ?? "", "kept.txt");
    writeFileSync(file, "old");
    const ran = await fetch("--output", file, "--json");
    expect(ran.exitCode).toBe(6);
    expect(ran.json()).toMatchObject({ error: { code: "network_error" } });
    expect(readFileSync(file, "utf8")).toBe("old");
    expect((await fetch("--json")).exitCode).toBe(6);
  });

  it("--output writes into what is no regular file, which stays what it is", async () => {
    const { fetch, env } = await setUp(() => ({ text: "body" }));
    const pipe = join(env["HOME"] ?? "", "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(reader));
    expect(await fetch("--output", pipe)).toMatchObject({ exitCode: 0 });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    const buffer = Buffer.alloc(10);
    expect(buffer.toString("utf8", 0, readSync(reader, buffer))).toBe("body");
    expect(readdirSync(env["HOME"] ?? "").sort()).toEqual(["config", "pipe"]);
  });

  it("--output to a descriptor's name adds to its file, and to standard output goes before the result", async () => {
    const { fetch, env } = await setUp(() => ({ text: "body" }));
    const log = join(env["HOME"] ?? "", "log");
    writeFileSync(log, "earlier,");
    const descriptor = openSync(log, "a");
    onTestFinished(() => closeSync(descriptor));
    expect(await fetch("--output", `/dev/fd/${descriptor}`)).toMatchObject({ exitCode: 0 });
    writeFileSync(descriptor, ",later");
    expect(readFileSync(log, "utf8")).toBe("earlier,body,later");
    const { stdout } = await fetch("--output", "/dev/stdout");
    expect(stdout).toBe("body4 bytes written to /dev/stdout\n");
  });

  it.runIf(existsSync("/dev/shm"))(
    "--output replaces a file in memory like any other",
    async () => {
      const { fetch } = await setUp(() => ({ text: "body" }));
      const file = join(mkdtempSync("/dev/shm/tvk-"), "file");
      onTestFinished(() => rmSync(dirname(file), { recursive: true }));
      for (let time = 0; time < 2; time++) await fetch("--output", file);
      expect(readFileSync(file, "utf8")).toBe("body");
    },
  );

  it("--output through a link writes the file that it leads to, also one that is not there yet", async () => {
    const { fetch, env } = await setUp(() => ({ text: "body" }));
    const home = realpathSync(env["HOME"] ?? "");
    mkdirSync(join(home, "elsewhere"));
    writeFileSync(join(home, "elsewhere/old"), "before");
    for (const name of ["old", "new"]) {
      const link = join(home, `link-to-${name}`);
      symlinkSync(`elsewhere/${name}`, link);
      expect(await fetch("--output", link)).toMatchObject({ exitCode: 0 });
      expect(readlinkSync(link)).toBe(`elsewhere/${name}`);
      expect(readFileSync(join(home, "elsewhere", name), "utf8")).toBe("body");
    }
    expect(readdirSync(join(home, "elsewhere"))).toEqual(["new", "old"]);
  });

  it("--output onto a folder is exit 2", async () => {
    const { fetch, env } = await setUp(() => ({ text: "x" }));
    const ran = await fetch("--output", env["HOME"] ?? "", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: "invalid_input" } });
  });

  it("--output into a folder that is not there is exit 2", async () => {
    const { fetch } = await setUp(() => ({ text: "x" }));
    const ran = await fetch("--output", "/nowhere/x", "--json");
    expect(ran.exitCode).toBe(2);
    expect(existsSync("/nowhere")).toBe(false);
  });

  it("Slack's ok: false is a failure, though its status is 200", async () => {
    const slack = (ok: boolean) =>
      Object.defineProperty(Response.json({ ok }), "url", { value: "https://slack.com/api/x" });
    expect(await jsonAnswer(slack(false), { include: false })).toEqual({ ok: false });
    expect(await jsonAnswer(slack(true), { include: false })).toEqual({ ok: true });
  });

  it("Slack's ok: false is not asked of others", async () => {
    const { fetch } = await setUp(() => ({ json: { ok: false } }));
    expect((await fetch("--json")).exitCode).toBe(0);
  });

  it("the next command uses the token of the last", async () => {
    const { fetch, tenant, env } = await setUp(() => ({ json: {} }));
    await fetch();
    await fetch();
    expect(tenant.seen).toHaveLength(1);
    expect(Object.keys(loadProfile("test", env)?.profile.connections ?? {})).toHaveLength(1);
  });
});

describe("tvk fetch refuses before any request", () => {
  async function refused(...argv: string[]): Promise<[number, string]> {
    const { tenant, api, env } = await setUp(() => ({ json: {} }));
    const words = argv.map((word) => word.replace("API", api.origin));
    const ran = await tvk(env, "--json", "fetch", ...words);
    const { error } = ran.json() as { error: { code: string } };
    expect([tenant.seen, api.seen]).toEqual([[], []]);
    expect(ran.stderr).toBe("");
    return [ran.exitCode, error.code];
  }

  it.each([
    [["desk", "not a url"], 2, "invalid_url"],
    [["desk", "http://example.com/"], 2, "invalid_url"],
    [["desk", "ftp://example.com/"], 2, "invalid_url"],
    [["desk", "https://user:pw@localhost/"], 2, "invalid_url"],
    [["desk", "https://example.com/"], 2, "domain_not_allowed"],
    [["desk", "https://localhost:1/"], 2, "domain_not_allowed"],
    [["wiki", "API/"], 2, "no_allowed_domains"],
    [["gmail", "API/"], 2, "domain_not_allowed"],
    [["desk", "API/", "-H", "no colon"], 2, "invalid_header"],
    [["desk", "API/", "-H", ": empty"], 2, "invalid_header"],
    [["desk", "API/", "-H", "bad name: x"], 2, "invalid_header"],
    [["desk", "API/", "-H", "AUTHORIZATION: Bearer x"], 2, "invalid_header"],
    [["desk", "API/", "-d", "x", "-X", "GET"], 2, "invalid_input"],
    [["desk", "API/", "-d", "x", "--data-file", "y"], 2, "invalid_input"],
    [["desk", "API/", "-X", "CONNECT"], 2, "invalid_input"],
    [["desk", "API/", "extra"], 2, "invalid_input"],
    [["desk", "API/", "--unknown"], 2, "invalid_input"],
    [["desk"], 2, "invalid_input"],
  ])("%j: exit %d, %s", async (argv, exitCode, code) => {
    expect(await refused(...argv)).toEqual([exitCode, code]);
  });
});

describe("tvk fetch exits as auth0-tv, by why there is no token", () => {
  const refusal = (status: number, error: string) => () => ({ status, json: { error } });

  it.each([
    ["federated_connection_refresh_token_not_found", 401, 4, "NOT_CONNECTED"],
    ["federated_connection_refresh_token_flow_failed", 401, 4, "PROVIDER_REFUSED"],
    ["unauthorized_client", 403, 4, "GRANT_NOT_ENABLED"],
    ["access_denied", 403, 4, "TENANT_REFUSED"],
    ["invalid_grant", 403, 3, "LOGIN_REQUIRED"],
    ["expired_token", 401, 3, "LOGIN_REQUIRED"],
    ["server_error", 500, 5, "TENANT_REFUSED"],
  ])("%s (%d): exit %d, details.code %s", async (error, status, exitCode, code) => {
    const { fetch } = await setUp(() => ({ json: {} }), refusal(status, error));
    const ran = await fetch("--json");
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.json()).toMatchObject({ error: { details: { code } } });
    expect(ran.stdout.match(/rt-alice|s3cret/)).toBeNull();
  });

  it("missing scopes exit with 4 and say how to ask for them", async () => {
    const { fetch, api } = await setUp(() => ({ json: {} }));
    const ran = await fetch("--scopes", "read:tickets,admin", "--json");
    expect(ran.exitCode).toBe(4);
    expect(ran.json()).toMatchObject({
      error: {
        hint: "Run: tvk connect desk --scopes read:tickets,admin",
        details: {
          code: "SCOPES_NEEDED",
          granted: ["read:tickets"],
          required: ["read:tickets", "admin"],
        },
      },
    });
    expect(api.seen).toEqual([]);
  });

  it("nobody signed in exits with 3", async () => {
    const { fetch, env } = await setUp(() => ({ json: {} }));
    await updateProfile("test", (profile) => delete profile.auth0, env);
    const ran = await fetch("--json");
    expect(ran.exitCode).toBe(3);
    expect(ran.json()).toMatchObject({ error: { code: "auth_required", hint: "Run: tvk login" } });
  });

  it("an API or a tenant that does not answer exits with 6", async () => {
    for (const which of ["api", "tenant"] as const) {
      const made = await setUp(() => ({ json: {} }));
      const server: WireServer = made[which];
      await server.close();
      const ran = await made.fetch("--json");
      expect(ran.exitCode).toBe(6);
      expect(ran.json()).toMatchObject({
        error: { code: "network_error", message: expect.stringContaining("ECONNREFUSED") },
      });
    }
  });

  it("--timeout ends a request that hangs: exit 6", async () => {
    const { fetch } = await setUp(() => new Promise(() => {}));
    expect(await fetch("--timeout", "0.2")).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining("--timeout"),
    });
  });
});
