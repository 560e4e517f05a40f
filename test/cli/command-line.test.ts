/** @module The command line itself: what is read, what is refused, and how it exits. */
import { describe, expect, it } from "vitest";
import { failureOf } from "../../cli/exit-codes.ts";
import { commands } from "../../cli/main.ts";
import { commandIndex, parseArguments } from "../../cli/parse-arguments.ts";
import { summaries } from "../../cli/summaries.ts";
import { VaultError, type VaultErrorCode } from "../../runtime/errors.ts";
import { testEnv, tvk } from "./run-tvk.ts";

const definitions = {
  service: { type: "positional", required: true },
  url: { type: "positional", required: false },
  header: { type: "string", alias: "H" },
  data: { type: "string", alias: "d" },
  "allowed-domains": { type: "string" },
  include: { type: "boolean", alias: "i" },
  yes: { type: "boolean", alias: "y" },
} as const;

describe("parseArguments()", () => {
  it("reads flags wherever they stand, repeated ones all", () => {
    const { values, every } = parseArguments(
      [
        "-H",
        "a: 1",
        "desk",
        "--include",
        "-H=b: 2",
        "https://x",
        "--header",
        "c: 3",
        "--allowed-domains=a,b",
      ],
      definitions,
    );
    expect(values).toMatchObject({
      service: "desk",
      url: "https://x",
      include: true,
      header: "c: 3",
      allowedDomains: "a,b",
      "allowed-domains": "a,b",
    });
    expect(every("header")).toHaveLength(3);
  });

  it("takes a value that begins with a dash, a lone dash and an empty one", () => {
    expect(parseArguments(["desk", "-d", "--json"], definitions).values["data"]).toBe("--json");
    expect(parseArguments(["desk", "-d", "-"], definitions).values["data"]).toBe("-");
    expect(parseArguments(["desk", "-d", ""], definitions).values["data"]).toBe("");
  });

  it("reads short flags together", () => {
    expect(parseArguments(["-iy", "desk"], definitions).values).toMatchObject({
      include: true,
      yes: true,
    });
  });

  it("leaves what stands after -- alone", () => {
    expect(parseArguments(["desk", "--", "--include", "x"], definitions).values).toMatchObject({
      _: ["--include", "x"],
    });
  });

  it.each([
    [["desk", "--nope"], "--nope"],
    [["desk", "--data"], "--data"],
    [["desk", "--include=3"], "--include"],
    [[], "<service>"],
    [["desk", "u", "v"], '"v"'],
  ])("refuses %j and names what is wrong", (argv, named) => {
    expect(() => parseArguments(argv, definitions)).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        exitCode: 2,
        message: expect.stringContaining(named),
      }),
    );
  });

  it("finds the command behind global flags and their values", () => {
    expect(commandIndex(["-H", "x", "--include", "fetch", "desk"], definitions)).toBe(3);
    expect(commandIndex(["--include"], definitions)).toBe(-1);
    expect(commandIndex(["--", "fetch"], definitions)).toBe(-1);
  });
});

describe("tvk", () => {
  it("--version prints the package's", async () => {
    expect(await tvk(testEnv(), "--version")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each([[[]], [["--help"]], [["-h"]], [["--json", "--help"]]])(
    "%j prints the commands, without colours",
    async (argv) => {
      const ran = await tvk(testEnv(), ...argv);
      expect(ran.exitCode).toBe(0);
      expect(ran.stdout).toContain("connections");
      expect(ran.stdout).not.toContain("\u001b");
    },
  );

  it.each(Object.entries(commands))(
    "--help says of %s what the command says of itself",
    async (name, load) => {
      const { meta } = await load();
      expect(summaries[name]).toBe((meta as { description?: string }).description);
    },
  );

  it("COMMAND --help prints its flags and runs nothing", async () => {
    const ran = await tvk(testEnv(), "fetch", "--help");
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ran.stdout).toContain("--data-file");
    expect(ran.stdout).toContain("--profile");
  });

  it.each(["gmail", "calendar", "slack", "github"])(
    "%s is not carried: exit 2 with the fetch that does the same",
    async (name) => {
      const ran = await tvk(testEnv(), "--json", name, "search", "is:unread", "--max", "5");
      expect(ran.exitCode).toBe(2);
      expect(ran.json()).toMatchObject({
        error: {
          code: "not_carried",
          hint: expect.stringMatching(`^Use: tvk fetch ${name} https://`),
        },
      });
    },
  );

  it.each([["frobnicate"], ["constructor"], ["__proto__"]])(
    "%s is unknown: exit 2 with the commands",
    async (name) => {
      const ran = await tvk(testEnv(), name);
      expect(ran).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ran.stderr).toContain("connections");
    },
  );

  it("AUTH0_TV_OUTPUT=json does what --json does, on errors too", async () => {
    const ran = await tvk(testEnv({ AUTH0_TV_OUTPUT: "json" }), "frobnicate");
    expect(ran.json()).toMatchObject({ error: { code: "unknown_command" } });
    expect(ran.stderr).toBe("");
  });

  it.each([
    [["--port", "0"], "--port"],
    [["--port", "65536"], "--port"],
    [["--port", "http"], "--port"],
    [["--timeout", "0"], "--timeout"],
    [["--timeout", "soon"], "--timeout"],
  ])("status %j is refused", async (flags, named) => {
    expect(await tvk(testEnv(), "status", ...flags)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(named),
    });
  });

  it("AUTH0_TV_PORT is checked as --port is, which beats it", async () => {
    const env = testEnv({ AUTH0_TV_PORT: "nope" });
    expect(await tvk(env, "status")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("AUTH0_TV_PORT"),
    });
    expect((await tvk(env, "status", "--port", "9999")).exitCode).toBe(0);
  });
});

describe("what others wrote", () => {
  it("reaches a terminal without control characters", async () => {
    const ran = await tvk(testEnv(), "\u001b[2J\u009b31m\u0007evil\r");
    expect(ran.stderr).toContain("evil");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(ran.stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });
});

describe("failureOf()", () => {
  it.each<[VaultErrorCode, number, string]>([
    ["NOT_CONNECTED", 4, "token_exchange_error"],
    ["SCOPES_NEEDED", 4, "token_exchange_error"],
    ["PROVIDER_REFUSED", 4, "token_exchange_error"],
    ["GRANT_NOT_ENABLED", 4, "token_exchange_error"],
    ["LOGIN_REQUIRED", 3, "auth_required"],
    ["CLIENT_AUTH_FAILED", 3, "auth_error"],
    ["MFA_REQUIRED", 3, "token_exchange_error"],
    ["CONNECTION_OFF", 5, "token_exchange_error"],
    ["TENANT_REFUSED", 5, "token_exchange_error"],
    ["RATE_LIMITED", 5, "service_error"],
    ["REDIRECT_REFUSED", 5, "fetch_error"],
    ["DOMAIN_NOT_ALLOWED", 2, "domain_not_allowed"],
    ["INSECURE_URL", 2, "invalid_url"],
    ["CONNECT_DENIED", 1, "connect_failed"],
    ["NETWORK", 6, "network_error"],
    ["TIMEOUT", 6, "network_error"],
  ])("%s exits with %d and auth0-tv's code %s", (code, exitCode, tvCode) => {
    expect(failureOf(new VaultError(code, "m", { connection: "desk" }))).toMatchObject({
      exitCode,
      code: tvCode,
      details: { code, connection: "desk" },
    });
  });

  it("access_denied exits with 4, as auth0-tv has it", () => {
    expect(
      failureOf(new VaultError("TENANT_REFUSED", "m", { error: "access_denied" })).exitCode,
    ).toBe(4);
  });

  it("says the command that resumes", () => {
    const error = new VaultError("SCOPES_NEEDED", "m", {
      connection: "desk",
      required: ["a", "b"],
      granted: [],
    });
    expect(failureOf(error).hint).toBe("Run: tvk connect desk --scopes a,b");
  });

  it("gives an error of another room its own code and hint", () => {
    const error = Object.assign(new Error("no engine"), { code: "NO_ENGINE", hint: "Install Go." });
    expect(failureOf(error, "init_failed")).toEqual({
      exitCode: 1,
      code: "init_failed",
      message: "no engine",
      hint: "Install Go.",
      details: { code: "NO_ENGINE" },
    });
  });
});
