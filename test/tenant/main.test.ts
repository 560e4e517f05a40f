/** @module The tenant as a process: what it prints, keeps through kill -9, refuses and closes. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { managementScopes } from "../../tenant/management-scopes.ts";
import { openTenant } from "../../tenant/open-tenant.ts";
import { openKey } from "../../tenant/signing-keys.ts";
import { openStore } from "../../tenant/store.ts";
import { freePort } from "../free-ports.ts";
import { writtenExchanges } from "./spec/written-exchanges.ts";

const main = join(import.meta.dirname, "../../tenant/main.mjs");
let dir: string;
let children: ChildProcess[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tvk-main-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) await ended(child, "SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  output: string;
}

interface Started {
  child: ChildProcess;
  ready: Promise<string>;
  end: Promise<Ended>;
}

const start = (...args: string[]): Started => startWith({}, ...args);

function startWith(env: NodeJS.ProcessEnv, ...args: string[]): Started {
  const child = spawn(process.execPath, [main, "--dir", dir, ...args], {
    env: { ...process.env, ...env },
  });
  children.push(child);
  let output = "";
  const end = new Promise<Ended>((resolve) =>
    // All that it has said is there then, which at its "exit" it need not be.
    child.on("close", (code) => resolve({ code, output })),
  );
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const [, url] = /^tenant listening on (\S+)\n/m.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("close", () => reject(new Error(`the tenant ended: ${output}`)));
  });
  ready.catch(() => undefined);
  return { child, ready, end };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exit;
}

/** A token that the stopped tenant of the folder would have given. */
async function token(): Promise<string> {
  const now = () => Math.floor(Date.now() / 1000);
  const store = openStore(dir, now);
  const { domain } = store.settings.get("tenant") as { domain: string };
  const { context } = openTenant(store, await openKey(store), { dir, domain, now });
  const { issuer } = context.settings;
  const signed = await context.keys.sign({
    iss: issuer,
    aud: `${issuer}api/v2/`,
    exp: now() + 600,
    scope: managementScopes()
      .map(({ value }) => value)
      .join(" "),
  });
  store.close();
  return signed;
}

function call(
  url: string,
  method: string,
  path: string,
  authorization: string,
  body?: object,
): Promise<{ status: number; body: string }> {
  const agent = new Agent({ ca: readFileSync(join(dir, "ca.pem")), keepAlive: false });
  const headers = { authorization, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v2${path}`, { method, agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on("error", reject);
    sent.end(body === undefined ? "" : JSON.stringify(body));
  });
}

suite("node tenant/main.mjs", () => {
  test("keeps every acknowledged write through kill -9, on the same port", async () => {
    const first = start("--port", String(await freePort()));
    const url = await first.ready;
    await ended(first.child, "SIGTERM");
    const authorization = `Bearer ${await token()}`;
    const written: string[] = [];
    for (const acknowledged of [1, 4, 9]) {
      const { child, ready } = start("--port", "0");
      expect(await ready).toBe(url);
      let seen = 0;
      // Killed between an acknowledgement and the writes that are still under way.
      const writes = Array.from({ length: 10 }, async (_, n) => {
        const name = `killed after ${acknowledged}, client ${n}`;
        const { status } = await call(url, "POST", "/clients", authorization, { name });
        if (status !== 201) return;
        written.push(name);
        seen += 1;
        if (seen === acknowledged) child.kill("SIGKILL");
      });
      await Promise.allSettled(writes);
      await ended(child, "SIGKILL");
    }
    const last = start("--port", "0");
    await last.ready;
    const { body } = await call(url, "GET", "/clients?per_page=100&fields=name", authorization);
    const kept = JSON.parse(body).map(({ name }: { name: string }) => name);
    expect(kept).toEqual(expect.arrayContaining(written));
    expect(written.length).toBeGreaterThanOrEqual(1 + 4 + 9);
    expect(new Set(kept).size).toBe(kept.length);
  });

  test("writes the owner's application for the owner only, and ends cleanly on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { child, ready, end } = start("--port", "0");
      const url = await ready;
      const file = join(dir, "management-client.json");
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
        domain: new URL(url).host,
        clientId: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        clientSecret: expect.stringMatching(/^[\w-]{64}$/),
      });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      child.kill(signal);
      expect(await end).toMatchObject({ code: 0 });
    }
  });

  test("refuses a folder that a live tenant has", async () => {
    await start("--port", "0").ready;
    const { code, output } = await start("--port", "0").end;
    expect(code).toBe(1);
    expect(output).toContain("is in use by another tenant process");
    expect(output).toContain("tvk tenant stop");
  });

  test("refuses another port than the one that the data belongs to", async () => {
    const first = start("--port", "0");
    const { port } = new URL(await first.ready);
    await ended(first.child, "SIGTERM");
    const other = String(Number(port) === 65_535 ? 65_534 : Number(port) + 1);
    const { code, output } = await start("--port", other).end;
    expect(code).toBe(1);
    expect(output).toContain(`belongs to port ${port}, not to port ${other}`);
    expect(output).toContain("tvk tenant reset");
  });

  test("refuses a port that something else has", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    const { code, output } = await start("--port", String(port)).end;
    expect(code).toBe(1);
    expect(output).toContain(`port ${port} is in use on 127.0.0.1`);
    blocker.close();
  });

  test("writes down what it answers where TVK_TENANT_EXCHANGES says, for its user alone, and says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tvk-written-"));
    const { child, ready, end } = startWith({ TVK_TENANT_EXCHANGES: folder }, "--port", "0");
    const url = await ready;
    await call(url, "GET", "/clients", "Bearer x");
    child.kill("SIGTERM");
    expect((await end).output).toContain(folder);
    const [file = ""] = readdirSync(folder);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    // As a kill in the middle of a write leaves it.
    appendFileSync(join(folder, file), '{"method":"GET"');
    const read = writtenExchanges(folder);
    const [exchange, ...others] = read();
    expect(others).toEqual([]);
    expect(exchange?.request).toMatchObject({ method: "GET", url: `${url}/api/v2/clients` });
    expect(await exchange?.response.json()).toMatchObject({ statusCode: 401 });
    expect(read()).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  test("writes nothing down without it, and refuses to where others than this machine reach it", async () => {
    const none = startWith({ TVK_TENANT_EXCHANGES: "" }, "--port", "0");
    await call(await none.ready, "GET", "/clients", "Bearer x");
    none.child.kill("SIGTERM");
    expect((await none.end).output).toMatch(/^tenant listening on \S+\n$/);
    const folder = mkdtempSync(join(tmpdir(), "tvk-written-"));
    const args = ["--port", "0", "--host", "0.0.0.0"];
    const { code, output } = await startWith({ TVK_TENANT_EXCHANGES: folder }, ...args).end;
    expect(code).toBe(1);
    expect(output).toContain("written exchanges are refused on 0.0.0.0");
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  test.each([[], ["--port", "x"], ["--port", "70000"], ["--nonsense"]])(
    "explains itself with exit code 2 when the arguments are %j",
    async (...args) => {
      const { code, output } = await start(...(args as string[])).end;
      expect(code).toBe(2);
      expect(output).toContain("usage: node tenant/main.mjs --dir DIR --port PORT");
    },
  );
});
