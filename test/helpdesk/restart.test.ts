/** @module What survives the end of the process: tokens, tickets, secrets; and what is on the disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import type { Ticket } from "../../helpdesk/ticket-schemas.ts";
import { Browser } from "./browser.ts";
import {
  authorizePath,
  bearer,
  clientSecret,
  connect,
  redirectUri,
  start,
  tokenRequest,
  tokensOf,
} from "./connected.ts";
import { type HelpdeskProcess, spawnHelpdesk } from "./process.ts";

let folder: string;
let database: string;
const processes: HelpdeskProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "helpdesk-"));
  database = join(folder, "data", "helpdesk.db");
});
afterEach(async () => {
  for (const { child, ended } of processes.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true });
});

function spawned(environment: Record<string, string> = {}): HelpdeskProcess {
  const all = {
    OAUTH2_REDIRECT_URI: redirectUri,
    OAUTH2_CLIENT_SECRET: clientSecret,
    DATABASE: database,
    ...environment,
  };
  const helpdesk = spawnHelpdesk(all);
  processes.push(helpdesk);
  return helpdesk;
}

/** Everything below the folder, as one text. */
function onDisk(): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

suite("a helpdesk with a database file", () => {
  test("keeps a connected account working after kill -9", async () => {
    const first = spawned();
    const tokens = await connect({ url: await first.listening });
    first.child.kill("SIGKILL");
    expect(await first.ended).toEqual({ code: null, signal: "SIGKILL" });

    const url = await spawned().listening;
    const list = await fetch(`${url}/tickets`, { headers: bearer(tokens.access_token) });
    expect(list.status).toBe(200);
    const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" };
    const renewed = await tokensOf(await tokenRequest({ url }, form));
    const again = await fetch(`${url}/userinfo`, { headers: bearer(renewed.access_token) });
    expect(await again.json()).toMatchObject({ user_id: "usr_alice" });
  });

  test("keeps the tickets, and their numbers are never given twice", async () => {
    const first = await start({ database });
    const headers = {
      ...bearer((await connect(first)).access_token),
      "content-type": "application/json",
    };
    const open = async (url: string) => {
      const body = JSON.stringify({ title: "T", team: "it" });
      const response = await fetch(`${url}/tickets`, { method: "POST", headers, body });
      return (await response.json()) as Ticket;
    };
    const created = await open(first.url);
    await first.close();
    const second = await start({ database });
    try {
      expect(second.seeded).toBeUndefined();
      const kept = await fetch(`${second.url}/tickets/${created.id}`, { headers });
      expect(await kept.json()).toEqual(created);
      expect((await open(second.url)).id).toBe(created.id + 1);
    } finally {
      await second.close();
    }
  });

  test("keeps a half-finished sign-in", async () => {
    const first = await start({ database, publicUrl: "http://helpdesk.example" });
    // A connection of its own for each request: the server behind them changes.
    const browser = new Browser(first.url, { connection: "close" });
    const page = await browser.open(authorizePath());
    const { port } = new URL(first.url);
    await first.close();
    const second = await start({
      database,
      publicUrl: "http://helpdesk.example",
      port: Number(port),
    });
    try {
      const fields = { email: "alice@acme.test", password: "demo1234" };
      const consent = await browser.submit(page, "/login", fields);
      expect(consent.html).toContain("Allow Auth0");
    } finally {
      await second.close();
    }
  });

  test("refuses every token where the token secret is another", async () => {
    const first = await start({ database });
    const { access_token } = await connect(first);
    await first.close();
    const second = await start({ database, tokenSecret: "another-token-secret-of-tests" });
    try {
      const list = await fetch(`${second.url}/tickets`, { headers: bearer(access_token) });
      expect(list.status).toBe(401);
    } finally {
      await second.close();
    }
  });

  test("has no token, code, password or secret in its files, which are its own user's", async () => {
    const helpdesk = await start({ database });
    const seen: string[] = [clientSecret, "demo1234", "a-token-secret", "a-session-secret"];
    try {
      const { access_token, refresh_token = "", id_token = "" } = await connect(helpdesk);
      seen.push(access_token, refresh_token, id_token);
      const content = onDisk();
      expect(content).toContain("usr_alice");
      for (const value of seen) expect(content).not.toContain(value);
      for (const file of readdirSync(join(folder, "data"))) {
        expect(statSync(join(folder, "data", file)).mode & 0o077).toBe(0);
      }
    } finally {
      await helpdesk.close();
    }
  });

  test("is seeded once and whole, whenever the process is killed", async () => {
    for (const delay of [40, 120, 200, 260, 320, 380, 440]) {
      const helpdesk = spawned();
      await sleep(delay);
      helpdesk.child.kill("SIGKILL");
      await helpdesk.ended;
    }
    const url = await spawned().listening;
    const headers = bearer((await connect({ url }, { user: "carol" })).access_token);
    const list = await fetch(`${url}/tickets`, { headers });
    expect(await list.json()).toMatchObject({ total: 12 });
  });

  test("refuses a file of a newer version and leaves it as it is", async () => {
    await (await start({ database })).close();
    const { DatabaseSync } = await import("node:sqlite");
    const file = new DatabaseSync(database);
    file.exec("PRAGMA user_version = 999");
    file.close();
    await expect(start({ database })).rejects.toThrow(
      /schema version 999, this helpdesk knows up to 1/,
    );
  });

  test("refuses a file that is no database", async () => {
    const file = join(folder, "notes.txt");
    writeFileSync(file, "these are not tickets, ".repeat(100));
    await expect(start({ database: file })).rejects.toThrow(/notes\.txt/);
    expect(readFileSync(file, "utf8")).toMatch(/^these are not tickets/);
  });
});

suite("secrets that are not given", () => {
  const none = { clientSecret: undefined, sessionSecret: undefined, tokenSecret: undefined };

  test("are made once, kept beside the database with mode 0600, and used again", async () => {
    const first = await start({ database, ...none });
    await first.close();
    const file = `${database}.secrets.json`;
    expect(first.secrets).toMatchObject({ file, clientSecretGenerated: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(readFileSync(file, "utf8"));
    expect(new Set(Object.values(kept)).size).toBe(3);
    const second = await start({ database, ...none });
    await second.close();
    expect(second.secrets).toMatchObject(kept);
  });

  test("are the same for two that start at once", async () => {
    const both = await Promise.all([start({ database, ...none }), start({ database, ...none })]);
    await Promise.all(both.map((each) => each.close()));
    expect(both[0].secrets).toEqual(both[1].secrets);
    expect(both.filter(({ seeded }) => seeded !== undefined)).toHaveLength(1);
  });

  test("are told from the given ones", async () => {
    const helpdesk = await start({ database, ...none, clientSecret });
    await helpdesk.close();
    expect(helpdesk.secrets).toMatchObject({ clientSecret, clientSecretGenerated: false });
  });

  test("are never written over a file that holds something else", async () => {
    await (await start({ database })).close();
    writeFileSync(`${database}.secrets.json`, "my notes");
    await expect(start({ database, ...none })).rejects.toThrow(/secrets\.json does not hold/);
    expect(readFileSync(`${database}.secrets.json`, "utf8")).toBe("my notes");
  });

  test("are new at each start in memory", async () => {
    const [a, b] = [await start(none), await start(none)];
    await Promise.all([a.close(), b.close()]);
    expect(a.secrets.clientSecret).not.toBe(b.secrets.clientSecret);
    expect(a.secrets.file).toBeUndefined();
  });
});
