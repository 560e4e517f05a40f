/** @module The helpdesk as a process: its lines, its end, its errors. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, suite, test } from "vitest";
import { clientSecret, redirectUri } from "./connected.ts";
import { type HelpdeskProcess, spawnHelpdesk } from "./process.ts";

suite("node helpdesk/main.ts", () => {
  const started: HelpdeskProcess[] = [];
  const given = { OAUTH2_REDIRECT_URI: redirectUri, OAUTH2_CLIENT_SECRET: clientSecret };
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill("SIGKILL");
      await ended;
    }
  });

  function run(environment: Record<string, string>): HelpdeskProcess {
    const helpdesk = spawnHelpdesk(environment);
    started.push(helpdesk);
    return helpdesk;
  }

  test("prints the tutorial's two lines and answers /health", async () => {
    const helpdesk = run(given);
    const url = await helpdesk.listening;
    expect(helpdesk.lines).toEqual([
      "Seeded 3 users and 12 tickets.",
      `acme-helpdesk listening on ${url}`,
    ]);
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    const health = await (await fetch(`${url}/health`)).text();
    expect(health.startsWith('{"status":"ok","service":"acme-helpdesk",')).toBe(true);
    expect(helpdesk.errors).toEqual([]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends with 0 at %s, with a request still open",
    async (signal) => {
      const helpdesk = run(given);
      const url = await helpdesk.listening;
      await fetch(`${url}/health`);
      helpdesk.child.kill(signal);
      expect(await helpdesk.ended).toEqual({ code: 0, signal: null });
    },
  );

  test("says nothing of seeding where there was something already", async () => {
    const folder = mkdtempSync(join(tmpdir(), "helpdesk-"));
    try {
      const environment = { ...given, DATABASE: join(folder, "helpdesk.db") };
      const first = run(environment);
      await first.listening;
      first.child.kill("SIGTERM");
      await first.ended;
      const second = run(environment);
      await second.listening;
      expect(second.lines).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("names the file of a generated client secret, and prints the secret nowhere", async () => {
    const folder = mkdtempSync(join(tmpdir(), "helpdesk-"));
    try {
      const database = join(folder, "helpdesk.db");
      const helpdesk = run({ OAUTH2_REDIRECT_URI: redirectUri, DATABASE: database });
      await helpdesk.listening;
      expect(helpdesk.lines[0]).toBe(
        `OAUTH2_CLIENT_SECRET was not set: the one in ${database}.secrets.json is used.`,
      );
      expect(helpdesk.lines.join("\n")).not.toMatch(/[0-9a-f]{32}/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("does not print a generated client secret to a pipe", async () => {
    const helpdesk = run({ OAUTH2_REDIRECT_URI: redirectUri });
    await helpdesk.listening;
    expect(helpdesk.lines[0]).toMatch(
      /^OAUTH2_CLIENT_SECRET was not set: .* Set it, or set DATABASE/,
    );
    expect(helpdesk.lines.join("\n")).not.toMatch(/[0-9a-f]{32}/);
  });

  test("ends with 1 and every wrong variable, by name and without its value", async () => {
    const helpdesk = run({
      PORT: "http",
      HELPDESK_PUBLIC_URL: "https://acme.example/desk",
      OAUTH2_CLIENT_SECRET: "short-secret",
      OAUTH2_REDIRECT_URI: "https://acme.example/login/callback, acme.example/callback",
    });
    expect((await helpdesk.ended).code).toBe(1);
    const text = helpdesk.errors.join("");
    for (const name of ["PORT", "HELPDESK_PUBLIC_URL", "OAUTH2_CLIENT_SECRET"]) {
      expect(text).toContain(`  ${name}: `);
    }
    expect(text).toContain("  OAUTH2_REDIRECT_URI (entry 2): ");
    expect(text).not.toContain("short-secret");
    expect(text).not.toContain("    at ");
  });

  test("says which variable has to be set at least", async () => {
    const helpdesk = run({});
    expect((await helpdesk.ended).code).toBe(1);
    expect(helpdesk.errors.join("")).toContain(
      "OAUTH2_REDIRECT_URI: must name the tenant's callback, https://TENANT/login/callback",
    );
  });

  test("ends with 1 and the port where that is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    try {
      const helpdesk = run({ ...given, PORT: port });
      expect((await helpdesk.ended).code).toBe(1);
      expect(helpdesk.errors.join("")).toBe(
        `acme-helpdesk: port ${port} of 127.0.0.1 is in use: set PORT to a free one\n`,
      );
    } finally {
      other.close();
    }
  });
});
