/** @module What a fetchUserProfile script can do, and how its failures read. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { runScript } from "../../../tenant/sandbox/run-script.ts";

let server: Server;
let url: string;
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] =
  [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = request.url ?? "";
    seen.push({ method: request.method ?? "", url: path, headers: request.headers, body });
    if (path.startsWith("/moved")) {
      response.writeHead(302, { location: "/me" }).end();
    } else if (path === "/text") {
      response.end("not JSON");
    } else if (path === "/slow") {
      setTimeout(() => response.end("{}"), 3000).unref();
    } else if (path === "/bytes") {
      response.end(Buffer.from([0, 255, 128]));
    } else {
      response.writeHead(path === "/401" ? 401 : 200, {
        "content-type": "application/json",
        "x-test": "yes",
      });
      response.end(JSON.stringify({ user_id: 42, name: "Zoë", method: request.method }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = (
  script: string,
  options: { timeoutMs?: number; onLog?: (line: { text: string }) => void } = {},
) =>
  runScript({
    script,
    accessToken: "the-token",
    context: { id_token: "a.b.c", scope: "x" },
    ...options,
  });

/** The value of an expression inside the sandbox. */
const value = async (expression: string) =>
  (await run(`async function (token, ctx, cb) { cb(null, { value: await (${expression}) }) }`))[
    "value"
  ];

// parity: script `fetchUserProfile` | docs: oauth2 connections
suite("runScript(), how a script is called", () => {
  test.each([
    ["a named function", "function fetchUserProfile(a, b, cb) { cb(null, { user_id: 1 }) }"],
    ["another name", "function anything(a, b, cb) { cb(null, { user_id: 1 }) }"],
    ["an anonymous function", "function (a, b, cb) { cb(null, { user_id: 1 }) }"],
    ["an arrow function", "(a, b, cb) => cb(null, { user_id: 1 })"],
    ["an async function", "async (a, b, cb) => { await null; cb(null, { user_id: 1 }) }"],
    ["comments around it", "// one\nfunction f(a, b, cb) { cb(null, { user_id: 1 }) } // two"],
    ["a semicolon after it", "function f(a, b, cb) { cb(null, { user_id: 1 }) };\n"],
    [
      "statements before it",
      "const id = 1;\nfunction fetchUserProfile(a, b, cb) { cb(null, { user_id: id }) }",
    ],
    [
      "a callback that comes later",
      "(a, b, cb) => { setTimeout(() => cb(null, { user_id: 1 }), 20) }",
    ],
  ])("takes %s", async (_name, script) => {
    expect(await run(script)).toEqual({ user_id: 1 });
  });

  test("hands over the access token and the provider's whole answer", async () => {
    const script = "(token, ctx, cb) => cb(null, { user_id: token, ctx })";
    expect(await run(script)).toEqual({
      user_id: "the-token",
      ctx: { id_token: "a.b.c", scope: "x" },
    });
  });

  test("takes the first call of the callback only", async () => {
    const script =
      "(a, b, cb) => { cb(null, { user_id: 1 }); cb(new Error('late')); cb(null, { user_id: 2 }) }";
    expect(await run(script)).toEqual({ user_id: 1 });
  });

  test("keeps nothing from one run to the next", async () => {
    await run("(a, b, cb) => { global.kept = 1; Array.prototype.kept = 1; cb(null, {}) }");
    expect(await value("typeof kept + typeof [].kept")).toBe("undefinedundefined");
  });
});

// parity: script `fetchUserProfile` | (inferred)
suite("runScript(), failures", () => {
  test.each([
    ["an error called back", "(a, b, cb) => cb(new Error('no such user'))", "no such user"],
    ["text called back", "(a, b, cb) => cb('plain text')", "plain text"],
    ["an object called back", "(a, b, cb) => cb({ message: 'from an object' })", "from an object"],
    ["an error thrown", "() => { throw new TypeError('thrown') }", "thrown"],
    [
      "an error thrown later",
      "() => { setTimeout(() => { throw new Error('later') }, 5) }",
      "later",
    ],
    ["a rejected promise", "async () => { throw new Error('rejected') }", "rejected"],
    ["a rejection nobody waits for", "() => { Promise.reject(new Error('floating')) }", "floating"],
    ["a script that is no JavaScript", "function (", "the script can't be read: SyntaxError"],
    ["a script that is no function", "42", "the script must be a function"],
    ["a script that never calls back", "() => {}", "ended without calling back"],
    [
      "a profile that can't be text",
      "(a, b, cb) => { const p = {}; p.p = p; cb(null, p) }",
      "circular",
    ],
    ["a profile that is a list", "(a, b, cb) => cb(null, [1])", "not an object"],
    [
      "what upstream answers when it is not JSON",
      "(a, b, cb) => cb(null, JSON.parse('Too many'))",
      "Unexpected token",
    ],
  ])("reports %s", async (_name, script, message) => {
    await expect(run(script)).rejects.toThrow(message);
  });

  test("ends a script that takes too long, waiting or busy", async () => {
    await expect(run("() => { setTimeout(() => {}, 60000) }", { timeoutMs: 300 })).rejects.toThrow(
      "longer than 300 ms",
    );
    await expect(run("() => { for (;;); }", { timeoutMs: 300 })).rejects.toThrow(
      "longer than 300 ms",
    );
  });

  test("ends a script that fills its memory, with objects or with bytes", async () => {
    const objects = "() => { const all = []; for (;;) all.push(new Array(1000).fill({})) }";
    await expect(run(objects)).rejects.toThrow("memory");
    if (process.platform !== "linux") return;
    const bytes = "() => { const all = []; for (;;) all.push(Buffer.alloc(1e7, 1)) }";
    await expect(run(bytes)).rejects.toThrow("memory");
  });

  test("runs many scripts at once", async () => {
    const all = Array.from({ length: 6 }, (_, n) =>
      run(`(a, b, cb) => cb(null, { user_id: ${n} })`),
    );
    expect((await Promise.all(all)).map((profile) => profile["user_id"])).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });
});

// parity: script: `request` | docs: oauth2 connections; the request package
suite("runScript(), request", () => {
  const call = (text: string) =>
    run(`(a, b, cb) => { ${text.replaceAll("URL_", url)} }`) as Promise<Record<string, unknown>>;
  const done =
    "(e, r, body) => e ? cb(e) : cb(null, { status: r.statusCode, headers: r.headers, body })";

  test("gets JSON with the token, as the tutorial's script does", async () => {
    const profile = await run(`function fetchUserProfile(accessToken, ctx, cb) {
      request.get(
        { url: '${url}/me', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
        function (err, _res, body) { if (err) return cb(err); cb(null, { user_id: body.user_id, name: body.name }); }
      );
    }`);
    expect(profile).toEqual({ user_id: 42, name: "Zoë" });
    expect(seen.at(-1)?.headers).toMatchObject({
      authorization: "Bearer the-token",
      accept: "application/json",
      "user-agent": "token-vault-kit-tenant",
    });
  });

  test("gives the body as text without json, and leaves what is no JSON as text", async () => {
    expect((await call(`request('URL_/me', ${done})`))["body"]).toMatch(/^\{"user_id":42/);
    expect((await call(`request({ uri: 'URL_/text', json: true }, ${done})`))["body"]).toBe(
      "not JSON",
    );
  });

  test("gives status and headers of an error answer", async () => {
    const answer = await call(`request.get('URL_/401', { json: true }, ${done})`);
    expect(answer).toMatchObject({ status: 401, headers: { "x-test": "yes" } });
  });

  test.each([
    [
      "form",
      "form: { a: 'b c', d: ['1', '2'] }",
      "a=b%20c&d=1&d=2",
      "application/x-www-form-urlencoded",
    ],
    ["json", "json: { a: 1 }", '{"a":1}', "application/json"],
    ["body and json", "body: { a: 2 }, json: true", '{"a":2}', "application/json"],
    ["body", "body: 'raw', headers: { 'Content-Type': 'text/x' }", "raw", "text/x"],
  ])("posts %s", async (_name, options, body, type) => {
    await call(`request.post({ url: 'URL_/me', ${options} }, ${done})`);
    expect(seen.at(-1)).toMatchObject({ method: "POST", body });
    expect(seen.at(-1)?.headers["content-type"]).toBe(type);
  });

  test("adds qs, auth and the base of the URL", async () => {
    await call(
      `request({ baseUrl: 'URL_/api/', url: '/me', qs: { a: '1 2', b: [3, 4] }, auth: { user: 'u', pass: 'p' } }, ${done})`,
    );
    expect(seen.at(-1)).toMatchObject({ url: "/api/me?a=1+2&b=3&b=4" });
    expect(seen.at(-1)?.headers.authorization).toBe(`Basic ${btoa("u:p")}`);
    await call(`request({ url: 'URL_/me', auth: { bearer: 't' } }, ${done})`);
    expect(seen.at(-1)?.headers.authorization).toBe("Bearer t");
  });

  test("follows redirects of GET, and none of POST", async () => {
    expect((await call(`request('URL_/moved', ${done})`))["status"]).toBe(200);
    expect((await call(`request.post('URL_/moved', ${done})`))["status"]).toBe(302);
    expect(
      (await call(`request({ url: 'URL_/moved', followRedirect: false }, ${done})`))["status"],
    ).toBe(302);
  });

  test("keeps defaults and gives bytes with encoding null", async () => {
    const answer = await call(
      `request.defaults({ encoding: null, headers: { 'X-A': '1' } }).get('URL_/bytes', (e, r, body) => cb(null, { hex: body.toString('hex') }))`,
    );
    expect(answer["hex"]).toBe("00ff80");
    expect(seen.at(-1)?.headers["x-a"]).toBe("1");
  });

  test("calls back with an error that has Node's code, and with ETIMEDOUT", async () => {
    const codeOf = (options: string) =>
      call(`request(${options}, (e) => cb(null, { code: e.code }))`);
    expect(await codeOf("'http://127.0.0.1:1/'")).toEqual({ code: "ECONNREFUSED" });
    expect(await codeOf("{ url: 'URL_/slow', timeout: 200 }")).toEqual({ code: "ETIMEDOUT" });
  });

  test("names an option in the log that has no effect", async () => {
    const lines: string[] = [];
    await run(`(a, b, cb) => request({ url: '${url}/me', proxy: 'http://x' }, (e) => cb(e, {}))`, {
      onLog: ({ text }) => lines.push(text),
    });
    expect(lines).toEqual(['request: the option "proxy" has no effect in this tenant']);
  });
});

// parity: script: what it has | docs: rules and scripts environment; (inferred)
suite("runScript(), fetch and the rest of the realm", () => {
  test("fetches with headers, a form body and JSON", async () => {
    const code = `fetch('${url}/me', { method: 'POST', headers: { 'X-B': '2' }, body: new URLSearchParams({ a: '1' }) }).then(async (r) => [r.status, r.ok, r.headers.get('X-Test'), (await r.json()).name])`;
    expect(await value(code)).toEqual([200, true, "yes", "Zoë"]);
    expect(seen.at(-1)).toMatchObject({ method: "POST", body: "a=1" });
    expect(seen.at(-1)?.headers).toMatchObject({
      "x-b": "2",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    });
  });

  test("rejects what can't be reached, and what was aborted", async () => {
    expect(
      await value(`fetch('http://127.0.0.1:1/').catch((e) => e.message + '/' + e.cause.code)`),
    ).toBe("fetch failed/ECONNREFUSED");
    const aborted = `fetch('${url}/slow', { signal: AbortSignal.timeout(50) }).catch((e) => e.name)`;
    expect(await value(aborted)).toBe("TimeoutError");
  });

  test("does not follow a redirect when told so", async () => {
    expect(await value(`fetch('${url}/moved', { redirect: 'manual' }).then((r) => r.status)`)).toBe(
      302,
    );
  });

  test.each([
    ["Buffer.from('héllo').toString('base64')", "aMOpbGxv"],
    ["Buffer.from('aMOpbGxv', 'base64').toString()", "héllo"],
    ["Buffer.from('ff00', 'hex').length", 2],
    ["Buffer.concat([Buffer.from('a'), Buffer.from('b')]).toString()", "ab"],
    ["Buffer.byteLength('é')", 2],
    ["atob(btoa('abc'))", "abc"],
    ["new TextDecoder().decode(new TextEncoder().encode('ü'))", "ü"],
    ["new URL('/b?c=d#e', 'https://u:p@a.test:8443/x').href", "https://u:p@a.test:8443/b?c=d#e"],
    ["new URL('https://a.test/?q=1&q=2').searchParams.getAll('q').join()", "1,2"],
    [
      "(() => { const u = new URL('https://a.test/'); u.searchParams.set('x', 'y z'); u.hash = 'h'; return u.href })()",
      "https://a.test/?x=y+z#h",
    ],
    ["URL.canParse('nonsense')", false],
    ["[...new URLSearchParams('a=1&b=2')].flat().join()", "a,1,b,2"],
    [
      "require('crypto').createHash('sha256').update('abc').digest('hex').slice(0, 16)",
      "ba7816bf8f01cfea",
    ],
    [
      "require('node:crypto').createHmac('sha256', 'key').update('data').digest('base64url')",
      "UDH-PZicbRU3oBP6bnOdojRj_a7DtwE32Cjjas4iG9A",
    ],
    ["require('crypto').randomUUID().length", 36],
    ["require('querystring').stringify({ a: 'b c', d: [1, 2] })", "a=b%20c&d=1&d=2"],
    ["require('url').parse('https://u@a.test:1/p?q#h').path", "/p?q"],
    ["require('util').format('%s is %d', 'x', 5)", "x is 5"],
    ["require('jsonwebtoken').decode('e30.eyJzdWIiOiJ4In0.s').sub", "x"],
    ["require('buffer').Buffer === Buffer", true],
    ["require('request') === request", true],
  ])("has %s", async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test("names the modules that it has when one is required that it lacks", async () => {
    await expect(value("require('lodash')")).rejects.toThrow(
      "Cannot find module 'lodash': this sandbox has buffer, crypto, jsonwebtoken, querystring, request, url, util",
    );
  });

  test("writes the console to the tenant's log, up to a limit", async () => {
    const lines: string[] = [];
    const script =
      "(a, b, cb) => { console.log('%s!', 'hi', { a: 1 }); for (let n = 0; n < 500; n++) console.error(n); cb(null, {}) }";
    await run(script, { onLog: ({ text }) => lines.push(text) });
    expect(lines[0]).toBe('hi! {"a":1}');
    expect(lines).toHaveLength(200);
  });
});
