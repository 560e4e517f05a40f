/** @module Tricks by which a script tries to leave its sandbox. None may. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { runScript, sandboxFlags } from "../../../tenant/sandbox/run-script.ts";

/** What every trick that works can get: the process, or a constructor that builds code outside. */
const loot = "typeof process === 'object' ? 'escaped' : 'kept'";

let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tvk-escape-"));
  writeFileSync(join(folder, "secret.txt"), "the secret");
  server = createServer((request, response) => {
    const to = new URL(request.url ?? "", "http://x").searchParams.get("to");
    if (to === null) response.end("{}");
    else response.writeHead(302, { location: to }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs statements that may return a value or a promise; a failure is the value "refused: …". */
async function attempt(statements: string): Promise<unknown> {
  const script = `async function (token, ctx, cb) {
    const trick = async () => { ${statements} };
    const result = await trick().then((value) => String(value), (error) => 'refused: ' + error);
    cb(null, { result });
  }`;
  try {
    return (await runScript({ script, accessToken: "t", context: {}, timeoutMs: 10_000 }))[
      "result"
    ];
  } catch (error) {
    return `ended: ${error instanceof Error ? error.message : error}`;
  }
}

const refused = expect.stringMatching(/^(refused|ended|kept|undefined)/);

// parity: script: escapes | (inferred)
suite("a script can't leave its realm", () => {
  test.each([
    ["the global's constructor", `return globalThis.constructor.constructor("return ${loot}")()`],
    [
      "this of a sloppy function",
      `return (function () { return this.constructor.constructor("return ${loot}")() })()`,
    ],
    ["the constructor of request", `return request.constructor("return ${loot}")()`],
    ["the constructor of a callback", `return fetch.constructor("return ${loot}")()`],
    ["the constructor of console.log", `return console.log.constructor("return ${loot}")()`],
    ["the constructor of Buffer", `return Buffer.constructor("return ${loot}")()`],
    [
      "the constructor of a URL",
      `return new URL('http://a').constructor.constructor("return ${loot}")()`,
    ],
    ["an async function's constructor", `return (async () => {}).constructor("return ${loot}")()`],
    [
      "a generator's constructor",
      `return (function* () {}).constructor("return ${loot}")().next().value`,
    ],
    ["indirect eval", `return (0, eval)("${loot}")`],
    [
      "an error of a failed import",
      `const e = await import('node:fs').catch((error) => error); return e.constructor.constructor("return ${loot}")()`,
    ],
    [
      "a stack overflow inside the bridge",
      `let got; const dig = () => { try { dig() } catch (e) { try { new URL('http://a') } catch (inner) { got = inner } throw e } };
       try { dig() } catch (e) { got ??= e } return got.constructor.constructor("return ${loot}")()`,
    ],
    [
      "call sites of a stack trace",
      `Error.prepareStackTrace = (_, sites) => sites; let found = 'kept';
       for (const site of new Error().stack) {
         for (const take of [() => site.getThis(), () => site.getFunction()]) {
           const it = take(); if (it && it !== globalThis && it.constructor) found = it.constructor.constructor("return ${loot}")();
         }
       } return found`,
    ],
    [
      "the caller of a called back function",
      `let caller; const f = function () { caller = f.caller }; new URLSearchParams('a=1').forEach(f); return caller === null ? 'kept' : 'escaped'`,
    ],
    [
      "a proxy as the profile",
      `return Reflect.ownKeys(new Proxy({}, { ownKeys() { return Object.keys(globalThis).includes('process') ? ['escaped'] : ['kept'] } }))[0]`,
    ],
    [
      "an overwritten JSON.stringify that waits for the bridge",
      `let stolen; const real = JSON.stringify; JSON.stringify = function (v) { stolen = JSON.stringify.caller; return real(v) };
       try { new URL('http://a') } finally { JSON.stringify = real } return stolen ? 'escaped' : 'kept'`,
    ],
    [
      "a polluted Object.prototype",
      `let got = 'kept'; Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { if (this && this.binding) got = 'escaped'; return undefined } });
       await null; new URL('http://a'); delete Object.prototype.then; return got`,
    ],
    [
      "a shared array buffer",
      "return typeof SharedArrayBuffer + typeof WebAssembly + typeof Atomics",
    ],
    ["process by name", `return ${loot}`],
    ["require of the file system", "return require('fs')"],
    ["require of child processes", "return require('node:child_process')"],
    ["require of a path", "return require('./child.ts')"],
    ["a static import in a string", `return (0, eval)("import fs from 'node:fs'")`],
    [
      "node's own globals",
      "return typeof module + typeof exports + typeof __filename + typeof setInterval.constructor('return process')",
    ],
  ])("by %s", async (_name, statements) => {
    const result = await attempt(statements);
    expect(String(result)).not.toContain("escaped");
    expect(String(result)).not.toContain("[object process]");
  });

  test("and sees no more of the tenant than its two arguments", async () => {
    const names = await attempt("return Object.getOwnPropertyNames(globalThis).sort().join()");
    for (const name of [
      "process",
      "module",
      "exports",
      "host",
      "guest",
      "__dirname",
      "WebSocket",
    ]) {
      expect(String(names).split(",")).not.toContain(name);
    }
  });
});

// parity: script: escapes | (inferred)
suite("a script that left its realm finds nothing", () => {
  /** The strongest thing a script can hold: a function of the outer realm, from a failed import. */
  const outside =
    "const leak = await import('node:fs').catch((error) => error); const F = leak.constructor.constructor;";

  test.each([
    ["build code", `${outside} return F("return 1")()`],
    [
      "build async code",
      `${outside} return Object.getPrototypeOf(async function () {}).constructor === F ? 'same' : F("return import('node:fs')")()`,
    ],
    [
      "change the outer prototypes",
      `${outside} F.prototype.call = () => 'escaped'; return F.prototype.call === undefined`,
    ],
    [
      "set a trap on outer stack traces",
      `${outside} const E = Object.getPrototypeOf(leak.constructor); E.prepareStackTrace = () => 'escaped'; return E.prepareStackTrace ? 'escaped' : 'kept'`,
    ],
  ])("to %s", async (_name, statements) => {
    expect(await attempt(`'use strict'; ${statements}`)).toEqual(refused);
  });
});

// parity: script: its process | (inferred)
suite("the process itself", () => {
  const inside = (code: string) =>
    spawnSync(process.execPath, [...sandboxFlags, "-"], { input: code, env: {}, encoding: "utf8" });

  test.each([
    ["reads no file", "require('fs').readFileSync('/etc/hostname')"],
    ["lists no folder", "require('fs').readdirSync('/')"],
    ["writes no file", "require('fs').writeFileSync('tvk-escape', 'x')"],
    ["starts no process", "require('child_process').spawnSync('true')"],
    ["starts no worker", "new (require('worker_threads').Worker)('1', { eval: true })"],
    ["loads no addon", "process.dlopen({ exports: {} }, './x.node')"],
    ["builds no code from text", "new Function('return 1')()"],
  ])("%s, even with all of Node at hand", (_name, code) => {
    const { status, stderr } = inside(code);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|EvalError/);
  });

  test("has an empty environment", () => {
    expect(inside("console.log(JSON.stringify(process.env))").stdout.trim()).toBe("{}");
  });
});

// parity: script: escapes | (inferred)
suite("a script reaches no file, no process and no metadata address", () => {
  test.each([
    ["file:", (path: string) => `file://${path}`],
    ["data:", () => "data:text/plain,secret"],
    ["ftp:", () => "ftp://127.0.0.1/"],
  ])("over %s", async (_name, target) => {
    const path = join(folder, "secret.txt");
    expect(existsSync(path)).toBe(true);
    const result = await attempt(`return (await fetch(${JSON.stringify(target(path))})).text()`);
    expect(result).toEqual(refused);
  });

  test.each([
    ["its dotted form", "http://169.254.169.254/latest/meta-data/"],
    ["its decimal form", "http://2852039166/"],
    ["its hexadecimal form", "http://0xA9.0xFE.0xA9.0xFE/"],
    ["its octal form", "http://0251.0376.0251.0376/"],
    ["its IPv6 form", "http://[::ffff:169.254.169.254]/"],
    ["its IPv6 form in hexadecimal", "http://[::ffff:a9fe:a9fe]/"],
    ["IPv6 link-local", "http://[fe80::1]/"],
    ["another cloud's address", "http://100.100.100.200/"],
    ["an IPv6 metadata address", "http://[fd00:ec2::254]/"],
  ])("by %s", async (_name, target) => {
    const result = await attempt(
      `return fetch('${target}').then(() => 'escaped', (e) => 'refused: ' + e.cause.code)`,
    );
    expect(result).toBe("refused: REFUSED_ADDRESS");
  });

  test("by a redirect", async () => {
    const target = `${url}/?to=${encodeURIComponent("http://169.254.169.254/")}`;
    const result = await attempt(
      `return new Promise((done) => request('${target}', (e) => done('refused: ' + e.code)))`,
    );
    expect(result).toBe("refused: REFUSED_ADDRESS");
  });

  test("with more than its share of requests", async () => {
    const many = `for (let n = 0; n < 60; n++) await fetch('${url}'); return 'escaped'`;
    expect(await attempt(many)).toEqual(expect.stringContaining("more than 50 requests"));
  });
});
