/** @module Requests that the tenant sends: the network rule, redirects and limits. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, suite, test } from "vitest";
import { outbound } from "../../../tenant/upstream/outbound.ts";

let servers: Server[];
let one: string;
let two: string;
let seen: {
  server: string;
  method: string;
  path: string;
  headers: Record<string, unknown>;
  body: string;
}[];

beforeAll(async () => {
  servers = [];
  const open = async (name: string) => {
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const path = request.url ?? "";
      seen.push({
        server: name,
        method: request.method ?? "",
        path,
        headers: { ...request.headers },
        body,
      });
      const { searchParams } = new URL(path, "http://x");
      const to = searchParams.get("to");
      if (to !== null) {
        response.writeHead(Number(searchParams.get("status") ?? 302), { location: to }).end();
      } else if (path === "/gzip") {
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unzipped"));
      } else if (path === "/bomb") {
        response
          .writeHead(200, { "content-encoding": "gzip" })
          .end(gzipSync(Buffer.alloc(50_000_000)));
      } else if (path === "/endless") {
        const more = () => response.write(Buffer.alloc(65_536)) && setImmediate(more);
        response.on("drain", more).on("error", () => {});
        more();
      } else if (path !== "/silent") {
        response.end("answer");
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  one = await open("one");
  two = await open("two");
});
beforeEach(() => {
  seen = [];
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const credentials = [
  ["Authorization", "Bearer secret"],
  ["Cookie", "a=b"],
  ["X-Other", "kept"],
] as const;
const redirectTo = (target: string, status = 302) =>
  `${one}/?status=${status}&to=${encodeURIComponent(target)}`;

// parity: requests to a provider | (inferred)
suite("outbound()", () => {
  test.each(["file:///etc/hostname", "ftp://127.0.0.1/", "data:text/plain,x", "nonsense"])(
    "sends nothing to %s",
    async (url) => {
      await expect(outbound({ url })).rejects.toMatchObject({
        code: expect.stringMatching(/REFUSED_SCHEME|INVALID_URL/),
      });
    },
  );

  test.each([
    "http://169.254.0.1/",
    "http://[fe80::abcd]/",
    "http://2852039166/",
    "http://[::ffff:a9fe:1]/",
  ])("connects to no link-local address: %s", async (url) => {
    await expect(outbound({ url })).rejects.toMatchObject({ code: "REFUSED_ADDRESS" });
  });

  test("allows loopback by address and by name: the provider may run on this machine", async () => {
    expect((await outbound({ url: one })).status).toBe(200);
    expect((await outbound({ url: one.replace("127.0.0.1", "localhost") })).status).toBe(200);
  });

  test("answers with a redirect when none is to be followed", async () => {
    expect((await outbound({ url: redirectTo(two) })).status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  test("keeps credentials at the same origin, and drops them at another", async () => {
    await outbound({ url: redirectTo(`${one}/next`), headers: credentials, maxRedirects: 3 });
    expect(seen[1]?.headers).toMatchObject({ authorization: "Bearer secret", cookie: "a=b" });
    seen = [];
    await outbound({ url: redirectTo(`${two}/next`), headers: credentials, maxRedirects: 3 });
    expect(seen[1]).toMatchObject({ server: "two", headers: { "x-other": "kept" } });
    expect(seen[1]?.headers).not.toHaveProperty("authorization");
    expect(seen[1]?.headers).not.toHaveProperty("cookie");
  });

  test.each([
    [301, "GET", ""],
    [302, "GET", ""],
    [303, "GET", ""],
    [307, "POST", "form"],
    [308, "POST", "form"],
  ])("follows %s of a POST with %s", async (status, method, body) => {
    const request = { method: "POST", body: Buffer.from("form"), maxRedirects: 1 };
    await outbound({ url: redirectTo(`${one}/next`, status), ...request });
    expect(seen[1]).toMatchObject({ method, body });
  });

  test("checks each redirect's target, and ends a circle", async () => {
    const metadata = outbound({ url: redirectTo("http://169.254.169.254/"), maxRedirects: 5 });
    await expect(metadata).rejects.toMatchObject({ code: "REFUSED_ADDRESS" });
    const file = outbound({ url: redirectTo("file:///etc/hostname"), maxRedirects: 5 });
    await expect(file).rejects.toMatchObject({ code: "REFUSED_SCHEME" });
    const circle = outbound({ url: redirectTo("?to=%3Fto%3D%252F"), maxRedirects: 1 });
    await expect(circle).rejects.toMatchObject({ code: "TOO_MANY_REDIRECTS" });
  });

  test("ends a body that is too large, also one that grows when it is unpacked", async () => {
    await expect(outbound({ url: `${one}/endless` })).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(outbound({ url: `${one}/bomb` })).rejects.toThrow();
    expect(Buffer.from((await outbound({ url: `${one}/gzip` })).body).toString()).toBe("unzipped");
  });

  test("ends a server that says nothing", async () => {
    const silent = outbound({ url: `${one}/silent`, timeoutMs: 200 });
    await expect(silent).rejects.toMatchObject({ code: "TIMEOUT" });
  });
});
