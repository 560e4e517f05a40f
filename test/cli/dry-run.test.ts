/** @module --dry-run: shows what would be done, and does nothing. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { readProfiles, updateProfile } from "../../cli/profiles/profiles.ts";
import { signedIn, testEnv, tvk } from "./run-tvk.ts";

/** A listener that stands for tenant and API, and counts who comes. */
async function listener() {
  let calls = 0;
  const server = createServer((_, response) => {
    calls++;
    response.end();
  });
  server.on("connection", () => calls++);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return { host, calls: () => calls };
}

async function setUp() {
  const { host, calls } = await listener();
  const env = testEnv();
  await signedIn(env, host, { connection: "desk", allowedDomains: [host] });
  await updateProfile(
    "test",
    (profile) => {
      profile.connections = {
        key: {
          value: JSON.stringify({ "": { connection: "desk", accessToken: "provider-token" } }),
          expiresAt: Date.now() + 60_000,
        },
      };
    },
    env,
  );
  return { env, host, calls };
}

describe("fetch --dry-run", () => {
  it("shows request line, headers without the token and the decision, and sends nothing", async () => {
    const { env, host, calls } = await setUp();
    const url = `http://${host}/tickets?x=1`;
    const argv = ["fetch", "desk", url, "-H", "accept: text/csv", "-d", "{}", "--dry-run"];
    const ran = await tvk(env, ...argv);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toMatch(/^POST \/tickets\?x=1 HTTP\/1\.1\nhost: localhost:\d+\n/);
    expect(ran.stdout).toContain("accept: text/csv");
    expect(ran.stdout).toContain("authorization: Bearer [the token of desk]");
    expect(ran.stdout).toContain(`${host} is an allowed domain of desk. Nothing was sent.`);
    const json = (await tvk(env, ...argv, "--json")).json();
    expect(json).toMatchObject({ dryRun: true, allowed: true, request: { bodyBytes: 2, url } });
    expect(ran.stdout + JSON.stringify(json)).not.toContain("provider-token");
    expect(calls()).toBe(0);
  });

  it("refuses a host as the call itself does: exit 2", async () => {
    const { env, calls } = await setUp();
    const ran = await tvk(env, "fetch", "desk", "https://evil.test/", "--dry-run", "--json");
    expect(ran.exitCode).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: "domain_not_allowed" } });
    expect(calls()).toBe(0);
  });
});

describe("connect and disconnect --dry-run", () => {
  it("show what they would ask for and forget, and change nothing", async () => {
    const { env, calls } = await setUp();
    const before = readProfiles(env);
    const options = ["--scopes", "a,b", "--allowed-domains", "api.test", "--dry-run", "--json"];
    expect((await tvk(env, "connect", "desk", ...options)).json()).toEqual({
      dryRun: true,
      service: "desk",
      connection: "desk",
      scopes: ["a", "b"],
      allowedDomains: ["api.test"],
    });
    const forget = await tvk(env, "disconnect", "desk", "--remote", "--dry-run", "--json");
    expect(forget.json()).toMatchObject({
      dryRun: true,
      connection: "desk",
      remote: true,
      tokens: 1,
    });
    expect(readProfiles(env)).toEqual(before);
    expect(calls()).toBe(0);
  });
});

describe("NO_COLOR", () => {
  it("help has no colour where it is set", async () => {
    const tty = Object.getOwnPropertyDescriptor(process.stdout, "isTTY");
    Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
    onTestFinished(() => {
      if (tty) Object.defineProperty(process.stdout, "isTTY", tty);
      else Reflect.deleteProperty(process.stdout, "isTTY");
    });
    const { stdout } = await tvk(testEnv({ NO_COLOR: "1" }), "--help");
    expect(stdout).toContain("doctor");
    expect(stdout).not.toContain("\u001b[");
  });
});
