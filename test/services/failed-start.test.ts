/** @module A service that does not start says why, and leaves nothing behind. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, expect, suite, test } from "vitest";
import { processStart } from "../../locks/process-start.ts";
import { eachTest, spec, starts } from "./service-fixture.ts";

const fixture = eachTest();
let stranger: Server | undefined;

afterEach(() => {
  stranger?.close();
  stranger = undefined;
});

/** Runs `ensure` and returns its error. */
async function failure(
  changes: Parameters<typeof spec>[1],
): Promise<Error & { code: string; hint: string }> {
  try {
    await fixture.services.ensure(spec(fixture, changes));
  } catch (error) {
    return error as Error & { code: string; hint: string };
  }
  throw new Error("the service started");
}

suite("a service that ends at its start", () => {
  test("is reported with how it ended and its last log lines, secrets redacted", async () => {
    const secret = "pl4nted secret/+";
    const error = await failure({
      command: [
        "node",
        "-e",
        "console.log('no database:', process.env.DESK_SECRET); console.error(encodeURIComponent(process.env.DESK_SECRET)); process.exit(7)",
      ],
      env: { DESK_SECRET: secret },
    });
    expect(error).toMatchObject({ name: "ServiceError", code: "SERVICE_DIED" });
    expect(error.message).toContain("exit code 7");
    expect(error.message).toContain("no database: [redacted]");
    expect(error.message + error.hint).not.toContain(secret);
    expect(error.message).not.toContain(encodeURIComponent(secret));
    expect(error.hint).toContain("desk.log");
  });

  test("quotes nothing that an earlier start wrote", async () => {
    const say = (text: string) => [
      "node",
      "-e",
      `console.log(${JSON.stringify(text)}); process.exit(1)`,
    ];
    await failure({ command: say("first words") });
    const error = await failure({ command: say("second words") });
    expect(error.message).toContain("second words");
    expect(error.message).not.toContain("first words");
  });

  test("names a program that does not exist", async () => {
    const error = await failure({ command: ["tvk-no-such-program"] });
    expect(error).toMatchObject({ code: "SERVICE_DIED" });
    expect(error.message).toMatch(/tvk-no-such-program.*not found/);
  });

  test("leaves no record, so that the next start is a new one", async () => {
    await failure({ command: ["node", "-e", "process.exit(1)"] });
    expect(existsSync(join(fixture.dir, "services", "desk.json"))).toBe(false);
    expect((await fixture.services.ensure(spec(fixture))).outcome).toBe("started");
  });
});

suite("a service that does not answer", () => {
  test("is stopped when its time is over", async () => {
    // Says at once that it runs: a Node of its own may take longer than the time it is given.
    const command = ["sh", "-c", 'echo $$ >> "$STARTS"; exec sleep 60'];
    const error = await failure({ command, timeoutMs: 1_000 });
    expect(error).toMatchObject({ code: "SERVICE_NOT_READY" });
    expect(error.message).toContain(`http://localhost:${fixture.port}/`);
    const [pid = 0] = starts(fixture);
    expect(processStart(pid)).toBeUndefined();
  });

  test("is not ready as long as it answers with anything but a 2xx", async () => {
    const command = [
      "node",
      "-e",
      "require('http').createServer((_, r) => r.writeHead(503).end()).listen(Number(process.env.PORT))",
    ];
    expect(await failure({ command, timeoutMs: 400 })).toMatchObject({ code: "SERVICE_NOT_READY" });
  });
});

suite("a port that a stranger has", () => {
  test("is named with the process that has it, and nothing is started", async () => {
    stranger = createServer((_, response) => response.end("stranger"));
    await new Promise<void>((resolve) => stranger?.listen(fixture.port, "127.0.0.1", resolve));
    const error = await failure({});
    expect(error).toMatchObject({ code: "PORT_TAKEN" });
    expect(error.message).toContain(`port ${fixture.port} `);
    if (process.platform === "linux") {
      expect(error.message).toContain(`process ${process.pid} (`);
      expect(error.hint).toContain(String(process.pid));
    }
    expect(existsSync(join(fixture.dir, "starts"))).toBe(false);
  });
});

suite("a wrong description", () => {
  test("is refused with every wrong field and without the values", async () => {
    const error = await failure({
      name: "../desk",
      command: [],
      ready: { url: "file:///secret-path" },
      timeoutMs: -1,
    });
    expect(error).toMatchObject({ code: "SPEC_WRONG" });
    for (const field of ["name", "command", "ready.url", "timeoutMs"])
      expect(error.message).toContain(field);
    expect(error.message).not.toContain("secret-path");
  });

  test("is refused when the folder to start in does not exist", async () => {
    const cwd = join(fixture.dir, "nowhere");
    expect(await failure({ cwd })).toMatchObject({
      code: "SPEC_WRONG",
      message: expect.stringContaining(cwd),
    });
  });
});

suite("the environment of a service", () => {
  test("has nothing of the caller's credentials", async () => {
    process.env["AUTH0_CLIENT_SECRET"] = "callers-own";
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "callers-own";
    try {
      const file = join(fixture.dir, "env.json");
      const [node = "", flag = "", program = ""] = spec(fixture).command;
      const dump = `require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env));`;
      await fixture.services.ensure(spec(fixture, { command: [node, flag, dump + program] }));
      const env = JSON.parse(readFileSync(file, "utf8"));
      expect(JSON.stringify(env)).not.toContain("callers-own");
      expect(env).toMatchObject({ PORT: String(fixture.port), PATH: process.env["PATH"] });
    } finally {
      delete process.env["AUTH0_CLIENT_SECRET"];
      delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    }
  });
});
